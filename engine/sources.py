"""Read YAML with places: every value knows its file, line and column.

PyYAML's C parser gives the node tree; this module turns it into plain values,
refuses duplicate keys, anchors and tags other than YAML's own, and remembers
where each value stood (docs/decisions/0003-yaml.md).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from engine.errors import Problem

__all__ = ["Located", "parse_rows"]

Model = TypeVar("Model", bound=BaseModel)
Path_ = tuple[str | int, ...]

_PLAIN: dict[str, Callable[[str], Any]] = {
    "tag:yaml.org,2002:str": str,
    # No key of a pack holds a number: 119 in a list of phrases is what people write.
    "tag:yaml.org,2002:int": str,
    "tag:yaml.org,2002:float": str,
    "tag:yaml.org,2002:bool": lambda value: value.lower() in ("true", "yes", "on"),
    "tag:yaml.org,2002:null": lambda _: None,
}


class Located:
    """A YAML document as plain values, with the place of each."""

    def __init__(self, path: Path, shown: str) -> None:
        self.file = shown
        self.value: Any = None
        self.problems: list[Problem] = []
        self._places: dict[Path_, tuple[int, int]] = {}
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            self.problems.append(Problem(shown, 0, 0, "ZB001", f"不是 UTF-8 文本（第 {error.start} 字节）；请另存为 UTF-8"))
            return
        except OSError as error:
            self.problems.append(Problem(shown, 0, 0, "ZB001", f"无法读取：{error.strerror}"))
            return
        try:
            root = yaml.compose(text, Loader=yaml.CSafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
            what = getattr(error, "problem", None) or str(error)
            self.problems.append(Problem(shown, line, column, "ZB002", f"YAML 写法有误：{what}"))
            return
        self.value = None if root is None else self._build(root, ())

    def place(self, path: Path_) -> tuple[int, int]:
        """The 1-based line and column of the value at `path`, or of the nearest parent."""
        while path and path not in self._places:
            path = path[:-1]
        return self._places.get(path, (0, 0))

    def problem(self, path: Path_, code: str, message: str, severity: str = "error") -> Problem:
        """A problem at the value's place."""
        line, column = self.place(path)
        return Problem(self.file, line, column, code, message, severity)

    def _build(self, node: yaml.Node, path: Path_) -> Any:
        self._places[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if isinstance(node, yaml.ScalarNode):
            convert = _PLAIN.get(node.tag)
            if convert is None:
                self.problems.append(self.problem(path, "ZB003", f"不接受 YAML 标签 {node.tag}"))
                return None
            return convert(node.value)
        if isinstance(node, yaml.SequenceNode):
            return [self._build(child, (*path, i)) for i, child in enumerate(node.value)]
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in built:
                line, column = key_node.start_mark.line + 1, key_node.start_mark.column + 1
                self.problems.append(Problem(self.file, line, column, "ZB004", f"键「{key}」重复"))
            built[key] = self._build(value_node, (*path, key))
        return built


_SAID = {
    "extra_forbidden": "不认识的键",
    "missing": "缺少这个键",
    "string_type": "应为文字",
    "tuple_type": "应为列表",
    "list_type": "应为列表",
    "dict_type": "应为键值",
    "bool_type": "应为 true 或 false",
    "int_type": "应为整数",
    "string_pattern_mismatch": "写法不合要求",
    "string_too_short": "不能为空",
    "string_too_long": "太长",
    "too_short": "至少要一项",
    "literal_error": "取值不在允许之列",
    "model_type": "应为键值",
    "model_attributes_type": "应为键值",
}


def _add_places(document: Located, value: Any, path: Path_, nested: Sequence[str]) -> Any:
    if isinstance(value, list):
        return [_add_places(document, child, (*path, i), nested) for i, child in enumerate(value)]
    if isinstance(value, dict):
        line, column = document.place(path)
        filled = dict(value)
        for key in nested:
            if isinstance(filled.get(key), list):
                filled[key] = _add_places(document, filled[key], (*path, key), ())
        if "place" in filled:
            document.problems.append(document.problem((*path, "place"), "ZB005", "不认识的键：place"))
        filled["place"] = {"file": document.file, "line": line, "column": column}
        return filled
    return value


def parse_rows(document: Located, model: type[Model], nested: Sequence[str] = ()) -> list[Model]:
    """Validate a document that is a list of rows of one model.

    Args:
        document: The YAML file; problems found are added to its `problems`.
        model: The row's model; it has a `place` field, filled in here.
        nested: Keys of a row whose list entries have a `place` of their own.

    Returns:
        The rows that are valid, in order; the others are in `document.problems`.
    """
    if document.value is None:
        return []
    if not isinstance(document.value, list):
        document.problems.append(document.problem((), "ZB006", "文件最外层应为列表"))
        return []
    rows: list[Model] = []
    for i, value in enumerate(document.value):
        filled = _add_places(document, value, (i,), nested)
        try:
            rows.append(model.model_validate_json(json.dumps(filled)))
        except ValidationError as error:
            document.problems.extend(_problems(document, i, error))
    return rows


def _problems(document: Located, row: int, error: ValidationError) -> list[Problem]:
    found: dict[tuple[int, int, str], Problem] = {}
    for fault in error.errors():
        path: Path_ = (row, *(part for part in fault["loc"] if isinstance(part, int) or part.isidentifier()))
        named = [str(part) for part in fault["loc"] if isinstance(part, str) and part.isidentifier()]
        said = _SAID.get(fault["type"], fault["msg"])
        problem = document.problem(path, "ZB010", f"「{'.'.join(named)}」{said}")
        found.setdefault((problem.line, problem.column, said), problem)
    return list(found.values())
