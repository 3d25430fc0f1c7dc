"""csv, tsv and jsonl files as parts."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from engine.batch.bytesource import blocks, detect_encoding, open_bytes, sample, skip
from engine.batch.columns import choose_column, choose_text, unique_names
from engine.batch.cutting import LONGEST, Stretch, cut_csv, cut_lines
from engine.batch.options import Options
from engine.batch.tables import PartInfo, Position, Task
from engine.errors import BatchError, InputError

__all__ = ["TextPart", "csv_part", "find_delimiter", "jsonl_part", "parse_csv"]

csv.field_size_limit(LONGEST)
_DELIMITERS = (",", "\t", ";", "|")
_NAMES = {"逗号": ",", "tab": "\t", "\\t": "\t", "制表符": "\t", "分号": ";", "竖线": "|"}


@dataclass(slots=True)
class TextPart:
    """A csv or jsonl file that can be read from any record on."""

    info: PartInfo
    path: Path
    start: Position

    def size(self) -> int:
        """Bytes on disk; for packed files what `progress` says is bytes on disk too."""
        return self.path.stat().st_size

    def tasks(self, start: Position) -> Iterator[Task]:
        place = {**self.start, **start}
        handle, disk = open_bytes(self.path)
        with disk:
            yield from self._tasks(handle, disk, place)

    def _tasks(self, handle: BinaryIO, disk: BinaryIO, place: Position) -> Iterator[Task]:
        wide = self.info.encoding.startswith(("utf-16", "utf-32"))
        source = blocks(handle, self.info.encoding, str(self.path), 0 if wide else place["offset"])
        if wide:
            source = _skip(source, place["offset"])
        else:
            skip(handle, disk, place["offset"])
        if self.info.form == "csv":
            delimiter = self.info.delimiter.encode("ascii")
            stretches = cut_csv(source, delimiter, place["offset"], place["line"])
        else:
            stretches = cut_lines(source, place["offset"], place["line"])
        yield from self._numbered(stretches, disk)

    def _numbered(self, stretches: Iterator[Stretch], disk: BinaryIO) -> Iterator[Task]:
        while True:
            try:
                stretch = next(stretches, None)
            except InputError as error:
                raise InputError(str(error) if str(error).startswith(str(self.path)) else f"{self.path}：{error}") from None
            if stretch is None:
                return
            after = {"offset": stretch.offset + len(stretch.data), "line": stretch.line + stretch.data.count(b"\n")}
            with contextlib.suppress(OSError, ValueError):
                after["progress"] = disk.tell()
            yield Task(self.info.number, stretch.data, 0, stretch.line, after, stretch.in_quotes)


def _skip(source: Iterator[bytes], count: int) -> Iterator[bytes]:
    for block in source:
        if count >= len(block):
            count -= len(block)
            continue
        yield block[count:]
        count = 0


def parse_csv(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Records of a csv text with the line each starts on, counted from 0; blank lines are skipped."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 0
    for row in reader:
        if row:
            yield line, row
        line = reader.line_num


def find_delimiter(text: str, path: str) -> str:
    """The delimiter of a csv sample: the one that cuts most lines into the same number of columns."""
    if path.lower().removesuffix(".gz").removesuffix(".zst").endswith((".tsv", ".tab")):
        return "\t"
    best = (0.0, ",")
    for delimiter in _DELIMITERS:
        rows: list[int] = []
        with contextlib.suppress(csv.Error):
            for _, row in parse_csv(text, delimiter):
                rows.append(len(row))
                if len(rows) > 50:
                    break
        if not rows or rows[0] < 2:
            continue
        same = Counter(rows)[rows[0]] / len(rows)
        best = max(best, (same * 100 + min(rows[0], 50) / 100, delimiter), key=lambda pair: pair[0])
    return best[1]


def csv_part(path: Path, number: int, options: Options, tabs: bool = False) -> TextPart:
    """A csv or tsv file: encoding, delimiter, header and columns found.

    Raises:
        InputError: The file is empty or unreadable.
        BatchError: No text column.
    """
    data = sample(path)
    encoding = options.encoding or detect_encoding(data, str(path))
    head, mark = _decoded_head(data, encoding, str(path))
    wanted = _NAMES.get(options.delimiter or "", options.delimiter)
    if wanted is not None and (len(wanted) != 1 or not wanted.isascii() or wanted in '"\r\n'):
        raise BatchError(f"分隔符「{options.delimiter}」不行：要一个 ASCII 字符")
    delimiter = wanted or ("\t" if tabs else find_delimiter(head, path.name))
    if delimiter == "|" and encoding == "gb18030":
        raise BatchError(f"{path}：GB18030 文件不能用竖线分隔（汉字的后一字节可能就是竖线），请另存为 UTF-8")
    header = next(parse_csv(head, delimiter), None)
    if header is None:
        raise InputError(f"{path}：文件是空的")
    consumed, lines = _header_end(head, delimiter)
    columns = unique_names(header[1])
    wide = encoding.startswith(("utf-16", "utf-32"))
    offset = len(head[:consumed].encode("utf-8" if wide else encoding.removesuffix("-sig"), "surrogateescape")) + mark
    info = _info(path, number, "csv", columns, options, encoding=encoding, delimiter=delimiter)
    return TextPart(info, path, {"offset": offset, "line": 1 + lines})


def _decoded_head(data: bytes, encoding: str, path: str) -> tuple[str, int]:
    """The sample as text, and how many bytes of mark stand before it in what `blocks` yields."""
    mark = 3 if encoding == "utf-8-sig" else 0
    try:
        text = data.decode(encoding, "surrogateescape" if not encoding.startswith("utf-") or encoding[4] == "8" else "replace")
    except LookupError:
        raise BatchError(f"没有「{encoding}」这种编码；常用 utf-8、gb18030、utf-16") from None
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
    if not text.strip("\ufeff\r\n\0 "):
        raise InputError(f"{path}：文件是空的")
    return text, mark


def _header_end(head: str, delimiter: str) -> tuple[int, int]:
    """Characters and lines up to the end of the header record."""
    source = io.StringIO(head, newline="")
    lines = 0
    consumed = 0

    def counted() -> Iterator[str]:
        nonlocal lines, consumed
        for text in source:
            lines += 1
            consumed += len(text)
            yield text

    for row in csv.reader(counted(), delimiter=delimiter):
        if row:
            return consumed, lines
    return -1, 0


def jsonl_part(path: Path, number: int, options: Options, *, keys: bool) -> TextPart:
    """A jsonl file.

    Args:
        path: The file.
        number: The part's number.
        options: The run's options.
        keys: Read the whole file for its keys, because the output needs columns.

    Raises:
        InputError: The file is empty, or one JSON array.
        BatchError: No text column.
    """
    data = sample(path)
    encoding = options.encoding or detect_encoding(data, str(path))
    if not data.strip():
        raise InputError(f"{path}：文件是空的")
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"[":
        raise InputError(f"{path}：是一个 JSON 数组；请改成 jsonl，每行一个对象")
    found: dict[str, set[str]] = {}
    for line in data.decode(encoding, "replace").splitlines()[:2000]:
        _keys(line, found)
    if not found:
        raise InputError(f"{path}：没有一行是 JSON 对象，不像 jsonl；可用 --from 指明格式")
    start: Position = {"offset": 3 if encoding == "utf-8-sig" else 0, "line": 1}
    if keys:
        for stretch in _all(path, encoding):
            for line in stretch.decode(_inner(encoding), "replace").split("\n"):
                _keys(line, found)
    info = _info(path, number, "jsonl", list(found), options, encoding=encoding)
    kinds = tuple(next(iter(kind)) if len(kind := found[name] - {"NoneType"}) == 1 else "str" for name in found)
    return TextPart(_with_kinds(info, kinds), path, start)


def _with_kinds(info: PartInfo, kinds: tuple[str, ...]) -> PartInfo:
    from dataclasses import replace

    return replace(info, schema=json.dumps(kinds).encode())


def _inner(encoding: str) -> str:
    return "utf-8" if encoding.startswith("utf-") else encoding


def _all(path: Path, encoding: str) -> Iterator[bytes]:
    handle, disk = open_bytes(path)
    with disk:
        for stretch in cut_lines(blocks(handle, encoding, str(path)), 0, 1):
            yield stretch.data


def _keys(line: str, found: dict[str, set[str]]) -> None:
    try:
        row = json.loads(line.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return
    if isinstance(row, dict):
        for key, value in row.items():
            kind = type(value).__name__
            found.setdefault(key, set()).add("bigint" if kind == "int" and abs(value) >= 2**63 else kind)


def _info(
    path: Path, number: int, form: str, columns: list[str], options: Options, encoding: str, delimiter: str = ","
) -> PartInfo:
    name = path.name
    place = f"{path}"
    return PartInfo(
        number,
        name,
        form,
        tuple(columns),
        choose_text(columns, options.text_column, place),
        category=choose_column(columns, options.category_column, "category", place),
        handled=choose_column(columns, options.handled_by, "handled", place),
        date=choose_column(columns, options.date_column, "date", place),
        place=choose_column(columns, options.place_column, "place", place),
        encoding=encoding,
        delimiter=delimiter,
    )


def same_file(left: Path, right: Path) -> bool:
    """Whether two paths are one file; false when either is missing."""
    with contextlib.suppress(OSError):
        return os.path.samefile(left, right)
    return False
