"""Say what was decided: departments, reason, evidence, alternatives.

Last step: a trace becomes an `Answer`, which a batch writes as a row, and with
all details a `Verdict`. Everything is read off the trace; nothing is decided
here but which department of the item is meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from engine.arbitrate import Ranked
from engine.conditions import Condition, FirstThatHolds
from engine.departments import Departments, Lead
from engine.model import Kind, OfficialItem, Pack, Urgency, VerdictKind
from engine.reasons import because, reason_unlisted, ruling
from engine.trace import Trace
from engine.units import UnitRegister
from engine.verdict import Alternative, Verdict

__all__ = ["Answer", "Renderer", "verdict_kind"]

_MOST_ALTERNATIVES = 5
_MOST_EVIDENCE = 12
_MOST_ALSO = 3
_MOST_QUOTED = 4
_MOST_REMEMBERED = 20_000

_KINDS = {Kind.BASIC: VerdictKind.LEAD, Kind.COOPERATING: VerdictKind.SUPPORT, Kind.RECLAIMED: VerdictKind.RECLAIMED}
_NOBODY = Lead((), False)


def verdict_kind(official: OfficialItem) -> VerdictKind:
    """What an item of the list means for a text that it governs."""
    return VerdictKind.ABOLISHED if official.abolished else _KINDS[official.kind]


class Answer(NamedTuple):
    """What a verdict says, without the details that only a reader of one text wants.

    Attributes:
        kind: The verdict.
        official: The item that governs the text; None off the list.
        lead, support: Units.
        reason: In the list's own words.
        words: Concept, start and end in the original text of the deciding words.
        clause: The deciding clause, as item and id; None when none fired.
        candidates: Index of each item besides the answer, and why it is not the answer.
        needs_review: A person should look.
        urgency: Danger to life, and what to say of it.
    """

    kind: VerdictKind
    official: OfficialItem | None
    lead: Lead
    support: tuple[str, ...]
    reason: str
    words: Sequence[tuple[int, int, int]]
    clause: str | None
    candidates: Sequence[tuple[int, str]]
    needs_review: bool
    urgency: Urgency | None


class Renderer:
    """Renders the traces of one pack.

    Args:
        pack: The pack.
        official: The official row of each item, by item index.
        names: The concepts' names, by index.
        register: For printed names.
    """

    def __init__(self, pack: Pack, official: Sequence[OfficialItem], names: Sequence[str], register: UnitRegister) -> None:
        number = {name: i for i, name in enumerate(names)}
        self.pack, self.official, self.names, self.register = pack, official, names, register
        self.departments = Departments(pack.items, official, number, register, pack.info.town, pack.offices)
        self._kinds = [verdict_kind(row) for row in official]
        self._urgencies = FirstThatHolds([(Condition.of(u.when, number), u) for u in pack.urgencies])
        self._matters = frozenset(number[c.concept] for c in pack.concepts if c.layer in ("object", "place"))
        self._empty = frozenset(number[c.concept] for c in pack.concepts if c.layer == "empty")
        self._town = (pack.info.town,)
        self._clauses = [f"{item.item}/{clause.id}" for item in pack.items for clause in item.match]
        self._rulings: dict[tuple[int, tuple[str, ...]], str] = {}
        self._said_before: dict[tuple[int, str, tuple[str, ...]], Alternative] = {}

    def answer(self, trace: Trace, text: str) -> Answer:
        """What is said of a text."""
        urgency = self._urgencies.find(trace.passages)
        candidates = self._candidates(trace)
        if trace.chosen is None:
            reason = reason_unlisted(self._has_matter(trace), [self._short(item) for item, _ in candidates[:2]])
            return Answer(VerdictKind.UNLISTED, None, _NOBODY, (), reason, (), None, candidates, True, urgency)
        official = self.official[trace.chosen]
        ranked = self._ranked(trace)
        lead = self.departments.settled(trace.chosen) or self._lead(trace, trace.chosen, ranked)
        words = self._words(trace, ranked) if ranked else ()
        reason = because(_quoted(words, text), ranked is None) + self._ruling(trace.chosen, official, lead)
        kind = self._kinds[trace.chosen]
        return Answer(
            kind,
            official,
            lead,
            self._town if kind is VerdictKind.SUPPORT else (),
            reason,
            words,
            self._clauses[ranked.best.index] if ranked else None,
            candidates,
            trace.doubtful or not lead.certain,
            urgency,
        )

    def verdict(self, trace: Trace, text: str) -> Verdict:
        """All that is said of a text, as a frozen value."""
        answer = self.answer(trace, text)
        whole = trace.concepts
        official = answer.official
        hint = trace.hint if official is None else None
        return Verdict.model_validate(
            {
                "verdict": answer.kind,
                "item_id": official.id if official else None,
                "item_name": official.name if official else None,
                "category": official.category if official else None,
                "lead_units": answer.lead.units,
                "support_units": answer.support,
                "town_duties": official.town_duties if official else (),
                "reason": answer.reason,
                "evidence": self._evidence(answer.words, answer.clause, text),
                "alternatives": self._alternatives(answer.candidates, whole),
                "also": self._also(trace, text),
                "confidence": round(trace.confidence, 4),
                "needs_review": answer.needs_review,
                "urgent": answer.urgency is not None,
                "urgent_note": answer.urgency.say if answer.urgency else None,
                "hint_unit": self.register.resolve(hint.unit) if hint else None,
                "decided_by": trace.decided_by,
                "truncated": trace.normalised.truncated,
                "pack": self.pack.info.id,
                "pack_version": self.pack.info.version,
                "pack_hash": self.pack.hash,
            }
        )

    def _lead(self, trace: Trace, item: int, ranked: Ranked | None) -> Lead:
        """The department that the text means; the passage that decided is looked at first."""
        whole = trace.concepts
        return self.departments.lead(item, ranked.best.passage.concepts if ranked else whole, whole)

    def _has_matter(self, trace: Trace) -> bool:
        """Whether a text off the list speaks of anything at all."""
        whole = trace.concepts
        named = not whole.isdisjoint(self._matters) and whole.isdisjoint(self._empty)
        return named or trace.hint is not None or any(ranked.strong for ranked in trace.ranked)

    def _short(self, item: int) -> str:
        return f"{self.official[item].id}「{self.official[item].name[:16]}」"

    @staticmethod
    def _ranked(trace: Trace) -> Ranked | None:
        """What fired for the item that answers, if anything did."""
        for ranked in trace.ranked:
            if ranked.item == trace.chosen:
                return ranked
        return None

    def _ruling(self, item: int, official: OfficialItem, lead: Lead) -> str:
        """What the list says of an item; an item has few ways to be led."""
        key = (item, lead.units)
        said = self._rulings.get(key)
        if said is None:
            said = self._rulings[key] = ruling(official, lead.units, _duty(official, lead))
        return said

    @staticmethod
    def _words(trace: Trace, ranked: Ranked) -> list[tuple[int, int, int]]:
        """The words that met the best clause, by their place in the original text."""
        words = ranked.words(_MOST_EVIDENCE)
        if trace.normalised.offsets is None:
            return words
        return [(concept, *trace.normalised.original(start, end)) for concept, start, end in words]

    def _evidence(self, words: Sequence[tuple[int, int, int]], clause: str | None, text: str) -> list[Mapping[str, Any]]:
        return [
            {"phrase": text[start:end], "start": start, "end": end, "concept": self.names[concept], "clause": clause}
            for concept, start, end in words
        ]

    def _candidates(self, trace: Trace) -> list[tuple[int, str]]:
        """Items besides the answer, best first, each with why it is not the answer."""
        fired = {ranked.item: ranked for ranked in trace.ranked}
        found: list[tuple[int, str]] = []
        for item in trace.order or fired:
            if item != trace.chosen:
                ranked = fired.get(item)
                found.append((item, (ranked.beaten or "与首选接近") if ranked else "规则未命中，仅与相似案例接近"))
                if len(found) == _MOST_ALTERNATIVES:
                    break
        return found

    def _alternatives(self, candidates: Sequence[tuple[int, str]], whole: frozenset[int]) -> list[Alternative]:
        found: list[Alternative] = []
        for item, why in candidates:
            units = self.departments.lead(item, whole, whole).units
            key = (item, why, units)
            other = self._said_before.get(key)
            if other is None:
                row = self.official[item]
                other = Alternative(item_id=row.id, item_name=row.name, verdict=self._kinds[item], lead_units=units, why=why)
                if len(self._said_before) < _MOST_REMEMBERED:
                    self._said_before[key] = other
            found.append(other)
        return found

    def _also(self, trace: Trace, text: str) -> list[Mapping[str, Any]]:
        """Items that fired strongly on other words than the answer's."""
        if len(trace.passages) < 2 or trace.chosen is None:
            return []
        ranked = self._ranked(trace)
        if ranked is None:
            return []
        taken = [ranked.span()]
        found: list[Mapping[str, Any]] = []
        for other in trace.ranked:
            if other.item == ranked.item or not other.strong or other.overridden:
                continue
            start, end = other.span()
            if any(start < e and s < end for s, e in taken):
                continue
            taken.append((start, end))
            row = self.official[other.item]
            found.append(
                {
                    "item_id": row.id,
                    "item_name": row.name,
                    "verdict": self._kinds[other.item],
                    "lead_units": self._lead(trace, other.item, other).units,
                    "evidence": self._evidence(self._words(trace, other), self._clauses[other.best.index], text),
                }
            )
            if len(found) == _MOST_ALSO:
                break
        return found


def _quoted(words: Sequence[tuple[int, int, int]], text: str) -> list[str]:
    """The first few different words, as a reason quotes them."""
    found: list[str] = []
    for _, start, end in words:
        phrase = text[start:end]
        if phrase not in found:
            found.append(phrase)
            if len(found) == _MOST_QUOTED:
                break
    return found


def _duty(official: OfficialItem, lead: Lead) -> str | None:
    """The duty clause of the department that leads."""
    if official.kind is not Kind.COOPERATING or not lead.units:
        return None
    return next((duty.text for duty in official.duties if lead.units[0] in duty.units), None)
