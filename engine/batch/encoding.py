"""Rows and their answers as bytes of the output."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from engine.batch.decoding import Rows
from engine.batch.layout import Layout
from engine.batch.routed import Routed
from engine.batch.tables import PartInfo, cell_text, pack_cells
from engine.model import VerdictKind
from engine.reasons import VERDICT_NAMES

__all__ = ["added_cells", "added_object", "csv_header", "safe_cell", "write_rows"]

_FORMULA = frozenset("=+-@\t\r")
_NUMBER = re.compile(r"[+-]?[\d.,\s]*\d%?")

CellMask = Callable[[str, Any], Any]
"""Takes a column's name and a cell, answers the cell to write."""


def safe_cell(text: str) -> str:
    """A csv cell that no spreadsheet takes for a formula."""
    if text and text[0] in _FORMULA and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def added_cells(routed: Routed, chinese: bool) -> list[Any]:
    """The added columns as flat cells; lists joined with 、."""
    return _ruled_cells(routed, chinese) + _own_cells(routed, chinese)


def _ruled_cells(routed: Routed, chinese: bool) -> list[Any]:
    """The first added columns: what all answers with one item and one lead share."""
    verdict: str | None = routed.verdict
    if chinese:
        verdict = VERDICT_NAMES[VerdictKind(verdict)] if verdict else None
    leads, support = "、".join(routed.lead_units), "、".join(routed.support_units)
    return [verdict, routed.item_id, routed.item_name, routed.category, leads, support]


def _own_cells(routed: Routed, chinese: bool) -> list[Any]:
    """The added columns from the reason on: what is the answer's own."""
    review: Any = routed.needs_review
    urgent: Any = routed.urgent
    if chinese:
        review = None if review is None else "是" if review else "否"
        urgent = "是" if urgent else "否"
    others = "、".join([item for item, _ in routed.alternatives])
    return [routed.reason, routed.confidence, others, review, urgent, routed.clause, routed.error]


def added_object(routed: Routed) -> dict[str, Any]:
    """The added columns as JSON holds them: lists stay lists; `error` only where there is one."""
    row: dict[str, Any] = routed._asdict()
    row["alternatives"] = [{"item_id": item, "why": why} for item, why in routed.alternatives]
    if routed.error is None:
        del row["error"]
    return row


def csv_header(layout: Layout) -> bytes:
    """The first line of a csv output, with a mark where the encoding has one."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=layout.delimiter, lineterminator="\n").writerow(layout.names())
    return buffer.getvalue().encode(layout.encoding, "replace")


def write_rows(rows: Rows, answers: Sequence[Routed], info: PartInfo, layout: Layout, mask: CellMask | None) -> bytes:
    """The bytes of one task, as its output form wants them."""
    if layout.form == "jsonl":
        return _jsonl(rows, answers, info, layout, mask)
    if layout.form == "arrow":
        from engine.batch.arrow import write_batch

        return write_batch(rows, answers, info, layout, mask)
    table = kept_cells(rows, info, layout, mask)
    extra = [value for name in layout.extra for value in [dict(info.extra).get(name, "")]]
    if layout.form == "rows":
        return pack_cells([[*cells, *extra, *added_cells(a, layout.chinese)] for cells, a in zip(table, answers, strict=True)])
    return _csv(table, answers, layout, extra)


def kept_cells(rows: Rows, info: PartInfo, layout: Layout, mask: CellMask | None) -> list[list[Any]]:
    """The kept input columns of each row, in the output's order, masked where asked."""
    positions = layout.maps[info.number]
    if rows.objects is not None:
        names = [info.columns[p] if p >= 0 else None for p in positions]
        table = [[None if row is None or name is None else row.get(name) for name in names] for row in rows.objects]
        for i, row in enumerate(rows.objects):
            if row is None and rows.raw is not None and table[i]:
                table[i][positions.index(info.text.positions[0])] = rows.raw[i]
    elif rows.batch is not None:
        columns = [rows.batch.column(p).to_pylist() if p >= 0 else [None] * len(rows) for p in positions]
        table = [list(cells) for cells in zip(*columns, strict=True)] if columns else [[] for _ in range(len(rows))]
    elif positions == tuple(range(len(info.columns))):
        table = rows.cells
    else:
        table = [[row[p] if p >= 0 else None for p in positions] for row in rows.cells]
    if mask is not None:
        table = [[mask(name, cell) for name, cell in zip(layout.columns, row, strict=True)] for row in table]
    return table


