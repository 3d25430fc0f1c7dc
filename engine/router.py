"""The way of one text, from the pasted words to the verdict.

text -> normalise -> concepts -> facts -> firing -> arbitrate -> departments
-> verdict. The desk, `batch`, `check` and Spark all call `Router.route`;
explaining reads the trace of the same run (`engine/explain.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.arbitrate import LIFT, Arbiter, Ranked, rank
from engine.calibration import Calibration, load_calibration
from engine.concepts import PhraseIndex, Scan
from engine.conditions import Condition, FirstThatHolds
from engine.departments import Departments, Lead
from engine.facts import Passage, passages
from engine.firing import Fired, Firing
from engine.model import Hint, Kind, OfficialItem, Pack, VerdictKind
from engine.normalise import Normalised, normalise
from engine.reader import Reader, load_reader
from engine.reasons import reason_listed, reason_unlisted
from engine.rulesets import Evaluator, compile_items
from engine.startup import collector_paused
from engine.units import UnitRegister
from engine.verdict import Alternative, Evidence, FurtherMatter, Verdict

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Router", "Trace", "verdict_kind"]

_CATEGORY_SHARE = 0.6  # of what an override weighs: a given category only tips what is close
_MOST_ALTERNATIVES = 5
_MOST_MEASURED = 4
_MOST_EVIDENCE = 12
_MOST_REMEMBERED = 20_000


def _span(ranked: Ranked) -> tuple[int, int]:
    """From the first to the last word that met the best clause."""
    spots = ranked.spots()
    return spots[0].start, max(hit.end for hit in spots)


def verdict_kind(official: OfficialItem) -> VerdictKind:
    """What an item of the list means for a text that it governs."""
    if official.abolished:
        return VerdictKind.ABOLISHED
    return {
        Kind.BASIC: VerdictKind.LEAD,
        Kind.COOPERATING: VerdictKind.SUPPORT,
        Kind.RECLAIMED: VerdictKind.RECLAIMED,
    }[official.kind]


@dataclass(slots=True)
class Trace:
    """Everything that was looked at on the way to one verdict."""

    normalised: Normalised
    scan: Scan
    passages: list[Passage]
    ranked: list[Ranked]
    chances: np.ndarray[Any, np.dtype[np.float32]] | None = None
    order: list[int] = field(default_factory=list)
    chosen: int | None = None
    decided_by: str = "none"
    confidence: float = 0.0
    reclaimed_items: list[int] = field(default_factory=list)
    hint: Hint | None = None

    @property
    def concepts(self) -> frozenset[int]:
        """Concepts of the whole text, after doubtful words were confirmed or dropped."""
        if len(self.passages) == 1:
            return self.passages[0].concepts
        return frozenset().union(*(part.concepts for part in self.passages))


class Router:
    """Routes texts with one pack.

    Args:
        pack: A checked pack.
        reader: The second reader; `None` loads the one built for this pack, if
            any; `False` routes by rules alone.
        evaluator: What fires clauses; durable-rules unless told otherwise.

    Thread use: one Router for each thread or process. durable-rules keeps
    state while it decides, so a Router must not be shared by threads.

    Example:
        >>> from engine import Router, load_pack
        >>> router = Router(load_pack())
        >>> router.route("村东头有人烧苞谷杆子，烟大得睁不开眼").item_id
        'C60'
    """

    def __init__(self, pack: Pack, *, reader: Reader | bool | None = None, evaluator: Evaluator | None = None) -> None:
        with collector_paused():
            self._build(pack, reader, evaluator)

    def _build(self, pack: Pack, reader: Reader | bool | None, evaluator: Evaluator | None) -> None:
        self.pack = pack
        self.register = UnitRegister(pack.units)
        self.index = PhraseIndex(pack.concepts)
        self.items = pack.items
        self.firing = Firing(compile_items(pack.items, self.index.names), self.index, evaluator)
        self.arbiter = Arbiter(pack.items, self.firing)
        by_id = {row.id: row for row in pack.official}
        self.official = tuple(by_id[item.item] for item in pack.items)
        self.number = {item.item: i for i, item in enumerate(pack.items)}
        names = {name: i for i, name in enumerate(self.index.names)}
        self.departments = Departments(pack.items, self.official, names, self.register, pack.info.town, pack.offices)
        self._reclaimed = [i for i, row in enumerate(self.official) if row.kind is Kind.RECLAIMED]
        self._columns: np.ndarray[Any, np.dtype[np.int64]] | None = None
        self._urgencies = FirstThatHolds([(Condition.of(u.when, names), u) for u in pack.urgencies])
        self._hints = FirstThatHolds([(Condition.of(h.condition(), names), h) for h in pack.hints])
        self._matters = frozenset(names[c.concept] for c in pack.concepts if c.layer in ("object", "place"))
        self._empty = frozenset(names[c.concept] for c in pack.concepts if c.layer == "empty")
        self._said_before: dict[tuple[int, str, tuple[str, ...]], Alternative] = {}
        self._reader = reader
        self._calibration: Calibration | None = None

    @property
    def reader(self) -> Reader | None:
        """The second reader, loaded when first asked."""
        if self._reader is None or self._reader is True:
            self._reader = load_reader(self.pack) or False
        return self._reader if isinstance(self._reader, Reader) else None

    @property
    def calibration(self) -> Calibration:
        """How scores become confidence for this pack."""
        if self._calibration is None:
            self._calibration = load_calibration(self.pack)
        return self._calibration

    def route(self, text: str, *, category: str | None = None) -> Verdict:
        """Say who is responsible for one text.

        Args:
            text: What was pasted, any length; see `normalise` for the limit.
            category: The list's own category or one the pack maps to it; it
                weighs candidates that are close, never against clear words.

        Returns:
            The verdict, with reason, evidence and alternatives.

        Raises:
            InputError: The text is empty or not text.
        """
        return self.verdict(self.trace(text, category=category), text)

    def trace(self, text: str, *, category: str | None = None) -> Trace:
        """Run every deciding step and keep what each saw."""
        normalised = normalise(text)
        scan = self.index.scan(normalised.text)
        parts = passages(scan)
        fired: list[Fired] = []
        for part in parts:
            fired.extend(self.firing.fire(part))
        ranked = self.arbiter.arbitrate(fired)
        trace = Trace(normalised, scan, parts, ranked, reclaimed_items=self._reclaimed)
        self._decide(trace, self._categories(category))
        return trace

    def _categories(self, category: str | None) -> frozenset[str]:
        if not category:
            return frozenset()
        return frozenset(self.pack.info.categories.get(category.strip(), (category.strip(),)))

    def _decide(self, trace: Trace, categories: frozenset[str]) -> None:
        ranked = trace.ranked
        if categories:
            for one in ranked:
                if self.official[one.item].category in categories:
                    one.score += LIFT * _CATEGORY_SHARE
            ranked.sort(key=rank)
        margin = ranked[0].score - ranked[1].score if len(ranked) > 1 else ranked[0].score if ranked else 0.0
        trace.hint = self._hint(trace)
        if ranked:
            ranked[0].measure()
        clear = bool(ranked) and self.calibration.clear(ranked[0], margin) and trace.hint is None
        reader = None if clear else self.reader
        if reader is not None:
            for one in ranked[1:_MOST_MEASURED]:
                one.measure()
            if self._columns is None:
                self._columns = reader.aligned([item.item for item in self.items])
            trace.chances = reader.chances(trace.scan)[self._columns]
            self.calibration.decide(trace)
        elif ranked and ranked[0].strong:
            trace.chosen, trace.decided_by = ranked[0].item, "rules"
            trace.confidence = self.calibration.by_rules(ranked[0])

    def _hint(self, trace: Trace) -> Hint | None:
        """A matter known to be outside the list, if the text speaks of one."""
        return next(filter(None, (self._hints.find(part.concepts) for part in trace.passages)), None)

    def verdict(self, trace: Trace, text: str) -> Verdict:
        """Render what was decided."""
        whole = trace.concepts
        urgent = next(filter(None, (self._urgencies.find(part.concepts) for part in trace.passages)), None)
        candidates = self._candidates(trace)
        common: dict[str, Any] = {
            "urgent": urgent is not None,
            "urgent_note": urgent.say if urgent else None,
            "truncated": trace.normalised.truncated,
            "decided_by": trace.decided_by,
            "confidence": round(trace.confidence, 4),
            "pack": self.pack.info.id,
            "pack_version": self.pack.info.version,
            "pack_hash": self.pack.hash,
        }
        if trace.chosen is None:
            hint = trace.hint
            nearest = [f"{self.items[item].item}「{self.official[item].name[:16]}」" for item, _ in candidates[:2]]
            strong = any(ranked.strong for ranked in trace.ranked)
            named = not whole.isdisjoint(self._matters) and whole.isdisjoint(self._empty)
            has_matter = strong or hint is not None or named
            return Verdict(
                verdict=VerdictKind.UNLISTED,
                item_id=None,
                item_name=None,
                category=None,
                lead_units=(),
                support_units=(),
                reason=reason_unlisted(has_matter, nearest),
                alternatives=self._alternatives(candidates, whole),
                needs_review=True,
                hint_unit=self.register.resolve(hint.unit) if hint else None,
                **common,
            )
        official = self.official[trace.chosen]
        ranked = next((r for r in trace.ranked if r.item == trace.chosen), None)
        lead = self.departments.lead(trace.chosen, ranked.best.passage.concepts if ranked else whole, whole)
        evidence = self._evidence(trace, ranked, text) if ranked else ()
        kind = verdict_kind(official)
        phrases = list(dict.fromkeys(e.phrase for e in evidence))
        return Verdict(
            verdict=kind,
            item_id=official.id,
            item_name=official.name,
            category=official.category,
            lead_units=lead.units,
            support_units=(self.pack.info.town,) if kind is VerdictKind.SUPPORT else (),
            town_duties=official.town_duties,
            reason=reason_listed(official, lead.units, self._duty(official, lead), phrases, ranked is None),
            evidence=evidence,
            alternatives=self._alternatives(candidates, whole),
            also=self._also(trace, ranked, text, whole),
            needs_review=not lead.certain or trace.confidence < self.calibration.review_below,
            **common,
        )

    @staticmethod
    def _duty(official: OfficialItem, lead: Lead) -> str | None:
        if official.kind is not Kind.COOPERATING or not lead.units:
            return None
        return next((duty.text for duty in official.duties if lead.units[0] in duty.units), None)

    def _evidence(self, trace: Trace, ranked: Ranked, text: str) -> tuple[Evidence, ...]:
        """The phrases that met the deciding clause; the longest where phrases of one concept overlap."""
        best = ranked.best
        clause = best.clause
        name = f"{self.items[ranked.item].item}/{clause.source.id}"
        found: list[Evidence] = []
        reach: dict[int, int] = {}  # where the last phrase of each concept ended
        for concept, start, end, _ in ranked.spots():
            if end <= reach.get(concept, 0):
                continue
            reach[concept] = end
            first, last = trace.normalised.original(start, end)
            said = self.index.names[concept]
            found.append(Evidence(phrase=text[first:last], start=first, end=last, concept=said, clause=name))
        return tuple(found[:_MOST_EVIDENCE])

    def _candidates(self, trace: Trace) -> list[tuple[int, str]]:
        """Items besides the answer, best first, each with why it is not the answer."""
        order = trace.order or [r.item for r in trace.ranked]
        beaten = {r.item: r.beaten for r in trace.ranked}
        order = [item for item in order if item != trace.chosen][:_MOST_ALTERNATIVES]
        return [(item, (beaten[item] or "与首选接近") if item in beaten else "规则未命中，仅与相似案例接近") for item in order]

    def _alternatives(self, candidates: Sequence[tuple[int, str]], whole: frozenset[int]) -> tuple[Alternative, ...]:
        found: list[Alternative] = []
        for item, why in candidates:
            units = self.departments.lead(item, whole, whole).units
            key = (item, why, units)
            other = self._said_before.get(key)
            if other is None:
                row = self.official[item]
                other = Alternative(item_id=row.id, item_name=row.name, verdict=verdict_kind(row), lead_units=units, why=why)
                if len(self._said_before) < _MOST_REMEMBERED:
                    self._said_before[key] = other
            found.append(other)
        return tuple(found)

    def _also(self, trace: Trace, ranked: Ranked | None, text: str, whole: frozenset[int]) -> tuple[FurtherMatter, ...]:
        """Items that fired strongly on other words than the answer's."""
        if ranked is None or len(trace.passages) < 2:
            return ()
        taken = [_span(ranked)]
        found: list[FurtherMatter] = []
        for other in trace.ranked:
            if other.item == ranked.item or not other.strong or other.overridden:
                continue
            start, end = _span(other)
            if any(start < e and s < end for s, e in taken):
                continue
            taken.append((start, end))
            found.append(
                FurtherMatter(
                    item_id=self.items[other.item].item,
                    item_name=self.official[other.item].name,
                    verdict=verdict_kind(self.official[other.item]),
                    lead_units=self.departments.lead(other.item, other.best.passage.concepts, whole).units,
                    evidence=self._evidence(trace, other, text),
                )
            )
        return tuple(found[:3])
