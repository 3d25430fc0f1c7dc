"""Why, and why not: read off the trace of the same run that decided.

Explaining is not a second path: `Router.trace` is what `Router.route` runs,
and everything here only reads what it kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import UnknownItemError
from engine.facts import Passage
from engine.model import AnyOf
from engine.router import Router
from engine.rulesets import CompiledClause
from engine.trace import Trace

__all__ = ["ClauseState", "WhyNot", "explain", "known_item", "why_not"]

_NEARLY = 8


@dataclass(frozen=True, slots=True)
class ClauseState:
    """One clause against one text.

    Attributes:
        item, clause: Whose it is.
        fired: All conditions held in one passage.
        met: Concepts that were found, by condition.
        missing: Conditions that were not met, each with the concepts that would do.
        blocked: Concepts that the clause excludes and the text has.
        words: For each missing condition, a few phrases that would meet it.
    """

    item: str
    clause: str
    fired: bool
    met: tuple[str, ...]
    missing: tuple[tuple[str, ...], ...]
    blocked: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why an item is not the answer.

    Attributes:
        answer: It is the answer after all.
        beaten: What beat it, when it fired.
        nearest: Its clause that came closest, None for an item without clauses.
    """

    item: str
    answer: bool
    beaten: str
    nearest: ClauseState | None


def known_item(router: Router, item: str) -> int:
    """The index of an item by its id, however its letter is written.

    Raises:
        UnknownItemError: The pack has no such item.
    """
    number = router.number.get(item.strip().upper())
    if number is None:
        raise UnknownItemError(f"清单中没有「{item}」；编号形如 B1–B117、C1–C97、R1–R47，可用 zhuban list 查看")
    return number


def _state(router: Router, clause: CompiledClause, parts: Sequence[Passage]) -> ClauseState:
    def missing_in(part: Passage | None) -> int:
        found = part.concepts if part else frozenset()
        return sum(group.isdisjoint(found) for group in clause.groups) + (not clause.none.isdisjoint(found))

    best = min(parts, key=missing_in, default=None)
    found = best.concepts if best else frozenset[int]()
    names = router.index.names
    concepts = {c.concept: c for c in router.pack.concepts}
    missing = tuple(tuple(sorted(names[c] for c in group)) for group in clause.groups if group.isdisjoint(found))
    words = tuple("、".join(concepts[group[0]].phrases[:3] or concepts[group[0]].words[:3]) for group in missing)
    return ClauseState(
        item=router.items[clause.item].item,
        clause=clause.source.id,
        fired=clause.holds(found),
        met=tuple(sorted({names[c] for group in clause.groups for c in group & found})),
        missing=missing,
        blocked=tuple(sorted(names[c] for c in clause.none & found)),
        words=words,
    )


def explain(router: Router, trace: Trace) -> list[ClauseState]:
    """Every clause that fired, then those that lacked one condition, nearest first."""
    fired = [one.clause for ranked in trace.ranked for one in ranked.fired]
    states = [_state(router, clause, trace.passages) for clause in fired]
    present = trace.concepts
    near: list[tuple[float, ClauseState]] = []
    for clause in router.firing.clauses:
        if clause in fired or len(clause.groups) < 2:
            continue
        met = [group & present for group in clause.groups]
        if sum(not found for found in met) == 1:
            weight = sum(max(router.firing.weight[c] for c in found) for found in met if found)
            near.append((weight, _state(router, clause, trace.passages)))
    near.sort(key=lambda pair: -pair[0])
    return states + [state for _, state in near[:_NEARLY]]


def why_not(router: Router, trace: Trace, item: str) -> WhyNot:
    """Why an item is not the answer: what beat it, or what its nearest clause lacked.

    Raises:
        UnknownItemError: The pack has no such item.
    """
    number = known_item(router, item)
    ranked = next((r for r in trace.ranked if r.item == number), None)
    states = [_state(router, clause, trace.passages) for clause in router.firing.items[number].clauses]
    nearest = min(states, key=lambda s: (not s.fired, len(s.missing) + bool(s.blocked), -len(s.met)), default=None)
    beaten = ranked.beaten if ranked else ""
    if ranked and not beaten and trace.chosen != number:
        beaten = "与首选接近，第二读者取舍" if trace.chosen is not None else "依据不足，未作为结论"
    return WhyNot(router.items[number].item, trace.chosen == number, beaten, nearest)


def entries(all_of: Sequence[AnyOf]) -> str:
    """A clause's `all` in readable form."""
    return " + ".join(entry if isinstance(entry, str) else "（" + " 或 ".join(entry) + "）" for entry in all_of)
