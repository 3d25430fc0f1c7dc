"""Work orders: taken in, decided, answered; every change is a new entry of the history."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.engine import RowMapping

from desk.errors import ConflictError, ForbiddenError, NotFound
from desk.schema import idempotency, order_events, order_verdicts, orders
from desk.store.places import place_of
from desk.store.rows import Action, Actor, Decision, Incoming, Role, Status
from desk.store.words import document, ts_vector
from engine.normalise import normalise
from engine.verdict import Verdict

__all__ = [
    "ORDER_TEXT_GONE",
    "Incoming",
    "children",
    "claim_key",
    "create",
    "decide",
    "get",
    "history",
    "key_owner",
    "now",
    "similar",
    "visible",
]

ORDER_TEXT_GONE = "（原文已按保存期限删除）"


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def create(
    connection: Connection,
    incoming: Incoming,
    verdict: Verdict,
    actor: Actor,
    zone: ZoneInfo,
    decision: Decision | None = None,
) -> int:
    """Put one order on disk, with its first history entry (and the decision, when taken at once).

    Args:
        connection: A writing transaction; the order counts once it commits.
        incoming: The masked text and where it came from.
        verdict: What the engine said of that very text.
        actor: Who took it in.
        zone: The office's time zone, for the day of receipt.
        decision: What the clerk decided while the caller was on the line.

    Returns:
        The order's number.
    """
    moment = now()
    unit = verdict.lead_units[0] if verdict.lead_units else None
    said = {
        "said_verdict": verdict.verdict.value,
        "said_item": verdict.item_id,
        "said_unit": unit,
        "confidence": verdict.confidence,
        "urgent": verdict.urgent,
        "needs_review": verdict.needs_review,
        "pack_hash": verdict.pack_hash,
        "verdict": verdict.verdict.value,
        "item": verdict.item_id,
        "category": verdict.category,
        "unit": unit,
    }
    order_id: int = connection.execute(
        insert(orders)
        .values(
            received_at=incoming.received_at,
            created_at=moment,
            day=incoming.received_at.astimezone(zone).date().isoformat(),
            source=incoming.source,
            external_id=incoming.external_id,
            text=incoming.text,
            text_hash=_hash(incoming.text),
            place=place_of(incoming.text),
            parent_id=incoming.parent_id,
            status=Status.OPEN.value,
            **said,
        )
        .returning(orders.c.id)
    ).scalar_one()
    connection.execute(insert(order_verdicts).values(order_id=order_id, said=verdict.model_dump(mode="json")))
    _index(connection, order_id, incoming.text)
    first = Decision(Action.RECEIVED, Status.OPEN, verdict.verdict.value, verdict.item_id, verdict.category, unit)
    _enter(connection, order_id, first, actor, verdict.pack_hash, moment)
    if decision is not None:
        decide(connection, order_id, 1, decision, actor, verdict.pack_hash)
    return order_id


def _hash(content: str) -> str:
    return hashlib.sha256(normalise(content).text.encode()).hexdigest()[:32]


def _index(connection: Connection, order_id: int, content: str) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(
            text("INSERT INTO orders_fts (rowid, body) VALUES (:id, :body)"), {"id": order_id, "body": document(content)}
        )
    else:
        connection.execute(
            text("UPDATE orders SET search = CAST(:body AS tsvector) WHERE id = :id"),
            {"id": order_id, "body": ts_vector(content)},
        )


def _enter(connection: Connection, order_id: int, decision: Decision, actor: Actor, pack_hash: str, moment: datetime) -> None:
    connection.execute(
        insert(order_events).values(
            order_id=order_id,
            at=moment,
            actor=actor.name,
            action=decision.action.value,
            status=decision.status.value,
            verdict=decision.verdict,
            item=decision.item,
            unit=decision.unit,
            why=decision.why[:2000],
            pack_hash=pack_hash,
        )
    )


def decide(connection: Connection, order_id: int, version: int, decision: Decision, actor: Actor, pack_hash: str) -> None:
    """Enter one decision, if nobody decided since the reader saw the order.

    Args:
        connection: A writing transaction.
        order_id: Which order.
        version: The version the decider saw.
        decision: What was decided.
        actor: By whom.
        pack_hash: The pack in force.

    Raises:
        ConflictError: Someone else was first; the sentence names who and what.
        NotFound: There is no such order.
    """
    moment = now()
    decided = decision.action in (Action.ACCEPTED, Action.OVERRIDDEN, Action.UNLISTED, Action.RETURNED, Action.SPLIT)
    values: dict[str, Any] = {"version": orders.c.version + 1, "status": decision.status.value}
    values |= {"verdict": decision.verdict, "item": decision.item, "category": decision.category, "unit": decision.unit}
    if decided:
        values |= {"decided_by": actor.name, "decided_at": moment}
        changed = (orders.c.said_verdict != decision.verdict) | (
            orders.c.said_item.is_distinct_from(decision.item) | orders.c.said_unit.is_distinct_from(decision.unit)
        )
        values["overridden"] = changed if decision.action is not Action.SPLIT else orders.c.overridden
    if decision.action is Action.REFUSED:
        values["refusals"] = orders.c.refusals + 1
    changed_rows = connection.execute(update(orders).where(orders.c.id == order_id, orders.c.version == version).values(values))
    if changed_rows.rowcount != 1:
        last = connection.execute(
            select(order_events.c.actor, order_events.c.action)
            .where(order_events.c.order_id == order_id)
            .order_by(order_events.c.id.desc())
            .limit(1)
        ).one_or_none()
        if last is None:
            raise NotFound(f"没有工单 {order_id}")
        from desk.store.rows import ACTION_NAMES

        raise ConflictError(
            f"工单 {order_id} 刚被「{last.actor}」处理（{ACTION_NAMES[Action(last.action)]}），您的决定没有保存；请看过后再定"
        )
    _enter(connection, order_id, decision, actor, pack_hash, moment)


def get(connection: Connection, order_id: int, actor: Actor) -> RowMapping:
    """One order, if this actor may see it.

    Raises:
        NotFound: There is none of this number.
        ForbiddenError: It belongs to another unit.
    """
    whole = select(orders, order_verdicts.c.said).join(order_verdicts, order_verdicts.c.order_id == orders.c.id)
    row = connection.execute(whole.where(orders.c.id == order_id)).mappings().one_or_none()
    if row is None:
        raise NotFound(f"没有工单 {order_id}")
    if not visible(row, actor):
        raise ForbiddenError(f"工单 {order_id} 不在您单位名下")
    return row


def visible(row: RowMapping, actor: Actor) -> bool:
    """A unit sees its own orders only."""
    return actor.role is not Role.UNIT or (
        actor.unit is not None and row["unit"] == actor.unit and row["status"] != Status.OPEN
    )


def history(connection: Connection, order_id: int) -> Sequence[RowMapping]:
    """Every change of an order, oldest first."""
    found = select(order_events).where(order_events.c.order_id == order_id).order_by(order_events.c.id)
    return connection.execute(found).mappings().all()


def similar(
    connection: Connection, content: str, item: str | None, days: int, besides: int | None = None
) -> Sequence[RowMapping]:
    """Orders that tell the same: the same words, or the same matter at the same place within some days.

    Returns:
        At most five, newest first; column `same` tells the same words from the same matter.
    """
    columns = (orders.c.id, orders.c.received_at, orders.c.status, orders.c.item, orders.c.unit, orders.c.text)
    since = now() - timedelta(days=days)
    same = select(*columns, (orders.c.id > 0).label("same")).where(
        orders.c.text_hash == _hash(content), orders.c.received_at >= since
    )
    found = list(connection.execute(same.order_by(orders.c.id.desc()).limit(6)).mappings())
    place = place_of(content)
    if place is not None and item is not None:
        near = select(*columns, (orders.c.id < 0).label("same")).where(
            orders.c.place == place, orders.c.item == item, orders.c.received_at >= since
        )
        known = {row["id"] for row in found}
        more = connection.execute(near.order_by(orders.c.received_at.desc()).limit(6)).mappings()
        found += [row for row in more if row["id"] not in known]
    return [row for row in found if row["id"] != besides][:5]


def claim_key(connection: Connection, owner: str, key: str, body_hash: str) -> int | None:
    """The order that this idempotency key already made, or None.

    Raises:
        ConflictError: The key was used with another body.
    """
    if connection.dialect.name == "postgresql":
        # Of two requests with one key the second waits for the first to commit; SQLite has one writer anyway.
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"{owner}\n{key}"})
    row = connection.execute(select(idempotency).where(idempotency.c.owner == owner, idempotency.c.key == key)).one_or_none()
    if row is None:
        return None
    if row.body_hash != body_hash:
        raise ConflictError("这个 Idempotency-Key 已用于另一份内容，请换一个")
    found: int = row.order_id
    return found


def key_owner(connection: Connection, owner: str, key: str, body_hash: str, order_id: int) -> None:
    """Remember which order an idempotency key made."""
    connection.execute(insert(idempotency).values(owner=owner, key=key, body_hash=body_hash, order_id=order_id, at=now()))


def children(connection: Connection, order_id: int) -> Sequence[RowMapping]:
    """The orders that an order was split into."""
    columns = (orders.c.id, orders.c.status, orders.c.verdict, orders.c.item, orders.c.unit)
    return connection.execute(select(*columns).where(orders.c.parent_id == order_id).order_by(orders.c.id)).mappings().all()
