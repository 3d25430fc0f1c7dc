"""The tables of the desk.

`orders` holds the present state of each work order; `order_events` holds every
change that led there and is append-only: triggers of the first migration
refuse any UPDATE or DELETE on it and on `audit_log`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

__all__ = [
    "UtcTime",
    "audit_log",
    "idempotency",
    "metadata",
    "order_events",
    "order_verdicts",
    "orders",
    "pack_switches",
    "packs",
    "sessions",
    "tokens",
    "uploads",
    "users",
]

metadata = MetaData()
Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by INTEGER only


class UtcTime(TypeDecorator[datetime]):
    """Moments in UTC: `timestamptz` in PostgreSQL, naive UTC in SQLite, aware in Python."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


orders = Table(
    "orders",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("received_at", UtcTime, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("day", String(10), nullable=False),  # local day of receipt, for counts
    Column("source", String(40), nullable=False),
    Column("external_id", String(120)),
    Column("text", Text),  # masked; None once retention has deleted it
    Column("text_hash", String(32), nullable=False),
    Column("place", String(40)),
    # What the engine said when the order came in.
    Column("said_verdict", String(12), nullable=False),
    Column("said_item", String(8)),
    Column("said_unit", String(60)),
    Column("confidence", Float, nullable=False),
    Column("urgent", Boolean, nullable=False, default=False),
    Column("needs_review", Boolean, nullable=False, default=False),
    Column("pack_hash", String(64), nullable=False),
    # Where the order stands now.
    Column("status", String(10), nullable=False),
    Column("verdict", String(12), nullable=False),
    Column("item", String(8)),
    Column("category", String(40)),
    Column("unit", String(60)),
    Column("decided_by", String(60)),
    Column("decided_at", UtcTime),
    Column("overridden", Boolean, nullable=False, default=False),
    Column("refusals", Integer, nullable=False, default=0),
    Column("parent_id", Id, ForeignKey("orders.id")),
    Column("version", Integer, nullable=False, default=1),
    # Every filter together with the order in which the list is read.
    Index("ix_orders_received", "received_at", "id"),
    Index("ix_orders_status", "status", "received_at", "id"),
    Index("ix_orders_unit", "unit", "received_at", "id"),
    Index("ix_orders_unit_status", "unit", "status", "received_at", "id"),
    Index("ix_orders_item", "item", "received_at", "id"),
    Index("ix_orders_verdict", "verdict", "received_at", "id"),
    Index("ix_orders_category", "category", "received_at", "id"),
    Index("ix_orders_source", "source", "received_at", "id"),
    Index("ix_orders_place", "place", "item", "received_at"),
    Index("ix_orders_hash", "text_hash"),
    Index("ix_orders_day", "day", "verdict", "status", "category", "unit", "overridden"),
    Index("ix_orders_parent", "parent_id"),
    Index("ix_orders_said", "said_item", "overridden", "decided_by"),
    Index("ix_orders_overridden", "overridden", "day", "said_item", "item"),
    Index("ix_orders_external", "source", "external_id"),
    sqlite_autoincrement=True,
)

# The whole verdict stands apart: a list reads many orders and shows none of it.
order_verdicts = Table(
    "order_verdicts",
    metadata,
    Column("order_id", Id, ForeignKey("orders.id"), primary_key=True, autoincrement=False),
    Column("said", JSON, nullable=False),
)

order_events = Table(
    "order_events",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("actor", String(60), nullable=False),
    Column("action", String(16), nullable=False),
    Column("status", String(10), nullable=False),
    Column("verdict", String(12), nullable=False),
    Column("item", String(8)),
    Column("unit", String(60)),
    Column("why", Text, nullable=False, default=""),
    Column("pack_hash", String(64), nullable=False),
    Index("ix_events_order", "order_id", "id"),
    Index("ix_events_action", "action", "at"),
    sqlite_autoincrement=True,
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("owner", String(80), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    Column("at", UtcTime, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("name", String(60), nullable=False, unique=True),
    Column("role", String(10), nullable=False),
    Column("unit", String(60)),
    Column("password", Text),  # Argon2id; None for users that come by single sign-on only
    Column("active", Boolean, nullable=False, default=True),
    Column("failures", Integer, nullable=False, default=0),
    Column("locked_until", UtcTime),
    Column("created_at", UtcTime, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("key", String(64), primary_key=True),  # SHA-256 of the cookie
    Column("user_id", Id, ForeignKey("users.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("name", String(60), nullable=False),
    Column("key", String(64), nullable=False),  # SHA-256 of the token
    Column("scopes", String(200), nullable=False),
    Column("rate", Float),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("revoked_at", UtcTime),
    UniqueConstraint("key"),
    UniqueConstraint("name"),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("actor", String(60), nullable=False),
    Column("action", String(24), nullable=False),
    Column("target", String(120), nullable=False, default=""),
    Column("detail", Text, nullable=False, default=""),
    Index("ix_audit_at", "at"),
    sqlite_autoincrement=True,
)

uploads = Table(
    "uploads",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("user_id", Id, ForeignKey("users.id"), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", UtcTime, nullable=False),
)

packs = Table(
    "packs",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("version", String(20), nullable=False),
    Column("body", LargeBinary, nullable=False),  # the checked pack, JSON, zlib
    Column("added_at", UtcTime, nullable=False),
)

pack_switches = Table(
    "pack_switches",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("actor", String(60), nullable=False),
    Column("hash", String(64), ForeignKey("packs.hash"), nullable=False),
    Column("why", Text, nullable=False, default=""),
    sqlite_autoincrement=True,
)
