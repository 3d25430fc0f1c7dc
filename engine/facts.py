"""From hits to facts: which concepts stand together in one passage.

Third step. A short text is one passage. A long one is read in overlapping
passages of a few sentences, so that a greeting at the top and a complaint at
the end do not add up to a matter that nobody raised.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.concepts import Hit

__all__ = ["PASSAGE", "Passage", "passages"]

PASSAGE = 120
"""Most characters of one passage; a text up to this long is one passage."""

_SENTENCE = re.compile(r"[^。！？；]*[。！？；]*")
_PHRASE = re.compile(r"[^，、：]*[，、：]*")


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of the normalised text and the hits that lie in it."""

    start: int
    end: int
    hits: tuple[Hit, ...]

    @property
    def concepts(self) -> frozenset[int]:
        return frozenset(hit.concept for hit in self.hits)


def _pieces(text: str) -> list[tuple[int, int]]:
    """Sentences; one that is too long is cut at its commas, and at worst anywhere."""
    pieces: list[tuple[int, int]] = []
    for sentence in _SENTENCE.finditer(text):
        if sentence.end() - sentence.start() <= PASSAGE:
            pieces.append(sentence.span())
            continue
        start = sentence.start()
        for phrase in _PHRASE.finditer(text, sentence.start(), sentence.end()):
            if phrase.end() - start > PASSAGE and phrase.start() > start:
                pieces.append((start, phrase.start()))
                start = phrase.start()
        while sentence.end() - start > PASSAGE:
            pieces.append((start, start + PASSAGE))
            start += PASSAGE
        pieces.append((start, sentence.end()))
    return [(start, end) for start, end in pieces if end > start]


def passages(text: str, hits: Sequence[Hit]) -> list[Passage]:
    """Divide a text into overlapping passages of whole sentences.

    Args:
        text: The normalised text.
        hits: Its concept hits.

    Returns:
        Passages with at least one hit, in the order of the text. Each is at
        most `PASSAGE` characters and none lies within another.
    """
    if len(text) <= PASSAGE:
        return [Passage(0, len(text), tuple(hits))] if hits else []
    pieces = _pieces(text)
    ordered = sorted(hits, key=lambda hit: (hit.start, hit.end))
    found: list[Passage] = []
    covered = 0
    for i, (start, _) in enumerate(pieces):
        last = i
        while last + 1 < len(pieces) and pieces[last + 1][1] - start <= PASSAGE:
            last += 1
        end = pieces[last][1]
        if end <= covered:
            continue
        covered = end
        inside = tuple(hit for hit in ordered if start <= hit.start and hit.end <= end)
        if inside:
            found.append(Passage(start, end, inside))
    return found
