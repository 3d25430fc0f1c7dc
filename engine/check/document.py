"""A notice as it was read: blocks of text with their places, whatever the file.

Formats turn a file into blocks (`engine/check/formats/`); everything after
this module sees blocks only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from engine.errors import InputError

__all__ = ["MOST_BLOCKS", "MOST_BYTES", "MOST_CHARACTERS", "MOST_PAGES", "Block", "Cell", "Document", "limited"]

MOST_BYTES = 30_000_000
MOST_PAGES = 300
MOST_BLOCKS = 20_000
MOST_CHARACTERS = 600_000


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a block stands in a table.

    Attributes:
        table, row, column: From 0, in the order of the file.
        header: The words at the head of its column.
    """

    table: int
    row: int
    column: int
    header: str


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a table cell, a footnote or a text box.

    Attributes:
        text: Its words; blanks at both ends are kept out.
        label: The place in a person's words.
        kind: What it was in the file.
        cell: Set for table cells.
        source: Number of the paragraph in the docx file, by which it is found again for comments; -1 otherwise.
    """

    text: str
    label: str
    kind: Literal["paragraph", "cell", "footnote", "textbox"] = "paragraph"
    cell: Cell | None = None
    source: int = -1


@dataclass(slots=True)
class Document:
    """A file's blocks in reading order.

    Attributes:
        name: The file's name, or 标准输入.
        form: docx, pdf, txt, xlsx.
        pages: Known for PDF only.
    """

    name: str
    form: str
    blocks: list[Block] = field(default_factory=list)
    pages: int | None = None


def limited(document: Document) -> Document:
    """Refuse a document without words or beyond the limits.

    Raises:
        InputError: Nothing to read, or too much.
    """
    if not any(block.text.strip() for block in document.blocks):
        raise InputError(f"{document.name}：文件里没有文字，无法核对")
    if document.pages is not None and document.pages > MOST_PAGES:
        raise InputError(f"{document.name}：共 {document.pages} 页，超过上限 {MOST_PAGES} 页，请拆分后再核对")
    characters = sum(len(block.text) for block in document.blocks)
    if len(document.blocks) > MOST_BLOCKS or characters > MOST_CHARACTERS:
        limits = f"{MOST_BLOCKS} 段或 {MOST_CHARACTERS} 字"
        size = f"{len(document.blocks)} 段 {characters} 字"
        raise InputError(f"{document.name}：共 {size}，超过上限 {limits}，请拆分后再核对")
    return document
