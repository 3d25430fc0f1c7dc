"""Sheets of an xlsx workbook as parts, read row by row with openpyxl.

Above the rows there may be a title and a header of several rows with merged
cells. openpyxl's streaming mode does not tell merged cells; they are read from
the sheet's XML, where they stand behind the rows.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.batch.columns import choose_column, choose_text, unique_names
from engine.batch.extras import need
from engine.batch.layout import SHEET_COLUMN
from engine.batch.options import Options
from engine.batch.tables import PartInfo, Position, Task
from engine.errors import BatchError, InputError

__all__ = ["SheetPart", "workbook_parts"]

ROWS = 2_000
"""Rows of one task."""

_HEADER_ROWS = 12
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)"')


@dataclass(slots=True)
class SheetPart:
    """One sheet that can be read from any row on."""

    info: PartInfo
    path: Path
    sheet: str
    header_rows: int
    rows: int

    def size(self) -> int:
        """Rows of the sheet, as the workbook says."""
        return self.rows

    def tasks(self, start: Position) -> Iterator[Task]:
        first = start.get("row", self.header_rows)
        width = len(self.info.columns)
        data: list[list[Any]] = []
        lines: list[int] = []
        begun = row = first
        with _workbook(self.path) as book:
            try:
                for cells in book[self.sheet].iter_rows(min_row=first + 1, values_only=True):
                    row += 1
                    values = [_cell(value) for value in cells[:width]]
                    if not any(value is not None for value in values):
                        continue
                    values.extend([None] * (width - len(values)))
                    data.append(values)
                    lines.append(row)
                    if len(data) >= ROWS:
                        yield Task(self.info.number, data, begun, 0, {"row": row, "progress": row}, lines=lines)
                        data, lines, begun = [], [], row
            except (KeyError, ValueError, zipfile.BadZipFile, OSError) as error:
                raise InputError(f"{self.path}「{self.sheet}」第 {row + 1} 行：工作表损坏（{str(error)[:80]}）") from None
        if data:
            yield Task(self.info.number, data, begun, 0, {"row": row, "progress": row}, lines=lines)


class _workbook:
    """A workbook open for streaming."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Any:
        openpyxl = need("openpyxl", "读 xlsx ")
        try:
            self.book = openpyxl.load_workbook(self.path, read_only=True, data_only=True)
        except Exception as error:  # openpyxl raises whatever the XML makes it stumble over
            raise InputError(f"{self.path}：不是能读的 xlsx 工作簿（{str(error)[:80]}）") from None
        return self.book

    def __exit__(self, *_: object) -> None:
        self.book.close()


