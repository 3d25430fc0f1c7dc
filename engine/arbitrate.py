"""Order the items that fired so that the first answers for the matter.

Fifth step: firing -> **arbitrate** -> departments. Declared `over` first, then
strong before supporting evidence, then specificity: the weight of a met
condition grows as fewer items use its concept, and more conditions weigh more.
What is close stays open; the second reader orders it. Reads no text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.concepts import Hit
from engine.facts import Passage
from engine.firing import CompiledClause
from engine.model import Item, Override

__all__ = ["LIFT", "Fired", "Ranked", "arbitrate", "rank"]

LIFT = 1.5
"""How far an override lifts its item above the one it names, in specificity."""

_SUPPORT_SHARE = 0.35
_SUPPORTING = 0.55
_FURTHER_CLAUSE = 0.2


@dataclass(frozen=True, slots=True)
class Fired:
    """One clause that held in one passage."""

    clause: CompiledClause
    passage: Passage


@dataclass(slots=True)
class Ranked:
    """One item that fired, with what speaks for it.

    Attributes:
        item: Index of the item.
        score: Its specificity after overrides.
        strong: At least one strong clause fired.
        best: The most specific clause and its passage.
        fired: All of its clauses that fired.
        beaten: Why the item does not answer, empty for the first.
        overridden: Another item declared itself over this one.
        cover: Share of the passage that the best clause accounts for; worked
            out for the first few only.
    """

    item: int
    score: float
    strong: bool
    best: Fired
    fired: list[Fired] = field(default_factory=list)
    beaten: str = ""
    cover: float = 0.0
    overridden: bool = False
    _spots: list[Hit] | None = None

    def spots(self) -> list[Hit]:
        """Where the words stand that met the best clause, in the order of the text."""
        if self._spots is None:
            self._spots = sorted(self.best.passage.hits_of(self.best.clause.spoken), key=_leftmost_longest)
        return self._spots

    def measure(self) -> None:
        """Work out `cover`: how much of the passage the best clause accounts for."""
        passage = self.best.passage
        covered, reach = 0, passage.start
        for _, start, end, _ in self.spots():
            if end > reach:
                covered += end - max(start, reach)
                reach = end
        self.cover = covered / (passage.end - passage.start)


def _leftmost_longest(hit: Hit) -> tuple[int, int]:
    return hit[1], -hit[2]


def specificity(clause: CompiledClause, concepts: frozenset[int], weight: Mapping[int, float]) -> float:
    """How specifically a clause that holds speaks of its item."""
    total = 0.0
    for group in clause.groups:
        found = group & concepts
        if len(found) == 1:
            (concept,) = found
            total += weight[concept]
        else:
            total += max([weight[concept] for concept in found])
    for concept in clause.support & concepts:
        total += _SUPPORT_SHARE * weight.get(concept, 2.0)
    return total if clause.strong else total * _SUPPORTING


def _most_specific(pair: tuple[float, Fired]) -> tuple[float, int]:
    return -pair[0], pair[1].clause.index


def rank(ranked: Ranked) -> tuple[bool, float, int]:
    """The order of items: strong before supporting evidence, then specificity."""
    return not ranked.strong, -ranked.score, ranked.item


def arbitrate(fired: Sequence[Fired], items: Sequence[Item], weight: Mapping[int, float]) -> list[Ranked]:
    """Rank the items whose clauses fired.

    Args:
        fired: Clauses that held, any order; may be empty.
        items: The pack's items, by index.
        weight: Specificity of each concept.

    Returns:
        Winner first; each loser says what beat it. Empty in, empty out.

    Source: docs/decisions/0004-arbitration.md
    """
    best: dict[int, tuple[float, Fired]] = {}  # of each clause its best passage
    for one in fired:
        score = specificity(one.clause, one.passage.concepts, weight)
        known = best.get(one.clause.index)
        if known is None or known[0] < score:
            best[one.clause.index] = (score, one)
    by_item: dict[int, list[tuple[float, Fired]]] = {}
    for pair in best.values():
        by_item.setdefault(pair[1].clause.item, []).append(pair)
    ranked: dict[int, Ranked] = {}
    for item, clauses in by_item.items():
        if len(clauses) > 1:
            clauses.sort(key=_most_specific)
        score, first = clauses[0]
        score += _FURTHER_CLAUSE * sum([further for further, _ in clauses[1:3]])
        strong = first.clause.strong or any(one.clause.strong for _, one in clauses)
        ranked[item] = Ranked(item, score, strong, first, [one for _, one in clauses])
    _override(ranked, items)
    order = sorted(ranked.values(), key=rank)
    for loser in order[1:]:
        if not loser.beaten:
            weaker = order[0].strong and not loser.strong
            loser.beaten = "依据较弱" if weaker else f"条件不如 {items[order[0].item].item} 具体"
    return order


def _near(one: Fired, other: Fired) -> bool:
    return one.passage.start < other.passage.end and other.passage.start < one.passage.end


def _override(ranked: dict[int, Ranked], items: Sequence[Item]) -> None:
    """Lift each item that declares itself over another that fired beside it."""
    if len(ranked) < 2:
        return
    index = {items[item].item: item for item in ranked}
    edges = [
        (winner, ranked[index[override.item]], override)
        for item, winner in ranked.items()
        for override in items[item].over
        if override.item in index
    ]
    edges = [edge for edge in edges if _applies(*edge)]
    for _ in range(3):  # chains of overrides; lint refuses circles
        moved = False
        for winner, loser, override in edges:
            loser.overridden = True
            loser.beaten = f"{items[winner.item].item} 优先：{override.because}"
            if winner.score <= loser.score + LIFT:
                winner.score = loser.score + LIFT + 0.01
                moved = True
        if not moved:
            return


def _applies(winner: Ranked, loser: Ranked, override: Override) -> bool:
    """Whether an override holds here: its clause fired, on evidence as strong, in the same part of the text."""
    if override.clause is not None and all(one.clause.source.id != override.clause for one in winner.fired):
        return False
    return (winner.strong or not loser.strong) and _near(winner.best, loser.best)
