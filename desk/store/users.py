"""Users and sessions: Argon2id passwords, lockout, roles."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import IntegrityError

from desk.database import Database
from desk.errors import BadRequest, LockedOut, Unauthorised
from desk.schema import sessions, users
from desk.settings import Settings
from desk.store.audit import note
from desk.store.orders import now
from desk.store.rows import Actor, Role

__all__ = [
    "Session",
    "add_user",
    "change_user",
    "close_session",
    "digest",
    "has_users",
    "list_users",
    "log_in",
    "open_session",
    "session_of",
    "sso_session",
]

_HASHER = PasswordHasher()
_DUMMY = _HASHER.hash(secrets.token_hex(8))
_SHORTEST = 10


@dataclass(frozen=True, slots=True)
class Session:
    """Who is at the browser, and the token their forms carry."""

    actor: Actor
    csrf: str
    user_id: int


def digest(secret: str) -> str:
    """What is stored of a cookie or token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _checked(name: str, role: str, unit: str | None) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 40 or any(c in name for c in "<>\"'\n\r\t"):
        raise BadRequest("用户名应为 1–40 个字，不含引号和尖括号")
    if role not in set(Role):
        raise BadRequest(f"没有角色「{role}」；可用 {'、'.join(Role)}")
    if role == Role.UNIT and not unit:
        raise BadRequest("承办单位用户要写明单位（--unit）")
    return name


def _hash(password: str) -> str:
    if len(password) < _SHORTEST:
        raise BadRequest(f"密码至少 {_SHORTEST} 个字符")
    return _HASHER.hash(password)


def add_user(connection: Connection, name: str, role: str, password: str | None, unit: str | None, by: str) -> int:
    """Add a user.

    Args:
        password: None for a user who comes by single sign-on only.
        unit: The printed name of the unit, for role `unit`.

    Raises:
        BadRequest: A name that is taken or unfit, an unknown role, a short password.
    """
    name = _checked(name, role, unit)
    secret = _hash(password) if password is not None else None
    try:
        values = {"name": name, "role": role, "unit": unit, "password": secret, "created_at": now()}
        with connection.begin_nested():
            user_id: int = connection.execute(insert(users).values(**values).returning(users.c.id)).scalar_one()
    except IntegrityError:
        raise BadRequest(f"用户「{name}」已存在") from None
    note(connection, by, "user-add", name, f"{role} {unit or ''}".strip())
    return user_id


def change_user(
    connection: Connection,
    name: str,
    by: str,
    *,
    password: str | None = None,
    role: str | None = None,
    active: bool | None = None,
) -> None:
    """Change a user's password, role or right to log in; all their sessions end.

    Raises:
        BadRequest: There is no such user, or the new value is unfit.
    """
    row = connection.execute(select(users).where(users.c.name == name)).one_or_none()
    if row is None:
        raise BadRequest(f"没有用户「{name}」")
    values: dict[str, object] = {"failures": 0, "locked_until": None}
    if password is not None:
        values["password"] = _hash(password)
    if role is not None:
        _checked(name, role, row.unit)
        values["role"] = role
    if active is not None:
        values["active"] = active
    connection.execute(update(users).where(users.c.id == row.id).values(**values))
    connection.execute(delete(sessions).where(sessions.c.user_id == row.id))
    said = "、".join(word for word, given in (("密码", password), ("角色", role), ("启用", active)) if given is not None)
    note(connection, by, "user-change", name, said)


def list_users(connection: Connection) -> Sequence[RowMapping]:
    """All users by name."""
    columns = [c for c in users.c if c.name != "password"]
    return connection.execute(select(*columns).order_by(users.c.name)).mappings().all()


def has_users(connection: Connection) -> bool:
    """Somebody can log in."""
    return bool(connection.execute(select(func.count()).select_from(users)).scalar_one())


def _matches(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False


def log_in(database: Database, settings: Settings, name: str, password: str) -> tuple[str, Session]:
    """Check a password and open a session.

    Returns:
        The cookie and the session.

    Raises:
        Unauthorised: Wrong name or password; the sentence does not say which.
        LockedOut: Too many failures; even the right password waits.
    """
    with database.read() as connection:
        row = connection.execute(select(users).where(users.c.name == name.strip()[:60])).one_or_none()
    if row is not None and row.locked_until is not None and row.locked_until > now():
        raise LockedOut(f"密码错误次数过多，账号已锁定，请在 {settings.lockout_minutes} 分钟后再试，或请管理员解锁")
    # An unknown name costs the same time as a wrong password.
    right = _matches(row.password if row is not None and row.password else _DUMMY, password)
    if row is None or not right or not row.active or not row.password:
        with database.write() as connection:
            if row is not None:
                failures = row.failures + 1
                locked = failures >= settings.lockout_failures
                until = now() + timedelta(minutes=settings.lockout_minutes) if locked else None
                changed = {"failures": 0 if locked else users.c.failures + 1, "locked_until": until}
                connection.execute(update(users).where(users.c.id == row.id).values(**changed))
                note(connection, row.name, "locked" if locked else "login-failed", row.name)
            else:
                note(connection, "?", "login-failed", "未知用户")
        raise Unauthorised("用户名或密码不对")
    with database.write() as connection:
        connection.execute(update(users).where(users.c.id == row.id).values(failures=0, locked_until=None))
        note(connection, row.name, "login", row.name)
        return open_session(connection, settings, row.id, Actor(row.name, Role(row.role), row.unit))


def open_session(connection: Connection, settings: Settings, user_id: int, actor: Actor) -> tuple[str, Session]:
    """A new session for a user who has shown who they are."""
    cookie, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    moment = now()
    connection.execute(delete(sessions).where(sessions.c.expires_at < moment))
    values = {"key": digest(cookie), "user_id": user_id, "csrf": csrf, "created_at": moment}
    connection.execute(insert(sessions).values(expires_at=moment + timedelta(hours=settings.session_hours), **values))
    return cookie, Session(actor, csrf, user_id)


def session_of(connection: Connection, cookie: str) -> Session | None:
    """The session of a cookie; None when it is unknown, over, or its user may no longer log in."""
    found = (
        select(sessions.c.csrf, sessions.c.expires_at, users.c.id, users.c.name, users.c.role, users.c.unit, users.c.active)
        .join(users, users.c.id == sessions.c.user_id)
        .where(sessions.c.key == digest(cookie))
    )
    row = connection.execute(found).one_or_none()
    if row is None or not row.active or row.expires_at < now():
        return None
    return Session(Actor(row.name, Role(row.role), row.unit), row.csrf, row.id)


def close_session(connection: Connection, cookie: str, actor: Actor) -> None:
    """Log out."""
    connection.execute(delete(sessions).where(sessions.c.key == digest(cookie)))
    note(connection, actor.name, "logout", actor.name)


def sso_session(database: Database, settings: Settings, name: str) -> tuple[str, Session] | None:
    """A session for a user whom the proxy vouches for; None when the desk does not know them."""
    with database.write() as connection:
        row = connection.execute(select(users).where(users.c.name == name.strip()[:60])).one_or_none()
        if row is None or not row.active:
            return None
        note(connection, row.name, "login", row.name, "单点登录")
        return open_session(connection, settings, row.id, Actor(row.name, Role(row.role), row.unit))
