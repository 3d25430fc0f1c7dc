"""Find a pack's concepts in a normalised text.

Second step. One Aho–Corasick pass finds every phrase; gap phrases (`烧…杆子`)
are joined from their halves; phrases covered by an `unless` phrase are
dropped; `words` are marked ambiguous and confirmed by jieba only when a clause
that could fire needs them. Decides nothing about items.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ahocorasick_rs

from engine.model import Concept
from engine.normalise import normalise

if TYPE_CHECKING:
    import jieba

__all__ = ["GAP", "Hit", "PhraseIndex", "clause_bounds"]

GAP = 8
"""Most characters between the two halves of a gap phrase."""

_ENDS = frozenset("。！？；，、：（）\n")
_WINDOW = 24


@dataclass(frozen=True, slots=True)
class Hit:
    """One concept at one place of the normalised text.

    Attributes:
        concept: Index of the concept in the pack.
        start, end: Characters of the normalised text, end exclusive.
        ambiguous: Counts only where jieba sees a word boundary on both sides.
    """

    concept: int
    start: int
    end: int
    ambiguous: bool


def clause_bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """The span between the punctuation marks around `start:end`, at most a few words wide."""
    low, high = max(0, start - _WINDOW), min(len(text), end + _WINDOW)
    left, right = start, end
    while left > low and text[left - 1] not in _ENDS:
        left -= 1
    while right < high and text[right] not in _ENDS:
        right += 1
    return left, right


def searched(phrase: str) -> str:
    """A phrase as it looks in a normalised text."""
    return normalise(phrase).text


class PhraseIndex:
    """All phrases of a pack in one automaton.

    Args:
        concepts: The pack's concepts; their order gives the concept indexes.

    Thread use: `find` may be called from any thread; the tokenizer behind
    `confirmed` is created once and never changed.
    """

    def __init__(self, concepts: Sequence[Concept]) -> None:
        self.names = tuple(c.concept for c in concepts)
        by_name = {c.concept: i for i, c in enumerate(concepts)}
        plain: defaultdict[str, list[int]] = defaultdict(list)
        words: defaultdict[str, list[int]] = defaultdict(list)
        unless: defaultdict[str, list[int]] = defaultdict(list)
        gaps: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        for i, concept in enumerate(concepts):
            for part in self._with_parts(concept, concepts, by_name):
                for phrase in part.phrases:
                    first, gap, second = phrase.partition("…")
                    if gap:
                        gaps[searched(first)].append((searched(second), i))
                    else:
                        plain[searched(phrase)].append(i)
                for word in part.words:
                    words[searched(word)].append(i)
                for longer in part.unless:
                    unless[searched(longer)].append(i)
        seconds = {second for ends in gaps.values() for second, _ in ends}
        self.patterns = sorted(plain.keys() | words.keys() | unless.keys() | gaps.keys() | seconds)
        self._plain = [tuple(dict.fromkeys(plain.get(p, ()))) for p in self.patterns]
        self._words = [tuple(dict.fromkeys(words.get(p, ()))) for p in self.patterns]
        self._unless = [tuple(dict.fromkeys(unless.get(p, ()))) for p in self.patterns]
        number = {p: n for n, p in enumerate(self.patterns)}
        self._gaps = [tuple((number[s], c) for s, c in gaps.get(p, ())) for p in self.patterns]
        self._second = frozenset(number[s] for s in seconds)
        # 0: only plain phrases, the fast way through `find`.
        self._special = [
            bool(self._words[n] or self._unless[n] or self._gaps[n] or n in self._second) for n in range(len(self.patterns))
        ]
        self._automaton = ahocorasick_rs.AhoCorasick(self.patterns, matchkind=ahocorasick_rs.MatchKind.Standard)
        self._tokenizer: jieba.Tokenizer | None = None
        self._lock = threading.Lock()

    @staticmethod
    def _with_parts(concept: Concept, concepts: Sequence[Concept], by_name: dict[str, int]) -> list[Concept]:
        found: dict[str, Concept] = {}
        queue = [concept]
        while queue:
            current = queue.pop()
            if current.concept not in found:
                found[current.concept] = current
                queue.extend(concepts[by_name[part]] for part in current.parts)
        return list(found.values())

    def find(self, text: str) -> list[Hit]:
        """All hits in a normalised text, in no particular order."""
        matches = self._automaton.find_matches_as_indexes(text, overlapping=True)
        hits: list[Hit] = []
        special: list[tuple[int, int, int]] = []
        is_special, plain = self._special, self._plain
        for match in matches:
            number, start, end = match
            for concept in plain[number]:
                hits.append(Hit(concept, start, end, False))
            if is_special[number]:
                special.append(match)
        if special:
            hits = self._with_special(text, hits, special)
        return hits

    def _with_special(self, text: str, hits: list[Hit], special: list[tuple[int, int, int]]) -> list[Hit]:
        seconds: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        covers: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for number, start, end in special:
            for concept in self._words[number]:
                hits.append(Hit(concept, start, end, True))
            for concept in self._unless[number]:
                covers[concept].append((start, end))
            if number in self._second:
                seconds[number].append((start, end))
        for number, start, end in special:
            for second, concept in self._gaps[number]:
                for second_start, second_end in seconds.get(second, ()):
                    between = text[end:second_start]
                    if end <= second_start <= end + GAP and not _ENDS.intersection(between):
                        hits.append(Hit(concept, start, second_end, False))
                        break
        if covers:
            hits = [h for h in hits if not any(s <= h.start and h.end <= e for s, e in covers.get(h.concept, ()))]
        return hits

    def confirmed(self, text: str, hit: Hit) -> bool:
        """Whether jieba, cutting the words around an ambiguous hit, sees it as whole words."""
        left, right = clause_bounds(text, hit.start, hit.end)
        start, end = hit.start - left, hit.end - left
        cuts = {0}
        position = 0
        for token in self._jieba().cut(text[left:right], HMM=False):
            position += len(token)
            cuts.add(position)
        return start in cuts and end in cuts

    def _jieba(self) -> jieba.Tokenizer:
        if self._tokenizer is None:
            with self._lock:
                if self._tokenizer is None:
                    import logging

                    import jieba

                    jieba.setLogLevel(logging.ERROR)
                    tokenizer = jieba.Tokenizer()
                    tokenizer.initialize()
                    self._tokenizer = tokenizer
        return self._tokenizer
