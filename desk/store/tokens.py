"""API tokens: shown once, stored as a hash, with scopes, a rate and an end."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import IntegrityError

from desk.errors import BadRequest
from desk.schema import tokens
from desk.store.audit import note
from desk.store.orders import now
from desk.store.users import digest

__all__ = ["SCOPES", "Token", "add_token", "find_token", "list_tokens", "revoke_token"]

SCOPES = ("route", "orders", "items", "check", "metrics")


@dataclass(frozen=True, slots=True)
class Token:
    """A token that may be used now."""

    id: int
    name: str
    scopes: frozenset[str]
    rate: float | None
    expires_at: datetime | None


def add_token(
    connection: Connection, name: str, scopes: Sequence[str], by: str, *, days: int | None = None, rate: float | None = None
) -> str:
    """Make a token.

    Args:
        scopes: Some of `SCOPES`.
        days: Valid for so many days; None for ever.
        rate: Requests a second, None for the office's setting.

    Returns:
        The token; it cannot be shown again.

    Raises:
        BadRequest: An unknown scope, a name that is taken.
    """
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise BadRequest(
            f"没有权限「{'、'.join(unknown)}」；可用 {'、'.join(SCOPES)}" if unknown else f"至少给一个权限：{'、'.join(SCOPES)}"
        )
    if not 1 <= len(name.strip()) <= 40:
        raise BadRequest("令牌名应为 1–40 个字")
    secret = "zb_" + secrets.token_urlsafe(32)
    values = {
        "name": name.strip(),
        "key": digest(secret),
        "scopes": " ".join(dict.fromkeys(scopes)),
        "rate": rate,
        "created_at": now(),
    }
    values["expires_at"] = now() + timedelta(days=days) if days is not None else None
    try:
        with connection.begin_nested():
            connection.execute(insert(tokens).values(**values))
    except IntegrityError:
        raise BadRequest(f"令牌「{name}」已存在；可先吊销再用别的名字新增") from None
    note(connection, by, "token-add", name, " ".join(scopes))
    return secret


def find_token(connection: Connection, secret: str) -> Token | None:
    """The token, if it is known, not revoked and not expired."""
    row = connection.execute(select(tokens).where(tokens.c.key == digest(secret))).one_or_none()
    if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at < now()):
        return None
    return Token(row.id, row.name, frozenset(row.scopes.split()), row.rate, row.expires_at)


def list_tokens(connection: Connection) -> Sequence[RowMapping]:
    """All tokens by name, without their secrets."""
    return connection.execute(select(*[c for c in tokens.c if c.name != "key"]).order_by(tokens.c.name)).mappings().all()


def revoke_token(connection: Connection, name: str, by: str) -> None:
    """End a token; desks notice within seconds.

    Raises:
        BadRequest: There is no such token in force.
    """
    ended = connection.execute(
        update(tokens).where(tokens.c.name == name, tokens.c.revoked_at.is_(None)).values(revoked_at=now())
    )
    if not ended.rowcount:
        raise BadRequest(f"没有生效中的令牌「{name}」")
    note(connection, by, "token-revoke", name)
