"""Many notices at once: which department pushes what down (csv, xlsx, html)."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.check.model import FINDING_NAMES, VIOLATIONS, Finding, NoticeReport
from engine.check.output.files import safe_cell
from engine.errors import InputError, OutputError
from engine.files import write_whole

__all__ = ["Failure", "summarise", "write_summary"]


Table = tuple[tuple[str, ...], list[tuple[object, ...]]]
"""A heading and its rows."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be read, and why."""

    name: str
    why: str


_NOTICE = ("文件", "标题", "发文单位", "文号", "日期", "条款数", *(FINDING_NAMES[f] for f in Finding), "文件问题")
_ISSUER = ("发文单位", "文件数", "条款数", *(FINDING_NAMES[f] for f in Finding))
_ITEM = ("发文单位", "事项", "事项名称", "结论", "次数")
_CLAUSE = ("文件", "发文单位", "日期", "位置", "原句", "结论", "事项", "事项名称", "理由", "责任单位", "把握", "需复核")


def summarise(reports: Sequence[NoticeReport]) -> dict[str, Table]:
    """Four tables: by notice, by issuer, by issuer and item, and every clause."""
    notices: list[tuple[object, ...]] = []
    clauses: list[tuple[object, ...]] = []
    issuers: dict[str, Counter[str]] = {}
    items: Counter[tuple[str, str, str, str]] = Counter()
    for report in reports:
        issuer = report.issuer or "（未写明）"
        counts = [report.findings_summary[f.value] for f in Finding]
        problems = "；".join(d.message for d in report.document_findings)
        notices.append(
            (report.document, report.title, issuer, report.number, report.date, len(report.clauses), *counts, problems)
        )
        tally = issuers.setdefault(issuer, Counter())
        tally["files"] += 1
        for c in report.clauses:
            tally["clauses"] += 1
            tally[c.finding.value] += 1
            items[(issuer, c.item_id or "", c.item_name or "（清单外）", FINDING_NAMES[c.finding])] += 1
            units = "、".join(c.responsible_units)
            row = (
                report.document,
                issuer,
                report.date,
                c.place.label,
                c.quote,
                FINDING_NAMES[c.finding],
                c.item_id,
                c.item_name,
            )
            clauses.append((*row, c.reason, units, c.confidence, "是" if c.needs_review else ""))
    order = sorted(issuers, key=lambda name: (-sum(issuers[name][f.value] for f in VIOLATIONS), name))
    by_issuer = [(n, issuers[n]["files"], issuers[n]["clauses"], *(issuers[n][f.value] for f in Finding)) for n in order]
    by_item = [(*key, count) for key, count in sorted(items.items(), key=lambda pair: (-pair[1], pair[0]))]
    return {
        "按文件": (_NOTICE, notices),
        "按发文单位": (_ISSUER, list(by_issuer)),
        "按单位与事项": (_ITEM, list(by_item)),
        "全部条款": (_CLAUSE, clauses),
    }


def write_summary(path: Path, reports: Sequence[NoticeReport], failures: Sequence[Failure]) -> None:
    """Write the summary in the form that the suffix names.

    Raises:
        OutputError: Another suffix, or the place cannot be written.
    """
    tables = summarise(reports)
    suffix = path.suffix.lower()
    if suffix == ".csv":
        write_whole(path, _csv(tables["全部条款"]))
    elif suffix == ".xlsx":
        write_whole(path, _xlsx(tables, failures))
    elif suffix in (".html", ".htm"):
        write_whole(path, _html(tables, reports, failures).encode())
    else:
        raise OutputError(f"{path}：汇总只能写成 .csv、.xlsx 或 .html")


def _csv(table: Table) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(table[0])
    writer.writerows([["" if v is None else safe_cell(v) for v in row] for row in table[1]])
    # With the mark, Excel opens it as UTF-8.
    return buffer.getvalue().encode("utf-8-sig")


def _xlsx(tables: dict[str, Table], failures: Sequence[Failure]) -> bytes:
    try:
        from openpyxl import Workbook
        from openpyxl.styles import Alignment, Font
    except ImportError:
        raise InputError("写 Excel 需要 openpyxl：pip install 'zhuban[check]'") from None
    book = Workbook()
    book.remove(book.worksheets[0])
    unread: list[tuple[object, ...]] = [(f.name, f.why) for f in failures]
    extra: dict[str, Table] = {"未能读取": (("文件", "原因"), unread)} if failures else {}
    for name, (head, rows) in {**tables, **extra}.items():
        sheet = book.create_sheet(name)
        for r, row in enumerate([head, *rows], start=1):
            for c, value in enumerate(row, start=1):
                cell = sheet.cell(r, c)
                cell.value = safe_cell(value)
                if isinstance(value, str):
                    cell.data_type = "s"
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                if r == 1:
                    cell.font = Font(bold=True)
        for c, title in enumerate(head, start=1):
            longest = max([len(title) * 2, *(min(60, len(str(row[c - 1] or "")) * 2) for row in rows)])
            sheet.column_dimensions[sheet.cell(1, c).column_letter].width = min(60, longest + 2)
        sheet.freeze_panes = "A2"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _html(
    tables: dict[str, Table],
    reports: Sequence[NoticeReport],
    failures: Sequence[Failure],
) -> str:
    from engine.check.output.page import environment

    bars: list[dict[str, object]] = []
    most = max((sum(int(str(v)) for v in row[4:]) for row in tables["按发文单位"][1]), default=0) or 1
    for row in tables["按发文单位"][1]:
        parts: list[dict[str, object]] = []
        at = 0.0
        for finding, value in zip(Finding, row[3:], strict=True):
            width = int(str(value)) * 420 / most
            if finding is Finding.COMPLIANT or not width:
                continue
            parts.append(
                {
                    "code": finding.value,
                    "x": round(at, 1),
                    "width": round(width, 1),
                    "count": value,
                    "name": FINDING_NAMES[finding],
                }
            )
            at += width
        bars.append({"name": row[0], "parts": parts, "total": sum(int(str(v)) for v in row[4:]), "end": round(at, 1)})
    dates = sorted(r.date for r in reports if r.date)
    span = f"{dates[0]} 至 {dates[-1]}" if dates else "日期未写明"
    shown = {name: tables[name] for name in ("按发文单位", "按单位与事项", "按文件")}
    names = [(f.value, FINDING_NAMES[f]) for f in Finding if f is not Finding.COMPLIANT]
    template = environment().get_template("summary.html.j2")
    return str(template.render(bars=bars, tables=shown, failures=failures, span=span, count=len(reports), names=names))
