"""Find the vocabulary of `check.yaml` in a normalised passage."""

from __future__ import annotations

import re
from collections.abc import Sequence

import ahocorasick_rs

from engine.model import CheckWord
from engine.normalise import normalise

__all__ = ["WordIndex"]


class WordIndex:
    """All phrases of the vocabulary; an `unless` phrase hides what it covers.

    A gap phrase (`收取…费`) is its two halves within a few characters of one
    segment; the plain ones are found in one pass.
    """

    def __init__(self, words: Sequence[CheckWord]) -> None:
        self._owners: list[tuple[CheckWord, bool]] = []
        self._gaps: list[tuple[re.Pattern[str], CheckWord]] = []
        patterns: list[str] = []
        for word in words:
            for phrase, hides in [(p, False) for p in word.phrases] + [(p, True) for p in word.unless]:
                first, gap, second = phrase.partition("…")
                if gap:
                    joined = re.escape(normalise(first).text) + "[^，。；：！？]{0,8}?" + re.escape(normalise(second).text)
                    self._gaps.append((re.compile(joined), word))
                    continue
                patterns.append(normalise(phrase).text)
                self._owners.append((word, hides))
        self._automaton = (
            ahocorasick_rs.AhoCorasick(patterns, matchkind=ahocorasick_rs.MatchKind.Standard) if patterns else None
        )

    def find(self, text: str) -> list[tuple[int, int, CheckWord]]:
        """Hits in the order of the text, longer ones first."""
        if self._automaton is None:
            return []
        hits: list[tuple[int, int, CheckWord]] = []
        covers: list[tuple[int, int, CheckWord]] = []
        for number, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            word, hides = self._owners[number]
            (covers if hides else hits).append((start, end, word))
        hits += [(m.start(), m.end(), word) for pattern, word in self._gaps for m in pattern.finditer(text)]
        if covers:
            hits = [h for h in hits if not any(c[2] is h[2] and c[0] <= h[0] and h[1] <= c[1] for c in covers)]
        hits.sort(key=lambda h: (h[0], -h[1]))
        return hits
