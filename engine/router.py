"""The way of one text, from the pasted words to the verdict.

text -> normalise -> concepts -> facts -> firing -> arbitrate -> departments
-> verdict. The desk, `batch`, `check` and Spark all call `Router.route`;
explaining reads the trace of the same run (`engine/explain.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.arbitrate import CLEAR_MARGIN, Fired, Ranked, arbitrate
from engine.calibration import Calibration, load_calibration
from engine.concepts import Hit, PhraseIndex
from engine.departments import Lead, choose_departments, holds
from engine.facts import Passage, passages
from engine.firing import Evaluator, Firing, compile_items
from engine.model import Kind, OfficialItem, Pack, VerdictKind
from engine.normalise import Normalised, normalise
from engine.reader import Reader, load_reader
from engine.reasons import reason_listed, reason_unlisted
from engine.units import UnitRegister
from engine.verdict import Alternative, Evidence, FurtherMatter, Verdict

__all__ = ["Router", "Trace", "verdict_kind"]

_MOST_ALTERNATIVES = 5
_MOST_EVIDENCE = 12


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
    hits: list[Hit]
    passages: list[Passage]
    ranked: list[Ranked]
    chances: dict[int, float] = field(default_factory=dict)
    chosen: int | None = None
    decided_by: str = "none"
    confidence: float = 0.0


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

    def __init__(self, pack: Pack, *, reader: Reader | None | bool = None, evaluator: Evaluator | None = None) -> None:
        self.pack = pack
        self.register = UnitRegister(pack.units)
        self.index = PhraseIndex(pack.concepts)
        self.items = pack.items
        self.firing = Firing(compile_items(pack.items, self.index.names), evaluator)
        by_id = {row.id: row for row in pack.official}
        self.official = tuple(by_id[item.item] for item in pack.items)
        self.number = {item.item: i for i, item in enumerate(pack.items)}
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
        hits = self.index.find(normalised.text)
        parts = passages(normalised.text, hits)
        fired: list[Fired] = []
        for i, part in enumerate(parts):
            part = parts[i] = self._confirm(normalised.text, part)
            fired.extend(Fired(self.firing.clauses[c], part) for c in self.firing.fire(part.concepts))
        ranked = arbitrate(fired, self.items, self.firing.weight)
        trace = Trace(normalised, hits, parts, ranked)
        self._decide(trace, self._categories(category))
        return trace

    def _confirm(self, text: str, part: Passage) -> Passage:
        """Drop ambiguous hits that a clause depends on and jieba does not see as words."""
        sure = {hit.concept for hit in part.hits if not hit.ambiguous}
        doubtful = {hit.concept for hit in part.hits if hit.ambiguous} - sure
        if not doubtful:
            return part
        needed = set()
        for item in self.firing.candidates(part.concepts):
            needed |= self.firing.items[item].concepts & doubtful
        if not needed:
            return part
        dropped = {
            hit for hit in part.hits if hit.ambiguous and hit.concept in needed and not self.index.confirmed(text, hit)
        }
        return Passage(part.start, part.end, tuple(hit for hit in part.hits if hit not in dropped)) if dropped else part

    def _categories(self, category: str | None) -> frozenset[str]:
        if not category:
            return frozenset()
        return frozenset(self.pack.info.categories.get(category.strip(), (category.strip(),)))

    def _decide(self, trace: Trace, categories: frozenset[str]) -> None:
        ranked = trace.ranked
        if categories:
            for one in ranked:
                if self.official[one.item].category in categories:
                    one.score += CLEAR_MARGIN * 0.6
            ranked.sort(key=lambda r: (-r.score, r.item))
        margin = ranked[0].score - ranked[1].score if len(ranked) > 1 else ranked[0].score if ranked else 0.0
        clear = bool(ranked) and ranked[0].strong and margin >= CLEAR_MARGIN
        reader = self.reader
        if reader is None:
            if ranked and ranked[0].strong:
                trace.chosen, trace.decided_by = ranked[0].item, "rules"
                trace.confidence = self.calibration.rules(ranked[0].score, margin, None)
            return
        trace.chances = {
            self.number[name]: chance
            for name, chance in reader.chances(trace.normalised.text, trace.hits).items()
            if name in self.number
        }
        self.calibration.decide(trace, clear, margin)

    def verdict(self, trace: Trace, text: str) -> Verdict:
        """Render what was decided."""
        whole = self._names(trace.hits)
        urgent = next((u for u in self.pack.urgencies if any(holds(u.when, self._names(p.hits)) for p in trace.passages)), None)
        candidates = self._candidates(trace)
        common = {
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
            hint = next((h for h in self.pack.hints if holds(h.condition(), whole)), None)
            nearest = [f"{self.items[item].item}「{self.official[item].name[:16]}」" for item, _ in candidates[:2]]
            return Verdict(
                verdict=VerdictKind.UNLISTED,
                item_id=None,
                item_name=None,
                category=None,
                lead_units=(),
                support_units=(),
                reason=reason_unlisted(bool(trace.ranked) or bool(hint) or self._has_matter(whole), nearest),
                alternatives=self._alternatives(candidates, whole),
                needs_review=True,
                hint_unit=self.register.resolve(hint.unit) if hint else None,
                **common,
            )
        official = self.official[trace.chosen]
        ranked = next((r for r in trace.ranked if r.item == trace.chosen), None)
        near = self._names(ranked.best.passage.hits) if ranked else whole
        lead = self._lead(trace.chosen, near, whole)
        evidence = self._evidence(trace, ranked, text) if ranked else ()
        town = self.pack.info.town
        kind = verdict_kind(official)
        phrases = list(dict.fromkeys(e.phrase for e in evidence))
        return Verdict(
            verdict=kind,
            item_id=official.id,
            item_name=official.name,
            category=official.category,
            lead_units=lead.units,
            support_units=(town,) if kind is VerdictKind.SUPPORT else (),
            town_duties=official.town_duties,
            reason=reason_listed(official, lead.units, self._duty(official, lead), phrases, ranked is None),
            evidence=evidence,
            alternatives=self._alternatives([c for c in candidates if c[0] != trace.chosen], whole),
            also=self._also(trace, ranked, text, whole),
            needs_review=not lead.certain or trace.confidence < self.calibration.review_below,
            **common,
        )

    def _names(self, hits: Sequence[Hit]) -> frozenset[str]:
        return frozenset(self.index.names[hit.concept] for hit in hits)

    def _has_matter(self, whole: frozenset[str]) -> bool:
        layers = {c.concept: c.layer for c in self.pack.concepts}
        return any(layers[name] in ("object", "place") for name in whole)

    def _lead(self, item: int, near: frozenset[str], whole: frozenset[str]) -> Lead:
        return choose_departments(self.items[item], self.official[item], near, whole, self.register, self.pack.info.town)

    @staticmethod
    def _duty(official: OfficialItem, lead: Lead) -> str | None:
        if official.kind is not Kind.COOPERATING or not lead.units:
            return None
        return next((duty.text for duty in official.duties if lead.units[0] in duty.units), None)

    def _evidence(self, trace: Trace, ranked: Ranked, text: str) -> tuple[Evidence, ...]:
        best = ranked.best
        clause = best.clause
        wanted = frozenset().union(*clause.groups) | clause.support
        found: dict[tuple[int, int, int], Evidence] = {}
        for hit in best.passage.hits:
            if hit.concept in wanted:
                start, end = trace.normalised.original(hit.start, hit.end)
                found[(start, -end, hit.concept)] = Evidence(
                    phrase=text[start:end],
                    start=start,
                    end=end,
                    concept=self.index.names[hit.concept],
                    clause=f"{self.items[ranked.item].item}/{clause.source.id}",
                )
        return tuple(found[key] for key in sorted(found))[:_MOST_EVIDENCE]

    def _candidates(self, trace: Trace) -> list[tuple[int, str]]:
        """Items besides the answer, best first, each with why it is not the answer."""
        if trace.chances:
            order = self.calibration.order(trace)
        else:
            order = [r.item for r in trace.ranked]
        beaten = {r.item: r.beaten for r in trace.ranked}
        said = [(item, beaten.get(item) or ("规则未命中，仅与相似案例接近" if item not in beaten else "与首选接近")) for item in order]
        return [pair for pair in said if pair[0] != trace.chosen][:_MOST_ALTERNATIVES]

    def _alternatives(self, candidates: Sequence[tuple[int, str]], whole: frozenset[str]) -> tuple[Alternative, ...]:
        return tuple(
            Alternative(
                item_id=self.items[item].item,
                item_name=self.official[item].name,
                verdict=verdict_kind(self.official[item]),
                lead_units=self._lead(item, whole, whole).units,
                why=why,
            )
            for item, why in candidates
        )

    def _also(self, trace: Trace, ranked: Ranked | None, text: str, whole: frozenset[str]) -> tuple[FurtherMatter, ...]:
        """Items that fired strongly in another passage than the answer's."""
        if ranked is None or len(trace.passages) < 2:
            return ()
        taken = [(ranked.best.passage.start, ranked.best.passage.end)]
        found: list[FurtherMatter] = []
        for other in trace.ranked:
            spot = other.best.passage
            if other.item == ranked.item or not other.strong or any(spot.start < e and s < spot.end for s, e in taken):
                continue
            taken.append((spot.start, spot.end))
            near = self._names(spot.hits)
            found.append(
                FurtherMatter(
                    item_id=self.items[other.item].item,
                    item_name=self.official[other.item].name,
                    verdict=verdict_kind(self.official[other.item]),
                    lead_units=self._lead(other.item, near, whole).units,
                    evidence=self._evidence(trace, other, text),
                )
            )
        return tuple(found[:3])