def _csv(table: list[list[Any]], answers: Sequence[Routed], layout: Layout, extra: list[str]) -> bytes:
    safe = cell_text if layout.keep_formulas else lambda cell: safe_cell(cell_text(cell))
    known: dict[int, list[str]] = {}
    shared: dict[object, list[str]] = {}
    lines: list[str] = []
    for row, answer in zip(table, answers, strict=True):
        tail = known.get(id(answer))
        if tail is None:
            tail = known[id(answer)] = _tail(answer, layout.chinese, shared)
        head = [cell if type(cell) is str and (not cell or cell[0] not in _FORMULA) else safe(cell) for cell in row]
        lines.append(_csv_line(head + extra + tail, layout.delimiter))
    return "".join(lines).encode(layout.encoding.removesuffix("-sig"), "replace")


def _csv_line(cells: list[str], delimiter: str) -> str:
    """One row as the csv module writes it; it is asked only where a cell needs quotes."""
    line = delimiter.join(cells)
    if line.count(delimiter) == len(cells) - 1 and '"' not in line and "\n" not in line and "\r" not in line:
        return line + "\n"
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator="\n").writerow(cells)
    return buffer.getvalue()


def _tail(answer: Routed, chinese: bool, shared: dict[object, list[str]]) -> list[str]:
    """The added cells as a csv holds them; those that answers share are made once."""
    key = (answer.verdict, answer.item_id, answer.lead_units)
    ruled = shared.get(key)
    if ruled is None:
        ruled = shared[key] = [safe_cell(cell_text(cell)) for cell in _ruled_cells(answer, chinese)]
    return ruled + [safe_cell(cell_text(cell)) for cell in _own_cells(answer, chinese)]


def _jsonl(rows: Rows, answers: Sequence[Routed], info: PartInfo, layout: Layout, mask: CellMask | None) -> bytes:
    extra = {name: value for name, value in info.extra if name in layout.extra}
    renamed = layout.renamed[info.number]
    lines: list[str] = []
    if rows.objects is not None and rows.raw is not None:
        for value, raw, answer in zip(rows.objects, rows.raw, answers, strict=True):
            tail = _dump({**extra, **added_object(answer)})
            if value is None:
                lines.append(_dump({"raw": mask("raw", raw) if mask else raw, **extra, **added_object(answer)}))
            elif mask is None and renamed.keys().isdisjoint(value):
                # The line itself is kept, so that no number or escape changes its form.
                lines.append(f"{raw[:-1].rstrip()}{', ' if value else ''}{tail[1:]}")
            else:
                kept = {renamed.get(k, k): mask(k, v) if mask else v for k, v in value.items()}
                lines.append(_dump({**kept, **extra, **added_object(answer)}))
    else:
        names = [renamed.get(name, name) for name in info.columns]
        if rows.batch is not None:
            columns = [rows.batch.column(p).to_pylist() for p in range(len(names))]
            table: Sequence[Sequence[Any]] = list(zip(*columns, strict=True)) if columns else [() for _ in answers]
        else:
            table = rows.cells
        for row, answer in zip(table, answers, strict=True):
            kept = {name: mask(name, cell) if mask else cell for name, cell in zip(names, row, strict=True)}
            lines.append(_dump({**kept, **extra, **added_object(answer)}))
    return ("\n".join(lines) + "\n").encode() if lines else b""


def _dump(value: dict[str, Any]) -> str:
    text = json.dumps(value, ensure_ascii=False, default=cell_text)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, default=cell_text)  # lone surrogates only live as escapes
    return text
