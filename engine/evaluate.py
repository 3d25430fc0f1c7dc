"""Measure a router on labelled texts.

Every figure of docs/evaluation.md comes from here. A label's `accept` counts
as right; units are compared by the register, not by spelling.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from engine.cases import Case
from engine.model import VerdictKind
from engine.rendering import verdict_kind
from engine.router import Router
from engine.verdict import Verdict

__all__ = ["Outcome", "Scores", "evaluate", "score"]

UNLISTED = "清单外"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the router said of one labelled text, and whether it is right."""

    case: Case
    verdict: Verdict
    top1: bool
    top3: bool
    verdict_right: bool
    lead_exact: bool | None
    category: str

    @property
    def right(self) -> bool:
        """The answer as a whole: the right item, or rightly off the list."""
        if self.case.item is None:
            return self.verdict.item_id is None or self.top1
        return self.top1


@dataclass(slots=True)
class Scores:
    """Figures over a set of outcomes; shares are 0 to 1, None without texts.

    Attributes:
        listed, unlisted: Numbers of texts.
        verdict, top1, top3: Of listed texts.
        lead: Lead units exact, of listed C and R texts whose item is right.
        kept: Unlisted texts left unlisted.
        false_reclaimed: `reclaimed` said of texts that are not, of all those.
        said: Listed texts that got an item at all.
        review: Share of all texts marked `needs_review`.
    """

    listed: int = 0
    unlisted: int = 0
    verdict: float | None = None
    top1: float | None = None
    top3: float | None = None
    lead: float | None = None
    kept: float | None = None
    false_reclaimed: float | None = None
    said: float | None = None
    review: float | None = None
    by_group: dict[str, Scores] = field(default_factory=dict)


def judge(router: Router, case: Case) -> Outcome:
    """Route one labelled text and compare."""
    verdict = router.route(case.text)
    wanted = {case.item, *case.accept} - {None}
    kinds = {verdict_kind(router.official[router.number[item]]) for item in wanted if item in router.number}
    if case.item is None:
        kinds.add(VerdictKind.UNLISTED)
    order = [verdict.item_id] if verdict.item_id else []
    order += [a.item_id for a in verdict.alternatives]
    top1 = verdict.item_id in wanted
    lead: bool | None = None
    if top1 and case.lead_units and verdict.item_id == case.item:
        expected = {router.register.resolve(unit) or unit for unit in case.lead_units}
        lead = expected == set(verdict.lead_units)
    category = router.official[router.number[case.item]].category if case.item in router.number else UNLISTED
    return Outcome(case, verdict, top1, bool(wanted & set(order[:3])), verdict.verdict in kinds, lead, category)


def evaluate(router: Router, cases: Iterable[Case]) -> list[Outcome]:
    """Judge every case, in order."""
    return [judge(router, case) for case in cases]


def _share(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None


def score(outcomes: Sequence[Outcome], groups: bool = True) -> Scores:
    """Sum outcomes up, over all and by table and category."""
    listed = [o for o in outcomes if o.case.item is not None]
    unlisted = [o for o in outcomes if o.case.item is None]
    not_reclaimed = [o for o in outcomes if not any(i.startswith("R") for i in (o.case.item or "", *o.case.accept))]
    said_reclaimed = (VerdictKind.RECLAIMED, VerdictKind.ABOLISHED)
    scores = Scores(
        listed=len(listed),
        unlisted=len(unlisted),
        verdict=_share([o.verdict_right for o in listed]),
        top1=_share([o.top1 for o in listed]),
        top3=_share([o.top3 for o in listed]),
        lead=_share([o.lead_exact for o in listed if o.lead_exact is not None]),
        kept=_share([o.verdict.item_id is None or o.top1 for o in unlisted]),
        false_reclaimed=_share([o.verdict.verdict in said_reclaimed for o in not_reclaimed]),
        said=_share([o.verdict.item_id is not None for o in listed]),
        review=_share([o.verdict.needs_review for o in outcomes]),
    )
    if groups:
        by: dict[str, list[Outcome]] = {}
        for outcome in outcomes:
            table = outcome.case.item[0] if outcome.case.item else UNLISTED
            by.setdefault(table, []).append(outcome)
            if outcome.case.item:
                by.setdefault(f"{table} {outcome.category}", []).append(outcome)
        scores.by_group = {name: score(found, groups=False) for name, found in sorted(by.items())}
    return scores


def confusions(outcomes: Sequence[Outcome], most: int = 20) -> list[tuple[str, str, int]]:
    """Most frequent wrong answers: wanted item, said item, how often."""
    pairs = Counter((o.case.item or UNLISTED, o.verdict.item_id or UNLISTED) for o in outcomes if not o.right)
    return [(wanted, said, count) for (wanted, said), count in pairs.most_common(most)]


_BANDS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)


def calibration_table(
    outcomes: Sequence[Outcome], edges: Sequence[float] = _BANDS
) -> list[tuple[float, float, int, float | None]]:
    """For bands of confidence: from, to, texts, share that is right (verdicts that name an item)."""
    said = [o for o in outcomes if o.verdict.item_id is not None]
    rows: list[tuple[float, float, int, float | None]] = []
    for low, high in pairwise(edges):
        band = [o.right for o in said if low <= o.verdict.confidence < high]
        rows.append((low, min(high, 1.0), len(band), _share(band)))
    return rows


def coverage_table(outcomes: Sequence[Outcome], shares: Sequence[float] = (0.6, 0.8, 1.0)) -> list[tuple[float, float | None]]:
    """Accuracy over the most confident share of all texts."""
    order = sorted(outcomes, key=lambda o: -o.verdict.confidence)
    return [(share, _share([o.right for o in order[: round(len(order) * share)]])) for share in shares]
