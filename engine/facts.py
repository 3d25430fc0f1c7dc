"""From hits to facts: which concepts stand together in one passage.

Third step. A short text is one passage. A long one is read in overlapping
passages of a few sentences, so that a greeting at the top and a complaint at
the end do not add up to a matter that nobody raised.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from engine.concepts import Hit, Scan

__all__ = ["PASSAGE", "Passage", "passages"]

PASSAGE = 120
"""Most characters of one passage; a text up to this long is one passage."""

_SENTENCE = re.compile(r"[^。！？；]*[。！？；]*")
_PHRASE = re.compile(r"[^，、：]*[，、：]*")


class Passage:
    """A stretch of the normalised text and the concepts that stand in it.

    Attributes:
        start, end: Characters of the normalised text, end exclusive.
        concepts: Concepts found inside; ambiguous ones only once confirmed.
        ambiguous: Concepts that jieba has yet to confirm.
    """

    __slots__ = ("_scan", "ambiguous", "concepts", "end", "start")

    def __init__(self, scan: Scan, start: int, end: int, concepts: frozenset[int], ambiguous: frozenset[int]) -> None:
        self.start = start
        self.end = end
        self.concepts = concepts
        self.ambiguous = ambiguous
        self._scan = scan

    def hits_of(self, concepts: frozenset[int]) -> list[Hit]:
        """The hits inside of some concepts, as far as they count."""
        start, end = self.start, self.end
        return [hit for hit in self._scan.hits_of(concepts & self.concepts) if start <= hit[1] and hit[2] <= end]


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


def passages(scan: Scan) -> list[Passage]:
    """Divide a text into overlapping passages of whole sentences.

    Args:
        scan: What was found in the normalised text.

    Returns:
        Passages that hold a concept, in the order of the text. Each is at most
        `PASSAGE` characters and none lies within another.
    """
    text = scan.text
    if len(text) <= PASSAGE:
        return [Passage(scan, 0, len(text), scan.concepts, scan.ambiguous)] if scan.concepts or scan.ambiguous else []
    pieces = _pieces(text)
    ordered = sorted(scan.hits(), key=lambda hit: hit.start)
    starts = [hit.start for hit in ordered]
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
        inside = [hit for hit in ordered[bisect_left(starts, start) : bisect_left(starts, end)] if hit.end <= end]
        if inside:
            sure = frozenset([hit.concept for hit in inside if not hit.ambiguous])
            found.append(Passage(scan, start, end, sure, frozenset([hit.concept for hit in inside]) - sure))
    return found
