"""What the engine answers: a frozen value that holds its own evidence."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from engine.model import VerdictKind

__all__ = ["Alternative", "Evidence", "FurtherMatter", "Verdict"]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Evidence(_Answer):
    """A phrase of the text that met a condition.

    Attributes:
        phrase: The words as they stand in the original text.
        start, end: Offsets in characters of the original text, end exclusive.
        concept: The concept they express.
        clause: The clause whose condition they met.
    """

    phrase: str
    start: int
    end: int
    concept: str
    clause: str


class Alternative(_Answer):
    """Another item that the text could have meant, and why it is not the answer."""

    item_id: str
    item_name: str
    verdict: VerdictKind
    lead_units: tuple[str, ...] = ()
    why: str


class FurtherMatter(_Answer):
    """A second matter in the same text."""

    item_id: str
    item_name: str
    verdict: VerdictKind
    lead_units: tuple[str, ...]
    evidence: tuple[Evidence, ...]


class Verdict(_Answer):
    """Who is responsible for one text, and why.

    Attributes:
        verdict: lead, support, reclaimed, abolished or unlisted.
        item_id: The item that governs the matter; None when unlisted.
        lead_units: Who answers for it, first choice first. The town for
            `lead`; empty for `abolished` and `unlisted`.
        support_units: Who helps.
        town_duties: What the list leaves to the town in this matter.
        reason: One or two sentences in the list's own words.
        evidence: Phrases that met the deciding clause, by offset.
        alternatives: Further candidates, best first, each with why it lost.
        also: Further matters of the same text.
        confidence: 0 to 1, calibrated on texts not used for the rules.
        needs_review: A person should look before the text is sent on.
        urgent: Danger to life: `urgent_note` says whom to telephone.
        hint_unit: For unlisted texts, who usually handles such matters; not
            from the list.
        decided_by: `rules`, `reader` (second reader) or `none`.
        truncated: Only the first part of an over-long text was read.
    """

    verdict: VerdictKind
    item_id: str | None
    item_name: str | None
    category: str | None
    lead_units: tuple[str, ...]
    support_units: tuple[str, ...]
    town_duties: tuple[str, ...] = ()
    reason: str
    evidence: tuple[Evidence, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    also: tuple[FurtherMatter, ...] = ()
    confidence: float = Field(ge=0, le=1)
    needs_review: bool
    urgent: bool = False
    urgent_note: str | None = None
    hint_unit: str | None = None
    decided_by: str
    truncated: bool = False
    pack: str
    pack_version: str
    pack_hash: str
