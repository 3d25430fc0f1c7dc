"""Word documents, with python-docx: paragraphs, tables with merged cells, footnotes, text boxes.

Paragraphs are numbered in the order of the file (`Block.source`), tables
included, so that comments find them again. Numbering that Word draws itself
is not part of the words and is left out.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from engine.check.document import Block, Cell, Document
from engine.check.formats.package import checked_package
from engine.errors import InputError

__all__ = ["body_paragraphs", "open_docx", "read_docx"]

_HEAD_CELL = 14
"""Longer words in a first row are no head."""
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def open_docx(data: bytes, name: str) -> Any:
    """Open a checked package with python-docx.

    Raises:
        InputError: The package is unsafe or broken.
    """
    checked_package(data, name).close()
    try:
        import docx
    except ImportError:
        raise InputError("读取 Word 文档需要 python-docx：pip install 'zhuban[check]'") from None
    try:
        return docx.Document(io.BytesIO(data))
    except Exception:  # python-docx raises KeyError, ValueError and lxml errors on broken parts
        raise InputError(f"{name}：Word 文档已损坏，无法打开；请用 Word 或 WPS 另存后再试") from None


def body_paragraphs(document: Any) -> Iterator[tuple[Any, str]]:
    """Every `w:p` of the body in order, with where it is: `body`, `cell` or `textbox`.

    A text box is written twice in a file (new and old form); the old form
    (`mc:Fallback`) is passed over.
    """
    for element in document.element.body.iter(f"{_W}p"):
        kind = "body"
        for parent in element.iterancestors():
            if parent.tag.endswith("}Fallback"):
                kind = ""
                break
            if parent.tag == f"{_W}txbxContent":
                kind = "textbox"
            elif parent.tag == f"{_W}tc" and kind == "body":
                kind = "cell"
        if kind:
            yield element, kind


def _text(paragraph: Any) -> str:
    """The words of a paragraph without those of text boxes anchored in it, deletions and field codes."""
    found: list[str] = []
    for node in paragraph.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}noBreakHyphen"):
        above = next((p for p in node.iterancestors() if p.tag == f"{_W}p"), None)
        if above is not paragraph or any(p.tag == f"{_W}del" for p in node.iterancestors()):
            continue
        found.append((node.text or "") if node.tag == f"{_W}t" else "-" if node.tag.endswith("Hyphen") else " ")
    return "".join(found)


def read_docx(data: bytes, name: str) -> Document:
    """Read a docx.

    Raises:
        InputError: See `open_docx`.
    """
    document = open_docx(data, name)
    cells = _cells(document)
    blocks: list[Block] = []
    number = 0
    for source, (paragraph, kind) in enumerate(body_paragraphs(document)):
        text = _text(paragraph).strip()
        if kind == "body":
            number += 1 if text else 0
        if not text:
            continue
        if kind == "cell":
            cell = cells.get(next(p for p in paragraph.iterancestors() if p.tag == f"{_W}tc"))
            if cell is not None:
                label = f"表 {cell.table + 1} 第 {cell.row + 1} 行第 {cell.column + 1} 列"
                blocks.append(Block(text, label, "cell", cell, source))
                continue
        if kind == "textbox":
            blocks.append(Block(text, "文本框", "textbox", None, source))
        else:
            blocks.append(Block(text, f"第 {number} 段", "paragraph", None, source))
    blocks.extend(_footnotes(document))
    return Document(name, "docx", blocks)


def _cells(document: Any) -> dict[Any, Cell]:
    """Where each table cell stands; a merged cell counts once, at its first place."""
    found: dict[Any, Cell] = {}
    for number, table in enumerate(document.element.body.iter(f"{_W}tbl")):
        headers: dict[int, str] = {}
        for row_number, row in enumerate(table.findall(f"{_W}tr")):
            column = 0
            for cell in row.findall(f"{_W}tc"):
                span = cell.find(f"{_W}tcPr/{_W}gridSpan")
                width = int(span.get(f"{_W}val") or 1) if span is not None else 1
                words = "".join(_text(p) for p in cell.findall(f"{_W}p")).strip()
                if row_number == 0 and len(words) <= _HEAD_CELL:
                    headers.update({column + i: words for i in range(width)})
                found[cell] = Cell(number, row_number, column, headers.get(column, "") if row_number else "")
                column += width
    return found


def _footnotes(document: Any) -> list[Block]:
    from lxml import etree

    blocks: list[Block] = []
    for part in document.part.package.iter_parts():
        if str(part.partname) not in ("/word/footnotes.xml", "/word/endnotes.xml"):
            continue
        root = etree.fromstring(part.blob, etree.XMLParser(resolve_entities=False, no_network=True))
        for number, paragraph in enumerate(root.iter(f"{_W}p"), start=1):
            text = _text(paragraph).strip()
            if text:
                blocks.append(Block(text, f"脚注 {number}", "footnote"))
    return blocks