def _cell(value: Any) -> Any:
    """A cell as it was meant: long whole numbers stay whole, blank strings are nothing."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, dt.timedelta):
        return str(value)
    return value


def workbook_parts(path: Path, number: int, options: Options, notices: list[str]) -> list[SheetPart]:
    """The sheets of a workbook that hold texts.

    Args:
        path: The workbook.
        number: Number of the first part.
        options: The run's options.
        notices: Receives which sheets were passed over, and why.

    Raises:
        InputError: It cannot be read.
        BatchError: No sheet has a text column, or a named sheet is missing.
    """
    parts: list[SheetPart] = []
    refused: list[BatchError] = []
    with _workbook(path) as book:
        names = [sheet.title for sheet in book.worksheets]
        missing = [name for name in options.sheets if name not in names]
        if missing:
            raise BatchError(f"{path}：没有工作表「{missing[0]}」；现有：{'、'.join(names)}")
        merged = _merged_cells(path, book)
        for sheet in book.worksheets:
            if options.sheets and sheet.title not in options.sheets:
                continue
            top = [list(row) for row in sheet.iter_rows(max_row=_HEADER_ROWS, values_only=True)]
            if not any(cell is not None for row in top for cell in row):
                continue
            try:
                parts.append(_sheet_part(path, number + len(parts), sheet, top, merged.get(sheet.title, []), options))
            except BatchError as error:
                refused.append(error)
                notices.append(f"跳过工作表「{sheet.title}」：没有文本列")
    if not parts:
        raise refused[0] if refused else InputError(f"{path}：工作簿是空的")
    if len(parts) == 1:
        parts[0].info = _plain_name(parts[0].info, path.name)
    return parts


def _plain_name(info: PartInfo, name: str) -> PartInfo:
    from dataclasses import replace

    return replace(info, name=name, extra=())


def _sheet_part(path: Path, number: int, sheet: Any, top: list[list[Any]], merged: list[Any], options: Options) -> SheetPart:
    place = f"{path}「{sheet.title}」"
    found: BatchError | None = None
    filled = _fill(top, merged)
    for columns, rows in _headers(top, filled, merged):
        names = unique_names(columns)
        try:
            text = choose_text(names, options.text_column, place)
        except BatchError as error:
            found = found or error
            continue
        info = PartInfo(
            number,
            f"{path.name}「{sheet.title}」",
            "rows",
            tuple(names),
            text,
            category=choose_column(names, options.category_column, "category", place),
            handled=choose_column(names, options.handled_by, "handled", place),
            date=choose_column(names, options.date_column, "date", place),
            place=choose_column(names, options.place_column, "place", place),
            extra=((SHEET_COLUMN, sheet.title),),
        )
        return SheetPart(info, path, sheet.title, rows, sheet.max_row or 0)
    raise found or BatchError(f"{place}：找不到表头")


def _headers(top: list[list[Any]], filled: list[list[Any]], merged: list[Any]) -> Iterator[tuple[list[str], int]]:
    """Candidate headers: each row, with the rows below that its merged cells reach into."""
    for i, row in enumerate(top):
        if sum(cell is not None for cell in filled[i]) < 1:
            continue
        last = max([bottom for r0, _, bottom, _ in merged if r0 == i], default=i)
        # A cell merged over several columns groups the names in the row below it.
        grouped = any(r0 == i and right > left for r0, left, _, right in merged)
        if grouped and i + 1 < len(top) and not _title(row):
            last = max(last, i + 1)
        last = min(last, len(top) - 1)
        width = max((n for n, _ in enumerate(filled[i], start=1)), default=0)
        columns = []
        for c in range(width):
            names = dict.fromkeys(
                _name(filled[r][c]) for r in range(i, last + 1) if c < len(filled[r]) and filled[r][c] is not None
            )
            columns.append("".join(list(names)[-1:]) if names else "")
        doubled = {name for name in columns if columns.count(name) > 1}
        if doubled and last > i:
            columns = [
                f"{_name(filled[i][c])}/{name}"
                if name in doubled and filled[i][c] is not None and _name(filled[i][c]) != name
                else name
                for c, name in enumerate(columns)
            ]
        while columns and not columns[-1]:
            columns.pop()
        if columns:
            yield columns, last + 1


def _title(row: Sequence[Any]) -> bool:
    """A row with one filled cell heads the page, not the columns."""
    return sum(cell is not None for cell in row) == 1


def _name(cell: Any) -> str:
    return "".join(str(cell).split())


def _fill(top: list[list[Any]], merged: list[Any]) -> list[list[Any]]:
    """The top rows with merged cells filled from their first cell."""
    filled = [list(row) for row in top]
    for r0, c0, r1, c1 in merged:
        if r0 < len(top) and c0 < len(top[r0]):
            for r in range(r0, min(r1, len(top) - 1) + 1):
                for c in range(c0, min(c1, len(filled[r]) - 1) + 1):
                    filled[r][c] = top[r0][c0]
    return filled


def _merged_cells(path: Path, book: Any) -> dict[str, list[tuple[int, int, int, int]]]:
    """Merged cells of each sheet: top, left, bottom, right, counted from 0."""
    found: dict[str, list[tuple[int, int, int, int]]] = {}
    with zipfile.ZipFile(path) as archive:
        for sheet in book.worksheets:
            name = getattr(sheet, "_worksheet_path", None)
            if name is None or name not in archive.namelist():
                continue
            cells = found.setdefault(sheet.title, [])
            tail = b""
            with archive.open(name) as stream:
                while data := stream.read(1 << 20):
                    piece = tail + data
                    for left, top, right, bottom in _MERGED.findall(piece):
                        if int(top) <= _HEADER_ROWS:
                            cells.append((int(top) - 1, _number(left), int(bottom) - 1, _number(right)))
                    tail = piece[-80:] if not _MERGED.search(piece[-80:]) else b""
    return found


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
