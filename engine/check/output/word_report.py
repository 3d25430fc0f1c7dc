"""The report as a Word document: summary, document findings, one table row for each clause."""

from __future__ import annotations

import io
from typing import Any

from engine.check.model import FINDING_NAMES, Finding, NoticeReport
from engine.check.output.official_style import TITLE, add_paragraph, new_document

__all__ = ["word_report"]

_WIDTHS = (24, 72, 46, 115)
_SHADES = {
    Finding.COMPLIANT: "E2F2E5",
    Finding.RECLAIMED: "FDE8CF",
    Finding.ABOLISHED: "ECDFF5",
    Finding.ROLE_INVERSION: "FBDCDC",
    Finding.UNLISTED: "DFE7F7",
}


def word_report(report: NoticeReport) -> bytes:
    """Render the report.

    Args:
        report: The checked notice.
    """
    document = new_document()
    _landscape(document)
    add_paragraph(document, "来文履职核对报告", font="title", size=TITLE, align="centre", indent=False)
    facts = [
        ("来文", report.title or report.document),
        ("发文单位", report.issuer or "未写明"),
        ("文号", report.number),
        ("日期", report.date),
    ]
    add_paragraph(document, "　".join(f"{name}：{value}" for name, value in facts if value), size=12, indent=False)
    counts = "，".join(f"{FINDING_NAMES[f]} {report.findings_summary[f.value]} 条" for f in Finding)
    add_paragraph(document, f"共核对交办条款 {len(report.clauses)} 条：{counts}。", size=12)
    for found in report.document_findings:
        add_paragraph(document, f"● {found.message}", size=12)
    table = document.add_table(rows=1, cols=4)
    table.style = "Table Grid"
    for cell, name in zip(table.rows[0].cells, ("序号与位置", "来文原句", "结论与事项", "理由与清单原文"), strict=True):
        _fill(cell, name, bold=True)
    for number, clause in enumerate(report.clauses, start=1):
        cells = table.add_row().cells
        _fill(cells[0], f"{number}\n{clause.place.label}")
        _fill(cells[1], clause.quote)
        item = f"\n{clause.item_id} {clause.item_name}" if clause.item_id else ""
        review = "\n请人工复核" if clause.needs_review else ""
        _fill(cells[2], FINDING_NAMES[clause.finding] + item + f"\n把握 {clause.confidence:.0%}" + review)
        _shade(cells[2], _SHADES[clause.finding])
        official = clause.reason
        if clause.finding is Finding.ROLE_INVERSION:
            official += "\n【上级部门职责】" + "\n".join(clause.official.department_duties)
            official += "\n【乡镇配合职责】" + "\n".join(clause.official.town_duties)
        elif clause.official.takeover:
            official += f"\n【清单原文】{clause.official.takeover}"
        _fill(cells[3], official)
    _widths(table)
    add_paragraph(document, "本报告由程序对照清单提示“疑似”之处，是否退回由人决定。", size=10.5)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _fill(cell: Any, text: str, *, bold: bool = False) -> None:
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(9.5), bold


def _shade(cell: Any, colour: str) -> None:
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    cell._tc.get_or_add_tcPr().append(parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{colour}"/>'))


def _landscape(document: Any) -> None:
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm

    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.top_margin = section.bottom_margin = section.left_margin = section.right_margin = Mm(20)


def _widths(table: Any) -> None:
    from docx.shared import Mm

    table.autofit = False
    for column, width in zip(table.columns, _WIDTHS, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        for cell, width in zip(row.cells, _WIDTHS, strict=True):
            cell.width = Mm(width)
