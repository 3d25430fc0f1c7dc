"""Bring a text into the one form in which phrases are looked for.

First step of the way of one text: text -> **normalise** -> concepts -> facts
-> firing -> arbitrate -> departments -> verdict. Full-width letters become
half-width, traditional characters simplified, letters lower case; blanks,
zero-width marks and stray punctuation inside words go. Every remaining
character remembers where it stood, so that evidence points into the original.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from engine.characters import CharacterTable
from engine.errors import InputError

__all__ = ["TEXT_LIMIT", "Normalised", "normalise", "not_normal"]

TEXT_LIMIT = 20_000
"""Characters of a text that are read; what follows is not (bounded work)."""

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
# Blanks and marks that carry no meaning, and punctuation that someone put inside a word.
_BLANKS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad\x00-\x1f\x7f]")
_MARKS = ".·•*_~^`'\"|/\\-\u2010\u2011\u2012\u2013\u2014\u2015"
_NOISE = re.compile(rf"{_BLANKS.pattern}+|(?<=[{_HAN}])[{re.escape(_MARKS)}]+(?=[{_HAN}])")
_BLANK = re.compile(rf"{_BLANKS.pattern}*\Z")
_BREAK = re.compile(r"[ \t\r\f\v\u3000\xa0]*\n[\s\u3000]*")


class Normalised(NamedTuple):
    """A normalised text.

    Attributes:
        text: What is searched.
        offsets: For each character its offset in the original, or None when
            nothing was removed and the offsets are the same.
        length: Characters of the original that were read.
        truncated: The original was longer than `TEXT_LIMIT`.
    """

    text: str
    offsets: tuple[int, ...] | None
    length: int
    truncated: bool

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span in the original text of a span in the normalised one."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


@lru_cache(maxsize=1)
def _characters() -> CharacterTable:
    lowest = "".join(map(chr, range(0x3001)))  # U+3000 is the last blank but one, U+FEFF the last
    return CharacterTable(_table(), {*_BLANKS.findall(lowest), "\ufeff", *_MARKS})


@lru_cache(maxsize=1)
def _table() -> dict[int, int]:
    table = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    # Chinese sentence punctuation stays as it is: it separates clauses.
    for kept in "，。！？；：（）":
        table.pop(ord(kept), None)
    table.update({code: code + 32 for code in range(ord("A"), ord("Z") + 1)})
    table.update({code: code - 0xFEE0 + 32 for code in range(0xFF21, 0xFF3B)})
    for half, full in zip(",!?;:()", "，！？；：（）", strict=True):
        table[ord(half)] = ord(full)
    pairs = (Path(__file__).parent / "data" / "traditional.txt").read_text(encoding="utf-8").split()
    table.update({ord(pair[0]): ord(pair[1]) for pair in pairs})
    return table


def not_normal(phrases: Iterable[str]) -> list[str]:
    """Those phrases that normalising would change; many are checked at once."""
    listed = list(phrases)
    joined = "\n".join(listed)
    mapped = joined.translate(_table())
    if mapped == joined and not _NOISE.search(joined.replace("\n", "，")):
        return []
    return [phrase for phrase in listed if phrase.translate(_table()) != phrase or _NOISE.search(phrase)]


def normalise(text: str) -> Normalised:
    """Normalise one text.

    Args:
        text: Any string; at most `TEXT_LIMIT` characters are read.

    Returns:
        The normalised text with the way back to the original offsets.

    Raises:
        InputError: The text is empty or blank (also: only control or zero-width
            characters), or is not text (lone surrogates).

    Example:
        >>> normalise("村東頭有人燒 苞谷").text
        '村东头有人烧苞谷'
    """
    read = text[:TEXT_LIMIT]
    quick = _characters().exchange(read)
    if quick:
        return Normalised(quick, None, len(read), len(text) > TEXT_LIMIT)
    if _BLANK.match(read):
        raise InputError("文本为空，请粘贴诉求内容")
    if not read.isascii():
        try:
            read.encode("utf-8")
        except UnicodeEncodeError as error:
            place = f"文本第 {error.start + 1} 个字符不是有效字符（编码残缺）"
            raise InputError(f"{place}，请按 UTF-8 或 GB18030 重新取得原文") from None
    mapped = read.translate(_table())
    offsets: tuple[int, ...] | None = None
    if _NOISE.search(mapped):
        mapped = _BREAK.sub(lambda m: "。" + "\0" * (len(m[0]) - 1), mapped)
        kept: list[int] = []
        cursor = 0
        for match in _NOISE.finditer(mapped):
            kept.extend(range(cursor, match.start()))
            cursor = match.end()
        kept.extend(range(cursor, len(mapped)))
        offsets = tuple(kept)
        mapped = "".join([mapped[i] for i in kept])
    return Normalised(mapped, offsets, len(read), len(text) > TEXT_LIMIT)
