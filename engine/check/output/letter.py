"""The draft reply to the issuer (复函): what is accepted, what is returned and why, what needs 准入.

A draft: number, seal, signatory and date are placeholders, and its first
line says that a person has to check it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from engine.check.model import Checked, Finding, NoticeReport
from engine.check.output.official_style import TITLE, add_paragraph, new_document
from engine.model import Pack

__all__ = ["letter", "letter_sections"]

_NUMERALS = "一二三四五六七八九十"
_QUOTED, _OFFICIAL = 220, 600


def letter(report: NoticeReport, pack: Pack) -> bytes:
    """The reply as a docx.

    Args:
        report: The checked notice.
        pack: For the town's name and the list's title.
    """
    document = new_document()
    town = f"{pack.info.town}人民政府"
    add_paragraph(
        document, "（草稿：由程序起草，定稿前请逐条人工复核）", size=10.5, align="right", indent=False, colour="808080"
    )
    add_paragraph(document, town, font="title", size=30, align="centre", indent=False, colour="C00000")
    _red_line(add_paragraph(document, "　　政函〔　　　　〕　　号", align="right", indent=False))
    add_paragraph(document, "", indent=False)
    name = _title(report.title)
    add_paragraph(document, name, font="title", size=TITLE, align="centre", indent=False)
    add_paragraph(document, "", indent=False)
    add_paragraph(document, f"{report.issuer or '（发文单位）'}：", indent=False)
    number = f"（{report.number}）" if report.number else ""
    year, _, month = pack.info.published.partition("-")
    opening = (
        f"贵单位《{report.title or report.document}》{number}收悉。我镇高度重视，对照《{pack.info.title}》"
        f"（{year}年{int(month)}月）逐条作了核对，现将有关意见函复如下。"
    )
    add_paragraph(document, opening, align="both")
    for number_, (head, paragraphs) in enumerate(letter_sections(report)):
        heading = add_paragraph(document, f"{_NUMERALS[number_]}、{head}", font="head")
        heading.paragraph_format.keep_with_next = True
        for text in paragraphs:
            add_paragraph(document, text, align="both")
    add_paragraph(
        document,
        "以上意见，请予研究支持。对已列入我镇职责的工作，我镇将认真抓好落实；对需上下协同的工作，我镇将积极做好配合。",
        align="both",
    )
    add_paragraph(document, "专此函复。")
    add_paragraph(document, "", indent=False)
    add_paragraph(document, f"{town}（印章）　　", align="right", indent=False)
    add_paragraph(document, "　　　　年　　月　　日　　　　", align="right", indent=False)
    add_paragraph(document, "（联系人：　　　　　　电话：　　　　　　　）")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _title(subject: str) -> str:
    """关于…的复函, after the title of what is answered."""
    if not subject.startswith("关于"):
        return f"关于《{subject}》有关事项的复函" if subject else "关于来文有关事项的复函"
    matter = re.sub(r"的?(?:通知|函|意见|方案)(?:（.*）)?$", "", subject)
    return f"{matter}的复函" if "有关" in matter else f"{matter}有关事项的复函"


def letter_sections(report: NoticeReport) -> list[tuple[str, list[str]]]:
    """The letter's parts: headings, each with its paragraphs; parts without matter are left out."""

    def of(*findings: Finding) -> list[Checked]:
        return [c for c in report.clauses if c.finding in findings]

    sections: list[tuple[str, list[str]]] = []
    accepted = of(Finding.COMPLIANT)
    if accepted:
        sections.append(("我镇予以办理的事项", _numbered([_accepted(c) for c in accepted])))
    back = of(Finding.RECLAIMED, Finding.ABOLISHED)
    if back:
        sections.append(("已由上级部门收回或已取消、请予收回的事项", _numbered([_returned(c) for c in back])))
    inverted = of(Finding.ROLE_INVERSION)
    if inverted:
        sections.append(("主办责任在上级部门、请予调整分工的事项", _numbered([_inverted(c) for c in inverted])))
    unlisted = of(Finding.UNLISTED)
    if unlisted:
        closing = (
            "上述事项我镇履职事项清单三张表均未列入。如确需乡镇承担，请按新增事项准入程序报县委编办审核，"
            "并同步明确人员、经费等保障后再行交办。"
        )
        sections.append(("清单以外、需履行准入程序的事项", [*_numbered([f"“{_cut(c.quote)}”。" for c in unlisted]), closing]))
    others = [
        d.message for d in report.document_findings if d.kind in ("no_basis", "no_resources", "deadline_past", "contradiction")
    ]
    if others:
        sections.append(("其他需请贵单位明确的问题", _numbered([f"{m}。" for m in others])))
    if not report.clauses:
        sections.append(("核对情况", ["来文中未见交由我镇办理的具体事项，我镇将按一般要求学习落实。"]))
    return sections


def _accepted(clause: Checked) -> str:
    where = _where(clause)
    return f"“{_cut(clause.quote)}”。属{where}，我镇按要求办理。"


def _returned(clause: Checked) -> str:
    said = f"该事项为{_where(clause)}，清单载明：“{_cut(clause.official.takeover, _OFFICIAL)}”"
    if clause.finding is Finding.ABOLISHED:
        return f"“{_cut(clause.quote)}”。{said}，请不再要求乡镇办理。"
    units = "、".join(clause.responsible_units)
    return f"“{_cut(clause.quote)}”。{said}。请由{units}办理，我镇不再承担。"


def _inverted(clause: Checked) -> str:
    units = "、".join(clause.responsible_units)
    town = "".join(clause.official.town_duties).strip("；;。")
    return (
        f"“{_cut(clause.quote)}”。该事项为{_where(clause)}，清单规定由{units}负责：“{_cut(clause.official_text, _OFFICIAL)}”；"
        f"乡镇配合职责为：“{_cut(town)}”。请由{units}主办，我镇在配合职责内做好工作。"
    )


def _where(clause: Checked) -> str:
    table = {"B": "基本履职事项", "C": "配合履职事项", "R": "上级部门收回事项"}[(clause.item_id or "B")[0]]
    return f"{table}清单第 {(clause.item_id or 'B0')[1:]} 项“{_cut(clause.item_name or '', 60)}”"


def _numbered(texts: Sequence[str]) -> list[str]:
    if len(texts) == 1:
        return list(texts)
    return [f"{i}.{text}" for i, text in enumerate(texts, start=1)]


def _cut(text: str, most: int = _QUOTED) -> str:
    plain = text.strip().rstrip("。；")
    return plain if len(plain) <= most else plain[: most - 1] + "……"


def _red_line(paragraph: object) -> None:
    """The red rule under the letterhead."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    border = f'<w:pBdr {nsdecls("w")}><w:bottom w:val="thickThinMediumGap" w:sz="18" w:space="4" w:color="C00000"/></w:pBdr>'
    paragraph._p.get_or_add_pPr().append(parse_xml(border))  # type: ignore[attr-defined]
