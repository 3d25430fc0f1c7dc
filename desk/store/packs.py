"""Packs in the database: kept whole, so that going back never depends on files that changed since."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.engine import RowMapping

from desk.errors import BadRequest
from desk.schema import pack_switches, packs
from desk.store.audit import note
from desk.store.orders import now
from engine.model import Pack

__all__ = ["STARTUP", "active_hash", "fetch_pack", "keep_pack", "list_switches", "previous_hash", "start_with", "switch_to"]

STARTUP = "启动"


def keep_pack(connection: Connection, pack: Pack) -> None:
    """Store a checked pack under its hash, once."""
    if connection.execute(select(packs.c.hash).where(packs.c.hash == pack.hash)).one_or_none() is None:
        body = zlib.compress(pack.model_dump_json().encode(), 6)
        values = {"hash": pack.hash, "name": pack.info.id, "version": pack.info.version, "body": body, "added_at": now()}
        connection.execute(insert(packs).values(**values))


def fetch_pack(connection: Connection, digest: str) -> Pack:
    """A stored pack.

    Raises:
        BadRequest: It is not in this database.
    """
    body = connection.execute(select(packs.c.body).where(packs.c.hash == digest)).scalar_one_or_none()
    if body is None:
        raise BadRequest(f"数据库里没有规则包 {digest[:12]}")
    return Pack.model_validate_json(zlib.decompress(body))


def active_hash(connection: Connection) -> str | None:
    """The pack in force, None before the first start."""
    found: str | None = connection.execute(
        select(pack_switches.c.hash).order_by(pack_switches.c.id.desc()).limit(1)
    ).scalar_one_or_none()
    return found


def start_with(connection: Connection, pack: Pack) -> None:
    """Use the configured pack, unless a person has switched to another one."""
    keep_pack(connection, pack)
    by_person = connection.execute(select(func.count()).where(pack_switches.c.actor != STARTUP)).scalar_one()
    if not by_person and active_hash(connection) != pack.hash:
        connection.execute(insert(pack_switches).values(at=now(), actor=STARTUP, hash=pack.hash, why=""))


def switch_to(connection: Connection, digest: str, by: str, why: str) -> None:
    """Put a stored pack in force; running desks follow within seconds.

    Raises:
        BadRequest: It is not stored, or already in force.
    """
    if active_hash(connection) == digest:
        raise BadRequest(f"规则包 {digest[:12]} 已在使用")
    if connection.execute(select(packs.c.hash).where(packs.c.hash == digest)).one_or_none() is None:
        raise BadRequest(f"数据库里没有规则包 {digest[:12]}")
    connection.execute(insert(pack_switches).values(at=now(), actor=by, hash=digest, why=why))
    note(connection, by, "pack-switch", digest[:12], why)


def previous_hash(connection: Connection) -> str:
    """The pack that was in force before the present one.

    Raises:
        BadRequest: There was none.
    """
    now_used = active_hash(connection)
    rows = connection.execute(select(pack_switches.c.hash).order_by(pack_switches.c.id.desc())).scalars()
    found: str | None = next((digest for digest in rows if digest != now_used), None)
    if found is None:
        raise BadRequest("没有更早的规则包可以退回")
    return found


def list_switches(connection: Connection, most: int = 50) -> Sequence[RowMapping]:
    """Which pack was put in force when and by whom, newest first."""
    columns = (
        pack_switches.c.at,
        pack_switches.c.actor,
        pack_switches.c.hash,
        pack_switches.c.why,
        packs.c.name,
        packs.c.version,
    )
    found = select(*columns).join(packs, packs.c.hash == pack_switches.c.hash).order_by(pack_switches.c.id.desc()).limit(most)
    return connection.execute(found).mappings().all()
