"""A task's data as rows: the same for csv, jsonl, workbooks, databases and Arrow.

What cannot be read stays in the row as far as it can be kept, with the fault
in `errors`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from engine.batch.tables import PartInfo, Task, cell_text
from engine.batch.textparts import parse_csv

__all__ = ["Rows", "read_task"]


@dataclass(slots=True)
class Rows:
    """Rows of one task.

    Attributes:
        cells: One list for each row, in the order of the part's columns; empty for jsonl.
        objects: For jsonl, the row's object, or None where the line is broken.
        raw: For jsonl, the line as it stands in the file.
        errors: Faults by position of the row.
        batch: For Arrow, the record batch itself.
        lines: The line, or row of the sheet, that each row starts on, where known.
    """

    cells: list[list[Any]] = field(default_factory=list)
    objects: list[dict[str, Any] | None] | None = None
    raw: list[str] | None = None
    errors: dict[int, str] = field(default_factory=dict)
    batch: Any = None
    lines: list[int] | None = None

    def __len__(self) -> int:
        if self.batch is not None:
            return int(self.batch.num_rows)
        return len(self.objects) if self.objects is not None else len(self.cells)

    def column(self, position: int, info: PartInfo) -> list[Any]:
        """One column's values, None where a row lacks it."""
        if self.batch is not None and not self.cells:
            values: list[Any] = self.batch.column(position).to_pylist()
            return values
        if self.objects is not None:
            name = info.columns[position]
            return [row.get(name) if row is not None else None for row in self.objects]
        return [row[position] for row in self.cells]

    def texts(self, info: PartInfo) -> list[Any]:
        """What is routed: the text column, or the title and the content joined."""
        first, *others = [self.column(position, info) for position in info.text.positions]
        if not others:
            return [_as_text(value) for value in first]
        joined = []
        for values in zip(first, *others, strict=True):
            parts = [str(_as_text(value)).strip() for value in values if value not in (None, "")]
            joined.append("。".join(dict.fromkeys(part for part in parts if part)) or None)
        return joined


def _as_text(value: object) -> object:
    """Numbers in a text column are texts that a spreadsheet took for numbers."""
    return value if value is None or isinstance(value, (str, dict, list)) else cell_text(value)


def read_task(task: Task, info: PartInfo) -> Rows:
    """The rows of a task."""
    if info.form == "csv":
        return _csv(task, info)
    if info.form == "jsonl":
        return _jsonl(task, info)
    if info.form == "arrow":
        from engine.batch.arrow import read_batch

        return Rows(batch=read_batch(task.data))
    return Rows(cells=task.data, lines=task.lines)


def _decode(data: bytes, encoding: str) -> tuple[str, bool]:
    """Text of a task, and whether every byte was understood."""
    name = "utf-8" if encoding.startswith("utf-") else encoding
    try:
        return data.decode(name), True
    except UnicodeDecodeError:
        pass
    # Exports glued together from several systems: line by line, each in the encoding that reads it.
    other = "gb18030" if name == "utf-8" else "utf-8"
    lines = []
    for line in data.split(b"\n"):
        for codec in (name, other):
            try:
                lines.append(line.decode(codec))
                break
            except UnicodeDecodeError:
                continue
        else:
            lines.append(line.decode(name, "replace"))
    return "\n".join(lines), False


def _place(info: PartInfo, line: int) -> str:
    return f"{info.name}:{line}"


def _csv(task: Task, info: PartInfo) -> Rows:
    text, sound = _decode(task.data, info.encoding)
    lines: list[int] = []
    rows = Rows(lines=lines)
    width = len(info.columns)
    line = task.line
    for start, row in parse_csv(text, info.delimiter):
        line = task.line + start
        if len(row) != width:
            if len(row) > width:
                over = [cell for cell in row[width:] if cell]
                if over:
                    fault = f"有 {len(row)} 列，表头只有 {width} 列，多出：{'｜'.join(over)}"
                    rows.errors[len(rows.cells)] = f"{_place(info, line)} {fault}"
                row = row[:width]
            else:
                row.extend([""] * (width - len(row)))
        if not sound and any("\ufffd" in cell for cell in row):
            rows.errors[len(rows.cells)] = f"{_place(info, line)} 含有无法解码的字节"
        rows.cells.append(row)
        lines.append(line)
    if task.ended_in_quotes and rows.cells:
        rows.errors[len(rows.cells) - 1] = f"{_place(info, line)} 起引号没有闭合，直到文件结束"
    return rows


def _jsonl(task: Task, info: PartInfo) -> Rows:
    text, sound = _decode(task.data, info.encoding)
    objects: list[dict[str, Any] | None] = []
    raw: list[str] = []
    lines: list[int] = []
    rows = Rows(objects=objects, raw=raw, lines=lines)
    for number, line in enumerate(text.split("\n")):
        kept = line.strip("\r \t\ufeff")
        if not kept:
            continue
        place = _place(info, task.line + number)
        value: object = None
        try:
            value = json.loads(kept)
        except RecursionError:
            rows.errors[len(objects)] = f"{place} JSON 嵌套过深"
        except ValueError as error:
            column = getattr(error, "colno", 0)
            rows.errors[len(objects)] = f"{place} 不是有效的 JSON" + (f"（第 {column} 个字符处）" if column else "")
        else:
            if not isinstance(value, dict):
                rows.errors[len(objects)] = f"{place} 不是 JSON 对象"
        if not sound and "\ufffd" in kept:
            rows.errors.setdefault(len(objects), f"{place} 含有无法解码的字节")
        objects.append(value if isinstance(value, dict) else None)
        raw.append(kept)
        lines.append(task.line + number)
    return rows
