"""Counts for the overview; every query runs over one window of days and one covering index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, case, func, select

from desk.schema import order_events, orders
from desk.store.rows import Status

__all__ = ["ItemRecord", "Overview", "item_record", "overview"]

_MOST = 15


@dataclass(frozen=True, slots=True)
class Overview:
    """What one window of days holds.

    Attributes:
        days: Day, orders, decided, overridden; every day of the window, also empty ones.
        verdicts, units, categories, statuses: Name and orders.
        overrides: Item said, item decided, how often: what the rules get wrong.
        refused: Unit and orders that it sent back.
        unlisted: Day and orders outside the list.
    """

    days: list[tuple[str, int, int, int]]
    verdicts: list[tuple[str, int]]
    statuses: list[tuple[str, int]]
    units: list[tuple[str, int]]
    categories: list[tuple[str, int]]
    overrides: list[tuple[str, str, int]]
    refused: list[tuple[str, int]]
    unlisted: list[tuple[str, int]]

    @property
    def total(self) -> int:
        """All orders of the window."""
        return sum(n for _, n, _, _ in self.days)

    @property
    def decided(self) -> int:
        """Those that were decided."""
        return sum(n for _, _, n, _ in self.days)

    @property
    def overridden(self) -> int:
        """Those that were decided otherwise than the engine said."""
        return sum(n for _, _, _, n in self.days)

    @property
    def agreement(self) -> float | None:
        """Share of decisions that kept what the engine said."""
        return 1 - self.overridden / self.decided if self.decided else None


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """How an item fares: orders that now stand under it, and decisions where the engine had said it."""

    orders: int
    decided: int
    overridden: int

    @property
    def agreement(self) -> float | None:
        """Share of decisions that kept the item."""
        return 1 - self.overridden / self.decided if self.decided else None


def overview(connection: Connection, last: date, days: int) -> Overview:
    """Count the window of `days` days that ends with `last`."""
    first = (last - timedelta(days=days - 1)).isoformat()
    window = (orders.c.day >= first) & (orders.c.day <= last.isoformat())
    n = func.count()
    decided = func.sum(case((orders.c.status != Status.OPEN.value, 1), else_=0))
    overridden = func.sum(case((orders.c.overridden, 1), else_=0))
    found = connection.execute(select(orders.c.day, n, decided, overridden).where(window).group_by(orders.c.day))
    by_day = {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in found}
    spread = [(last - timedelta(days=i)).isoformat() for i in reversed(range(days))]

    def grouped(column: Any, *conditions: Any, most: int | None = _MOST) -> list[tuple[str, int]]:
        rows = connection.execute(select(column, n).where(window, *conditions).group_by(column).order_by(n.desc()).limit(most))
        return [(row[0] or "（未定）", int(row[1])) for row in rows]

    wrong = connection.execute(
        select(orders.c.said_item, orders.c.item, n)
        .where(orders.c.overridden.is_(True), window)
        .group_by(orders.c.said_item, orders.c.item)
        .order_by(n.desc())
        .limit(_MOST)
    )
    sent_back = connection.execute(
        select(order_events.c.actor, n)
        .join(orders, orders.c.id == order_events.c.order_id)
        .where(order_events.c.action == "refused", window)
        .group_by(order_events.c.actor)
        .order_by(n.desc())
        .limit(_MOST)
    )
    return Overview(
        days=[(day, *by_day.get(day, (0, 0, 0))) for day in spread],
        verdicts=grouped(orders.c.verdict),
        statuses=grouped(orders.c.status),
        units=grouped(orders.c.unit),
        categories=grouped(orders.c.category),
        overrides=[(row[0] or "清单外", row[1] or "清单外", int(row[2])) for row in wrong],
        refused=[(row[0], int(row[1])) for row in sent_back],
        unlisted=sorted(grouped(orders.c.day, orders.c.verdict == "unlisted", most=None)),
    )


def item_record(connection: Connection, item: str) -> ItemRecord:
    """The record of one item over all time."""
    routed = connection.execute(select(func.count()).where(orders.c.item == item)).scalar_one()
    rows: Sequence[Any] = connection.execute(
        select(orders.c.overridden, func.count())
        .where(orders.c.said_item == item, orders.c.decided_by.is_not(None))
        .group_by(orders.c.overridden)
    ).all()
    counts = {bool(row[0]): int(row[1]) for row in rows}
    return ItemRecord(int(routed), sum(counts.values()), counts.get(True, 0))
