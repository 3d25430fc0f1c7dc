"""An xlsx workbook from the spool, written row by row with XlsxWriter."""

from __future__ import annotations

import datetime as dt
import decimal
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.batch.columns import ADDED
from engine.batch.extras import need
from engine.batch.layout import Layout
from engine.batch.spool import frames
from engine.batch.tables import PartInfo, cell_text, unpack_cells

__all__ = ["MOST_ROWS", "sheet_name", "write_workbook"]

MOST_ROWS = 1_048_576
_MOST_CHARACTERS = 32_767
_CUT = "…（超出单元格上限，已截断）"
_WIDE = {"reason": 60, "item_name": 30, "lead_units": 28, "support_units": 20, "error": 30}
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))


def sheet_name(wanted: str, taken: set[str]) -> str:
    """A name that Excel allows and no other sheet has."""
    base = wanted.translate(_FORBIDDEN).strip("'")[:31] or "结果"
    name, count = base, 2
    while name.lower() in taken:
        suffix = f"（{count}）"
        name = base[: 31 - len(suffix)] + suffix
        count += 1
    taken.add(name.lower())
    return name


class _Sheet:
    """One growing sheet; it goes on in another when Excel's rows are used up."""

    def __init__(self, book: _Book, wanted: str, names: Sequence[str], positions: Sequence[int]) -> None:
        self.book, self.wanted, self.names, self.positions = book, wanted, names, positions
        self._begin()

    def _begin(self) -> None:
        self.sheet = self.book.book.add_worksheet(sheet_name(self.wanted, self.book.taken))
        self.row = 0
        first_added = len(self.names) - len(ADDED)
        for column, name in enumerate(self.names):
            added = ADDED[column - first_added] if column >= first_added else ""
            self.sheet.set_column(column, column, _WIDE.get(added, 14))
            self.sheet.write_string(0, column, name, self.book.bold)
        self.sheet.freeze_panes(1, 0)

    def write(self, cells: Sequence[Any]) -> None:
        self.row += 1
        if self.row >= MOST_ROWS:
            self._begin()
            self.row = 1
        for column, position in enumerate(self.positions):
            self.book.cell(self.sheet, self.row, column, cells[position])


class _Book:
    def __init__(self, path: Path) -> None:
        xlsxwriter = need("xlsxwriter", "写 xlsx ")
        self.book = xlsxwriter.Workbook(
            str(path),
            {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "tmpdir": str(path.parent)},
        )
        self.bold = self.book.add_format({"bold": True})
        self.date = self.book.add_format({"num_format": "yyyy-mm-dd"})
        self.time = self.book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self.taken: set[str] = set()

    def cell(self, sheet: Any, row: int, column: int, value: Any) -> None:
        """One cell: texts stay texts, whatever they look like; numbers Excel would round stay texts too."""
        if value is None or value == "":
            return
        if isinstance(value, str):
            text = value if len(value) <= _MOST_CHARACTERS else value[: _MOST_CHARACTERS - len(_CUT)] + _CUT
            sheet.write_string(row, column, _clean(text))
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value)
        elif isinstance(value, (int, float, decimal.Decimal)) and math.isfinite(value) and -1e15 < value < 1e15:
            sheet.write_number(row, column, value)
        elif isinstance(value, dt.datetime) and value.year >= 1900:
            shown = value.replace(tzinfo=None)
            sheet.write_datetime(row, column, shown, self.date if shown.time() == dt.time() else self.time)
        elif isinstance(value, dt.date) and value.year >= 1900:
            sheet.write_datetime(row, column, value, self.date)
        else:
            sheet.write_string(row, column, cell_text(value)[:_MOST_CHARACTERS])


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text


def write_workbook(spool: Path, target: Path, layout: Layout, parts: Sequence[PartInfo]) -> None:
    """The workbook of a finished run.

    Args:
        spool: Frames of packed cells.
        target: Where to write.
        layout: The output's columns.
        parts: The input's parts: sheets of one workbook stay sheets.
    """
    book = _Book(target)
    apart = len(parts) > 1 and not layout.extra
    sheets: dict[int, _Sheet] = {}
    width = len(layout.names())
    first_added = width - len(ADDED)

    def sheet(number: int) -> _Sheet:
        key = number if apart else 0
        if key not in sheets:
            positions: Sequence[int] = range(width)
            wanted = "结果"
            if apart:
                kept = [i for i, position in enumerate(layout.maps[number]) if position >= 0]
                positions = [*kept, *range(first_added, width)]
                wanted = dict(parts[number].extra).get("sheet", "结果")
            names = layout.names()
            sheets[key] = _Sheet(book, wanted, [names[p] for p in positions], positions)
        return sheets[key]

    for number in range(len(parts)):
        sheet(number)
    for number, data in frames(spool):
        growing = sheet(number)
        for cells in unpack_cells(data):
            growing.write(cells)
    book.book.close()
