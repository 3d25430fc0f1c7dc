"""Find a pack's concepts in a normalised text.

Second step. One Aho–Corasick pass finds every phrase; gap phrases (`烧…杆子`)
are joined from their halves; phrases covered by an `unless` phrase are
dropped; `words` are marked ambiguous and confirmed by jieba only when a clause
that could fire needs them. Decides nothing about items.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import ahocorasick_rs

from engine.model import Concept

if TYPE_CHECKING:
    import jieba

__all__ = ["GAP", "Hit", "PhraseIndex", "Scan", "clause_bounds"]

GAP = 8
"""Most characters between the two halves of a gap phrase."""

_ENDS = frozenset("。！？；，、：（）\n")
_WINDOW = 6  # characters on each side of an ambiguous word that jieba is shown


class Hit(NamedTuple):
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


def _distinct(found: Sequence[int]) -> tuple[int, ...]:
    return tuple(found) if len(found) < 2 else tuple(dict.fromkeys(found))


class Scan:
    """What one pass over a text found.

    Attributes:
        text: The normalised text.
        concepts: Concepts that are surely there.
        ambiguous: Concepts seen only in words that jieba has yet to confirm.
    """

    __slots__ = ("_hits", "_index", "_matches", "ambiguous", "concepts", "text")

    def __init__(
        self,
        index: PhraseIndex,
        text: str,
        matches: list[tuple[int, int, int]],
        concepts: frozenset[int],
        ambiguous: frozenset[int],
    ) -> None:
        self.text = text
        self.concepts = concepts
        self.ambiguous = ambiguous
        self._index = index
        self._matches = matches
        self._hits: list[Hit] | None = None

    def hits(self) -> list[Hit]:
        """Every concept with its place; worked out when first asked."""
        if self._hits is None:
            self._hits = self._index.hits(self.text, self._matches)
        return self._hits

    def hits_of(self, concepts: frozenset[int]) -> list[Hit]:
        """The places of some concepts."""
        if self._hits is not None:
            return [hit for hit in self._hits if hit[0] in concepts]
        return self._index.hits(self.text, self._matches, concepts)


def _joined(text: str, matches: Sequence[tuple[int, int, int]], first: int, second: int) -> Iterator[tuple[int, int]]:
    """Places where the two halves of a gap phrase stand close enough in one clause."""
    ends = [(start, end) for number, start, end in matches if number == second]
    for number, start, end in matches:
        if number == first:
            for second_start, second_end in ends:
                if end <= second_start <= end + GAP and _ENDS.isdisjoint(text[end:second_start]):
                    yield start, second_end
                    break


class PhraseIndex:
    """All phrases of a pack in one automaton.

    Args:
        concepts: The pack's concepts; their order gives the concept indexes.
            Phrases are in normalised form (loading a pack sees to it).

    Thread use: `scan` may be called from any thread; the tokenizer behind
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
                        gaps[first].append((second, i))
                    else:
                        plain[phrase].append(i)
                for word in part.words:
                    words[word].append(i)
                for longer in part.unless:
                    unless[longer].append(i)
        seconds = {second for halves in gaps.values() for second, _ in halves}
        self.patterns = sorted(plain.keys() | words.keys() | unless.keys() | gaps.keys() | seconds)
        number = {p: n for n, p in enumerate(self.patterns)}
        self._plain = [_distinct(plain.get(p, ())) for p in self.patterns]
        self._words = {number[p]: tuple(dict.fromkeys(found)) for p, found in words.items()}
        self._unless = {number[p]: tuple(dict.fromkeys(found)) for p, found in unless.items()}
        self._gaps = {number[p]: tuple((number[s], c) for s, c in found) for p, found in gaps.items()}
        self._gap_firsts = frozenset(self._gaps)
        self._word_numbers = frozenset(self._words)
        self._unless_numbers = frozenset(self._unless)
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

    def scan(self, text: str) -> Scan:
        """Find which concepts a normalised text holds."""
        matches = self._automaton.find_matches_as_indexes(text, overlapping=True)
        numbers = {match[0] for match in matches}
        sure: set[int] = set().union(*map(self._plain.__getitem__, numbers))
        for number in numbers & self._gap_firsts:
            for second, concept in self._gaps[number]:
                if second in numbers and concept not in sure and next(_joined(text, matches, number, second), None):
                    sure.add(concept)
        ambiguous: set[int] = set().union(*map(self._words.__getitem__, numbers & self._word_numbers))
        scan = Scan(self, text, matches, frozenset(sure), frozenset(ambiguous - sure))
        if not numbers.isdisjoint(self._unless_numbers):
            hits = scan.hits()
            sure = {hit[0] for hit in hits if not hit[3]}
            scan.concepts = frozenset(sure)
            scan.ambiguous = frozenset([hit[0] for hit in hits if hit[3]]) - sure
        return scan

    def hits(self, text: str, matches: Sequence[tuple[int, int, int]], only: frozenset[int] | None = None) -> list[Hit]:
        """Every concept with its place, from the matches of one scan.

        Args:
            text: The normalised text.
            matches: What the automaton found in it.
            only: Concepts to look for; all when None.
        """
        plain, words, unless = self._plain, self._words, self._unless
        numbers = {match[0] for match in matches}
        places: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for number, start, end in matches:
            places[number].append((start, end))
        hits: list[Hit] = []
        for number in numbers if only is None else [n for n in numbers if not only.isdisjoint(plain[n])]:
            wanted = plain[number] if only is None else only.intersection(plain[number])
            hits.extend([Hit(concept, start, end, False) for concept in wanted for start, end in places[number]])
        for number in numbers & self._word_numbers:
            wanted = words[number] if only is None else only.intersection(words[number])
            hits.extend([Hit(concept, start, end, True) for concept in wanted for start, end in places[number]])
        for number in numbers & self._gap_firsts:
            for second, concept in self._gaps[number]:
                if second in numbers and (only is None or concept in only):
                    hits.extend(Hit(concept, start, end, False) for start, end in _joined(text, matches, number, second))
        covers: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for number in numbers & self._unless_numbers:
            for concept in unless[number]:
                covers[concept].extend(places[number])
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
