"""The list of orders: filters, full-text search, pages that stay quick at a million rows.

Pages are cut by the last row seen, never by counting rows to skip. A search
runs newest first through the full-text index; together with a filter SQLite
looks at a bounded number of hits for each page and says where it stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, literal_column, or_, select, text
from sqlalchemy.engine import RowMapping

from desk.errors import BadRequest
from desk.schema import orders
from desk.store.rows import Actor, Role, Status
from desk.store.words import match_query, ts_query

__all__ = ["MOST_COUNTED", "Filters", "Page", "count_orders", "list_orders"]

MOST_COUNTED = 1000
_WINDOW = 2000
_COLUMNS = [
    orders.c[name]
    for name in (
        *("id", "received_at", "source", "external_id", "text", "said_verdict", "said_item", "said_unit", "confidence"),
        *("urgent", "needs_review", "status", "verdict", "item", "category", "unit", "decided_by", "decided_at"),
        *("overridden", "refusals", "pack_hash"),
    )
]


@dataclass(frozen=True, slots=True)
class Filters:
    """What to list; empty strings do not filter.

    Attributes:
        since, until: Days of receipt, both included, `YYYY-MM-DD`.
        q: Words that the text must hold.
        flag: `overridden`, `refused`, `urgent` or `review`.
        after: The cursor of the page before.
    """

    status: str = ""
    verdict: str = ""
    unit: str = ""
    item: str = ""
    category: str = ""
    source: str = ""
    since: str = ""
    until: str = ""
    q: str = ""
    flag: str = ""
    after: str = ""

    def given(self) -> dict[str, str]:
        """The filters that are set, without the cursor: for links."""
        names = ("status", "verdict", "unit", "item", "category", "source", "since", "until", "q", "flag")
        return {name: value for name in names if (value := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of orders.

    Attributes:
        rows: The orders, newest first.
        after: Cursor of the next page, None at the end.
        partial: A search stopped at its bound: older hits may follow.
    """

    rows: Sequence[RowMapping]
    after: str | None
    partial: bool = False


def _conditions(filters: Filters, actor: Actor) -> list[Any]:
    found: list[Any] = [
        orders.c[name] == value
        for name in ("status", "verdict", "unit", "item", "category", "source")
        if (value := getattr(filters, name).replace("\0", ""))
    ]
    if actor.role is Role.UNIT:
        found += [orders.c.unit == (actor.unit or ""), orders.c.status != Status.OPEN.value]
    for value, late in ((filters.since, False), (filters.until, True)):
        if value:
            try:
                day = datetime.fromisoformat(value).date().isoformat()
            except ValueError:
                raise BadRequest(f"日期「{value}」不对，请写成 2025-07-01") from None
            found.append(orders.c.day <= day if late else orders.c.day >= day)
    flags = {
        "overridden": orders.c.overridden.is_(True),
        "refused": orders.c.refusals > 0,
        "urgent": orders.c.urgent.is_(True),
        "review": orders.c.needs_review.is_(True),
    }
    if filters.flag:
        if filters.flag not in flags:
            raise BadRequest(f"没有筛选「{filters.flag}」")
        found.append(flags[filters.flag])
    return found


def _cursor(after: str) -> tuple[datetime, int]:
    try:
        stamp, _, number = after.partition("~")
        moment, found = datetime.fromtimestamp(int(stamp) / 1e6, UTC), int(number)
        if not 0 <= found < 2**62:
            raise ValueError(number)
        return moment, found
    except (ValueError, OverflowError, OSError):
        raise BadRequest("翻页位置无效，请从第一页重新翻") from None


def _seek(after: str) -> Any:
    moment, number = _cursor(after)
    return or_(orders.c.received_at < moment, and_(orders.c.received_at == moment, orders.c.id < number))


def list_orders(connection: Connection, filters: Filters, actor: Actor, size: int = 50) -> Page:
    """One page of the orders that match.

    Args:
        connection: For reading.
        filters: What to list and after which row.
        actor: A unit gets its own orders only.
        size: Rows of a page.

    Raises:
        BadRequest: A day, flag or cursor that makes no sense, or a search without words.
    """
    conditions = _conditions(filters, actor)
    if filters.q.strip():
        return _search(connection, filters, conditions, size)
    found = select(*_COLUMNS).where(*conditions)
    if filters.after:
        moment, _ = _cursor(filters.after)
        found = found.where(orders.c.received_at <= moment, _seek(filters.after))
    found = found.order_by(orders.c.received_at.desc(), orders.c.id.desc()).limit(size + 1)
    rows = connection.execute(found).mappings().all()
    return Page(rows[:size], _mark(rows[size - 1]) if len(rows) > size else None)


def _mark(row: RowMapping) -> str:
    moment: datetime = row["received_at"]
    whole = int(moment.timestamp()) * 1_000_000 + moment.microsecond
    return f"{whole}~{row['id']}"


def _search(connection: Connection, filters: Filters, conditions: list[Any], size: int) -> Page:
    last = _cursor(filters.after)[1] if filters.after else 2**62
    if connection.dialect.name != "sqlite":
        words = ts_query(filters.q)
        if words is None:
            raise BadRequest("请输入要查的文字或数字")
        match = text("orders.search @@ CAST(:words AS tsquery)").bindparams(words=words)
        found: Select[Any] = select(*_COLUMNS).where(match, orders.c.id < last, *conditions)
        rows = connection.execute(found.order_by(orders.c.id.desc()).limit(size + 1)).mappings().all()
        return Page(rows[:size], f"0~{rows[size - 1]['id']}" if len(rows) > size else None)
    words = match_query(filters.q)
    if words is None:
        raise BadRequest("请输入要查的文字或数字")
    hits = (
        select(literal_column("rowid").label("id"))
        .select_from(text("orders_fts"))
        .where(text("orders_fts MATCH :words AND rowid < :last"))
        .order_by(text("rowid DESC"))
        .limit(bindparam("window", _WINDOW if conditions else size + 1))
        .subquery("hits")
    )
    found = select(*_COLUMNS).select_from(hits.join(orders, orders.c.id == hits.c.id)).where(*conditions)
    given = {"words": words, "last": last}
    rows = connection.execute(found.order_by(hits.c.id.desc()).limit(size + 1), given).mappings().all()
    if len(rows) > size:
        return Page(rows[:size], f"0~{rows[size - 1]['id']}")
    if conditions:
        seen, oldest = connection.execute(select(func.count(), func.min(hits.c.id)), given).one()
        if seen == _WINDOW:
            return Page(rows, f"0~{oldest}", partial=True)
    return Page(rows, None)


def count_orders(connection: Connection, filters: Filters, actor: Actor) -> int | None:
    """How many orders match, up to `MOST_COUNTED` and one more; None for a search, which is not counted."""
    if filters.q.strip():
        return None
    some = select(orders.c.id).where(*_conditions(filters, actor)).limit(MOST_COUNTED + 1).subquery()
    found: int = connection.execute(select(func.count()).select_from(some)).scalar_one()
    return found
