"""From a pasted text to an order on disk: route, mask, store.

The verdict is that of the text as received; what is stored is the masked
text, with the phrases of the verdict found again in it. Nothing unmasked
reaches the database unless the office turned masking off.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from desk.errors import BadRequest
from desk.state import Desk
from desk.store import orders as order_store
from desk.store.rows import Actor, Decision, Incoming
from engine.masking import Masker
from engine.normalise import TEXT_LIMIT
from engine.verdict import Evidence, Verdict

__all__ = ["Given", "clean", "fit", "masked", "take_in", "take_in_many"]

_MOST_SOURCE = 40
_MASKER = Masker()


def clean(text: object) -> str:
    """A text fit to be stored.

    Raises:
        BadRequest: It is not text, empty, or longer than is read.
    """
    if not isinstance(text, str):
        raise BadRequest("text 应为文字")
    if len(text) > TEXT_LIMIT:
        raise BadRequest(f"文本有 {len(text):,} 字，超过上限 {TEXT_LIMIT:,} 字；请只粘贴诉求内容")
    stripped = text.replace("\0", "").strip()
    if not stripped:
        raise BadRequest("文本为空，请粘贴诉求内容")
    return stripped


def masked(desk: Desk, text: str) -> str:
    """The text as the office stores it."""
    return _MASKER.text(text) if desk.settings.mask else text


def fit(verdict: Verdict, text: str, stored: str) -> Verdict:
    """The verdict with its quotations fitted to the text as it is stored.

    A phrase that masking took away is no longer quoted.
    """
    if stored == text:
        return verdict

    def found_again(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
        kept = []
        cursor = 0
        for one in sorted(evidence, key=lambda e: e.start):
            start = stored.find(one.phrase, cursor)
            start = stored.find(one.phrase) if start < 0 else start
            if start >= 0:
                kept.append(one.model_copy(update={"start": start, "end": start + len(one.phrase)}))
                cursor = start
        return tuple(kept)

    also = tuple(one.model_copy(update={"evidence": found_again(one.evidence)}) for one in verdict.also)
    return verdict.model_copy(
        update={"evidence": found_again(verdict.evidence), "also": also, "reason": _MASKER.text(verdict.reason)}
    )


@dataclass(frozen=True, slots=True)
class Given:
    """What comes with a text.

    Attributes:
        source: Where it came from.
        received_at: When; None means now.
        external_id: Its number there.
        category: A known category, which weighs close candidates.
        key: Who asks and their idempotency key.
        decision: What a clerk decided at once.
        parent_id: The order it was split from.
    """

    source: str
    received_at: datetime | None = None
    external_id: str | None = None
    category: str | None = None
    key: tuple[str, str] | None = None
    decision: Decision | None = None
    parent_id: int | None = None


def take_in(desk: Desk, text: object, actor: Actor, given: Given) -> tuple[int, Verdict | None]:
    """Store one order; it is on disk when this returns.

    Args:
        text: As received; masked here.
        actor: Who takes it in.
        given: What comes with it.

    Returns:
        The order's number and the verdict; for an idempotency key that was
        used before the number of then and no verdict.

    Raises:
        BadRequest: A text or field that cannot be stored.
        ConflictError: The key was used with another body.
    """
    raw = clean(text)
    content = masked(desk, raw)
    source = given.source.strip()[:_MOST_SOURCE] or "接口"
    body_hash = hashlib.sha256(f"{content}\0{source}\0{given.external_id}\0{given.category}".encode()).hexdigest()
    verdict = fit(desk.brain.route(raw, given.category), raw, content)
    received = given.received_at or order_store.now()
    incoming = Incoming(content, source, received, given.external_id, given.category, given.parent_id)
    with desk.database.write() as connection:
        if given.key is not None:
            known = order_store.claim_key(connection, *given.key, body_hash)
            if known is not None:
                return known, None
        order_id = order_store.create(connection, incoming, verdict, actor, desk.zone, given.decision)
        if given.key is not None:
            order_store.key_owner(connection, *given.key, body_hash, order_id)
    return order_id, verdict


def take_in_many(desk: Desk, incoming: Sequence[Incoming], actor: Actor) -> list[int]:
    """Store many texts as received in one transaction: all of them or none."""
    brain = desk.brain
    routed = []
    for one in incoming:
        stored = masked(desk, one.text)
        routed.append((replace(one, text=stored), fit(brain.route(one.text, one.category), one.text, stored)))
    with desk.database.write() as connection:
        return [order_store.create(connection, one, verdict, actor, desk.zone) for one, verdict in routed]
