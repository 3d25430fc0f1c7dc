"""Orders as csv and xlsx, in steps that keep memory flat, with cells that stay text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from sqlalchemy.engine import RowMapping

from desk.state import Desk
from desk.store.listing import Filters, list_orders
from desk.store.orders import ORDER_TEXT_GONE
from desk.store.rows import STATUS_NAMES, Actor, Status
from engine.model import VerdictKind
from engine.reasons import VERDICT_NAMES

__all__ = ["HEADINGS", "csv_chunks", "safe_cell", "workbook"]

HEADINGS = (
    *("编号", "来源", "来源编号", "收到时间", "诉求", "状态", "结论", "事项", "类别", "承办单位"),
    *("判定结论", "判定事项", "判定单位", "把握", "经办", "经办时间", "改判", "退单次数", "紧急", "规则包"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_STEP = 500


def safe_cell(value: str) -> str:
    """A cell that no spreadsheet program takes for a formula.

    Example:
        >>> safe_cell("=HYPERLINK(1)")
        "'=HYPERLINK(1)"
    """
    value = _CONTROL.sub("", value)
    return f"'{value}" if value.lstrip(" \n").startswith(_FORMULA) or value.startswith(_FORMULA) else value


def _cells(desk: Desk, row: RowMapping) -> list[Any]:
    def moment(name: str) -> str:
        return row[name].astimezone(desk.zone).strftime("%Y-%m-%d %H:%M:%S") if row[name] else ""

    cells: list[Any] = [
        *(row["id"], row["source"], row["external_id"], moment("received_at"), row["text"] or ORDER_TEXT_GONE),
        *(
            STATUS_NAMES[Status(row["status"])],
            VERDICT_NAMES[VerdictKind(row["verdict"])],
            row["item"],
            row["category"],
            row["unit"],
        ),
        *(VERDICT_NAMES[VerdictKind(row["said_verdict"])], row["said_item"], row["said_unit"], round(row["confidence"], 3)),
        *(row["decided_by"], moment("decided_at"), "是" if row["overridden"] else "", row["refusals"]),
        *("是" if row["urgent"] else "", row["pack_hash"][:12]),
    ]
    return [safe_cell(cell) if isinstance(cell, str) else "" if cell is None else cell for cell in cells]


def _rows(desk: Desk, filters: Filters, actor: Actor, most: int) -> Iterator[list[Any]]:
    given = 0
    while given < most:
        with desk.database.read() as connection:
            found = list_orders(connection, filters, actor, min(_STEP, most - given))
        for row in found.rows:
            yield _cells(desk, row)
        given += len(found.rows)
        if found.after is None:
            return
        filters = replace(filters, after=found.after)


def csv_chunks(desk: Desk, filters: Filters, actor: Actor, most: int) -> Iterator[bytes]:
    """The orders as CSV (UTF-8 with BOM, as spreadsheet programs expect), piece by piece."""
    yield "\ufeff".encode()
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(HEADINGS)
    for row in _rows(desk, filters, actor, most):
        writer.writerow(row)
        if buffer.tell() > 65536:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def workbook(desk: Desk, filters: Filters, actor: Actor, most: int) -> bytes:
    """The orders as a workbook with one sheet."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("工单")
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCDEFGHIJ", (9, 9, 14, 19, 60, 8, 18, 8, 14, 24), strict=True):
        sheet.column_dimensions[letter].width = width
    titles = []
    for heading in HEADINGS:
        cell = WriteOnlyCell(sheet, heading)
        cell.font = Font(bold=True)
        titles.append(cell)
    sheet.append(titles)
    for row in _rows(desk, filters, actor, most):
        sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
