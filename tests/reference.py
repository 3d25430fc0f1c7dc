"""The steps of `engine/` that are compiled, once more in plain Python: slow, short, easy to check.

`tests/test_compiled.py` holds the compiled ones to it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import jieba

from engine import Router
from engine.arbitrate import LIFT
from engine.concepts import GAP, clause_bounds
from engine.facts import PASSAGE
from engine.model import Concept
from engine.rulesets import CompiledClause

__all__ = ["Found", "Reference"]

ENDS = "。！？；，、：（）\n"
jieba.setLogLevel(logging.ERROR)


@dataclass(frozen=True)
class Found:
    """One item that fired: its rank, how specifically, and by which clauses, the best first."""

    item: int
    score: float
    strong: bool
    clauses: tuple[int, ...]
    beaten: str
    cover: float


def occurrences(text: str, phrase: str) -> Iterator[tuple[int, int]]:
    start = text.find(phrase)
    while start >= 0:
        yield start, start + len(phrase)
        start = text.find(phrase, start + 1)


def occurrences_with_gap(text: str, first: str, second: str) -> Iterator[tuple[int, int]]:
    for start, end in occurrences(text, first):
        for place in range(end, min(end + GAP, len(text)) + 1):
            if text.startswith(second, place) and not any(mark in text[end:place] for mark in ENDS):
                yield start, place + len(second)
                break


class Reference:
    """Finds, fires and arbitrates with the rules of a Router, for texts of one passage."""

    def __init__(self, router: Router) -> None:
        self.router = router
        self.by_name = {concept.concept: concept for concept in router.pack.concepts}

    def spoken(self, concept: Concept) -> list[Concept]:
        """A concept and all it is made of."""
        found = {concept.concept: concept}
        for part in concept.parts:
            found |= {one.concept: one for one in self.spoken(self.by_name[part])}
        return list(found.values())

    def places(self, text: str, concept: Concept) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Where a concept surely stands, and where jieba must say."""
        sure: list[tuple[int, int]] = []
        doubtful: list[tuple[int, int]] = []
        covers: list[tuple[int, int]] = []
        for part in self.spoken(concept):
            for phrase in part.phrases:
                first, gap, second = phrase.partition("…")
                sure += occurrences_with_gap(text, first, second) if gap else occurrences(text, phrase)
            for word in part.words:
                doubtful += occurrences(text, word)
            for longer in part.unless:
                covers += occurrences(text, longer)

        def kept(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
            return sorted({(s, e) for s, e in found if not any(a <= s and e <= b for a, b in covers)})

        return kept(sure), kept(doubtful)

    def is_word(self, text: str, start: int, end: int) -> bool:
        """Whether jieba begins and ends words there."""
        left, right = clause_bounds(text, start, end)
        cuts, position = {left}, left
        for token in jieba.cut(text[left:right], HMM=False):
            position += len(token)
            cuts.add(position)
        return start in cuts and end in cuts

    def concepts(self, text: str) -> tuple[frozenset[int], dict[int, list[tuple[int, int]]]]:
        """The concepts that count, and where all of them stand."""
        places: dict[int, list[tuple[int, int]]] = {}
        sure: set[int] = set()
        doubtful: dict[int, list[tuple[int, int]]] = {}
        for number, concept in enumerate(self.router.pack.concepts):
            surely, perhaps = self.places(text, concept)
            if surely:
                sure.add(number)
            elif perhaps:
                doubtful[number] = perhaps
            if surely or perhaps:
                places[number] = surely + perhaps
        every = sure | doubtful.keys()
        depends: set[int] = set()
        for item in self.router.firing.items:
            reached = [clause for clause in item.clauses if clause.groups and all(g & every for g in clause.groups)]
            for clause in reached:
                for group in clause.groups:
                    if not group & sure:
                        depends |= group & doubtful.keys()
                depends |= clause.none & doubtful.keys()
        words = {c for c in doubtful if c not in depends or any(self.is_word(text, *place) for place in doubtful[c])}
        return frozenset(sure | words), places

    def specificity(self, clause: CompiledClause, concepts: frozenset[int]) -> float:
        weight = self.router.firing.weight
        total = sum(max(weight[concept] for concept in group & concepts) for group in clause.groups)
        total += sum(0.35 * weight.get(concept, 2.0) for concept in clause.support & concepts)
        return total if clause.strong else total * 0.55

    def route(self, text: str) -> tuple[frozenset[int], list[Found]]:
        """Concepts of a text of one passage, and what fired, the winner first."""
        assert len(text) <= PASSAGE
        concepts, places = self.concepts(text)
        items, names = self.router.items, [item.item for item in self.router.items]
        fired: dict[int, list[tuple[float, CompiledClause]]] = {}
        for clause in self.router.firing.clauses:
            if clause.holds(concepts):
                fired.setdefault(clause.item, []).append((self.specificity(clause, concepts), clause))
        score: dict[int, float] = {}
        strong: dict[int, bool] = {}
        for item, clauses in fired.items():
            clauses.sort(key=lambda pair: (-pair[0], pair[1].index))
            score[item] = clauses[0][0] + 0.2 * sum(further for further, _ in clauses[1:3])
            strong[item] = any(clause.strong for _, clause in clauses)
        beaten: dict[int, str] = {}
        for _ in range(3):
            for item, clauses in fired.items():
                for over in items[item].over:
                    loser = names.index(over.item)
                    waits = over.clause is not None and over.clause not in {clause.source.id for _, clause in clauses}
                    if loser in fired and not waits and strong[item] >= strong[loser]:
                        beaten[loser] = f"{names[item]} 优先：{over.because}"
                        if score[item] <= score[loser] + LIFT:
                            score[item] = score[loser] + LIFT + 0.01
        order = sorted(fired, key=lambda item: (not strong[item], -score[item], item))
        for item in order[1:]:
            weaker = strong[order[0]] and not strong[item]
            beaten.setdefault(item, "依据较弱" if weaker else f"条件不如 {names[order[0]]} 具体")
        return concepts, [
            Found(
                item,
                score[item],
                strong[item],
                tuple(clause.index for _, clause in fired[item]),
                beaten.get(item, ""),
                self.cover(text, fired[item][0][1], concepts, places),
            )
            for item in order
        ]

    @staticmethod
    def cover(text: str, clause: CompiledClause, concepts: frozenset[int], places: dict[int, list[tuple[int, int]]]) -> float:
        """The share of the text that a clause's words stand on."""
        spots = [place for concept in clause.spoken & concepts for place in places[concept]]
        return len({position for start, end in spots for position in range(start, end)}) / len(text)
