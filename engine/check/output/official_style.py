"""The look of official documents (GB/T 9704): page, type sizes, line pitch."""

from __future__ import annotations

from typing import Any

from engine.errors import InputError

__all__ = ["BODY", "HEAD", "add_paragraph", "new_document"]

BODY, HEAD, TITLE = 16.0, 16.0, 22.0
_FANGSONG, _HEI, _KAI, _TITLE = "仿宋", "黑体", "楷体", "方正小标宋简体"


def new_document() -> Any:
    """An empty A4 document with the margins and body type of a 公文.

    Raises:
        InputError: python-docx is not installed.
    """
    try:
        import docx
        from docx.shared import Mm, Pt
    except ImportError:
        raise InputError("生成 Word 文档需要 python-docx：pip install 'zhuban[check]'") from None
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Times New Roman", Pt(BODY)
    _east_asian(normal.element.get_or_add_rPr(), _FANGSONG)
    return document


def add_paragraph(
    document: Any,
    text: str,
    *,
    font: str = "body",
    size: float = BODY,
    align: str = "left",
    indent: bool = True,
    colour: str | None = None,
) -> Any:
    """Add one paragraph.

    Args:
        document: Where.
        text: Its words.
        font: `body`, `head` (黑体), `sub` (楷体) or `title`.
        size: Points.
        align: left, centre, right or both.
        indent: Two characters at the start.
        colour: Hexadecimal RGB.
    """
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
    from docx.shared import Pt, RGBColor

    paragraph = document.add_paragraph()
    shape = paragraph.paragraph_format
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(max(28, size * 1.5))
    shape.space_before = shape.space_after = Pt(0)
    places = {"left": "LEFT", "centre": "CENTER", "right": "RIGHT", "both": "JUSTIFY"}
    paragraph.alignment = getattr(WD_ALIGN_PARAGRAPH, places[align])
    if indent:
        shape.first_line_indent = Pt(2 * size)
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    if colour:
        run.font.color.rgb = RGBColor.from_string(colour)
    family = {"body": _FANGSONG, "head": _HEI, "sub": _KAI, "title": _TITLE}[font]
    _east_asian(run._element.get_or_add_rPr(), family)
    return paragraph


def _east_asian(properties: Any, family: str) -> None:
    from docx.oxml.ns import qn

    properties.get_or_add_rFonts().set(qn("w:eastAsia"), family)
