"""Plain text and Markdown: UTF-8 (with or without mark), UTF-16 with mark, GB18030."""

from __future__ import annotations

import re

from engine.check.document import Block, Document
from engine.errors import InputError

__all__ = ["decode", "read_text"]

_MARKDOWN = re.compile(r"^\s{0,3}(?:#{1,6}\s+|[-*+]\s+|>\s?)")


def decode(data: bytes, name: str) -> str:
    """Text from bytes.

    Raises:
        InputError: Neither UTF-8 nor GB18030, or binary.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            raise InputError(f"{name}：编码残缺，请另存为 UTF-8") from None
    if b"\x00" in data[:4096]:
        raise InputError(f"{name}：不是文本文件；请用 docx、pdf、txt 或 xlsx")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(f"{name}：既不是 UTF-8 也不是 GB18030 编码，请另存为 UTF-8")


def read_text(data: bytes, name: str) -> Document:
    """One block for each line that holds words."""
    text = decode(data, name)
    if "\u3000" not in text and sum(not c.isprintable() and c not in "\r\n\t" for c in text[:4000]) > 20:
        raise InputError(f"{name}：不是文本文件；请用 docx、pdf、txt 或 xlsx")
    markdown = name.lower().endswith(".md")
    blocks: list[Block] = []
    for number, line in enumerate(text.splitlines(), start=1):
        kept = (_MARKDOWN.sub("", line).replace("**", "") if markdown else line).strip()
        if kept:
            blocks.append(Block(kept, f"第 {number} 行"))
    return Document(name, "txt", blocks)
