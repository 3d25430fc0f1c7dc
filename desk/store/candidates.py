"""Overridden decisions as candidate cases: what the rules got wrong, for a person to review."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from desk.schema import order_events, orders
from engine.masking import Masker

__all__ = ["candidates"]

_MOST = 10_000


def candidates(connection: Connection, since: datetime | None = None) -> list[dict[str, Any]]:
    """Orders whose item or verdict a person changed, oldest first.

    A change of the unit alone is none: it says nothing about the item. Texts
    are masked again, for offices that store them as received.

    Returns:
        Rows in the form of `cases/`, with `said` (what the engine said) and an
        empty `reviewed_by` that a person must fill.
    """
    masker = Masker()
    changed = orders.c.said_item.is_distinct_from(orders.c.item)
    found = select(orders.c.id, orders.c.text, orders.c.said_item, orders.c.item, orders.c.unit, orders.c.verdict).where(
        orders.c.overridden.is_(True), changed, orders.c.text.is_not(None)
    )
    if since is not None:
        found = found.where(orders.c.decided_at >= since)
    rows = connection.execute(found.order_by(orders.c.id).limit(_MOST)).all()
    shown: list[dict[str, Any]] = []
    for row in rows:
        reasons = select(order_events.c.why).where(order_events.c.order_id == row.id, order_events.c.why != "")
        whys = connection.execute(reasons.order_by(order_events.c.id)).scalars()
        shown.append(
            {
                "id": f"desk-{row.id}",
                "text": masker.text(row.text),
                "item": row.item,
                "accept": [],
                "lead_units": [row.unit] if row.unit and row.verdict in ("support", "reclaimed") else [],
                "said": row.said_item,
                "note": masker.text("；".join(whys))[:300],
                "reviewed_by": "",
            }
        )
    return shown
