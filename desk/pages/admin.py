"""管理 and 审计: users, tokens, packs, and who did what."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk.deciding import known_units
from desk.errors import BadRequest
from desk.pages.session import page, reading, writing
from desk.state import desk_of
from desk.store import audit, packs, tokens, users
from desk.store.rows import Role
from desk.store.users import Session

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
Admin = Annotated[Session, Depends(reading(Role.ADMIN))]
Changing = Annotated[Session, Depends(writing(Role.ADMIN))]
Text = Annotated[str, Form()]


@router.get("/admin")
def show(request: Request, session: Admin) -> Response:
    """Users, tokens and packs."""
    return _show(request, session)


def _show(request: Request, session: Session, secret: str = "") -> Response:
    desk = desk_of(request)
    with desk.database.read() as connection:
        people, keys = users.list_users(connection), tokens.list_tokens(connection)
        switches = packs.list_switches(connection, 20)
    shown = {"people": people, "tokens": keys, "switches": switches, "scopes": tokens.SCOPES, "secret": secret}
    return page(request, session, "admin.html", **shown, units=known_units(desk.brain))


@router.post("/admin/users")
def add_user(
    request: Request, session: Changing, name: Text = "", role: Text = "", password: Text = "", unit: Text = ""
) -> Response:
    """Add a user."""
    desk = desk_of(request)
    if unit.strip() and unit.strip() not in known_units(desk.brain):
        raise BadRequest(f"没有单位「{unit[:40]}」，请从列表里选")
    with desk.database.write() as connection:
        users.add_user(connection, name, role, password or None, unit.strip() or None, session.actor.name)
    return RedirectResponse("/admin", 303)


@router.post("/admin/users/change")
def change_user(request: Request, session: Changing, name: Text = "", act: Text = "") -> Response:
    """Stop a user, let them in again, or unlock them."""
    if act not in ("stop", "start"):
        raise BadRequest("没有这种操作")
    if name == session.actor.name:
        raise BadRequest("不能停用自己")
    with desk_of(request).database.write() as connection:
        users.change_user(connection, name, session.actor.name, active=act == "start")
    return RedirectResponse("/admin", 303)


@router.post("/admin/tokens")
def add_token(
    request: Request, session: Changing, name: Text = "", scope: Annotated[list[str] | None, Form()] = None
) -> Response:
    """Make a token and show it once."""
    with desk_of(request).database.write() as connection:
        secret = tokens.add_token(connection, name, scope or [], session.actor.name)
    return _show(request, session, secret)


@router.post("/admin/tokens/revoke")
def revoke_token(request: Request, session: Changing, name: Text = "") -> Response:
    """End a token."""
    with desk_of(request).database.write() as connection:
        tokens.revoke_token(connection, name, session.actor.name)
    return RedirectResponse("/admin", 303)


@router.post("/admin/packs/back")
def back(request: Request, session: Changing) -> Response:
    """Go back to the pack before this one."""
    desk = desk_of(request)
    with desk.database.write() as connection:
        packs.switch_to(connection, packs.previous_hash(connection), session.actor.name, "退回上一个规则包")
    desk.holder.follow()
    return RedirectResponse("/admin", 303)


@router.get("/audit")
def log(
    request: Request,
    session: Annotated[Session, Depends(reading(Role.ADMIN, Role.AUDITOR))],
    before: Annotated[int | None, Query(ge=0, le=2**60)] = None,
    action: str = "",
) -> Response:
    """The audit log."""
    with desk_of(request).database.read() as connection:
        rows = audit.read_log(connection, before, action)
    more = rows[99]["id"] if len(rows) > 100 else None
    return page(request, session, "audit.html", rows=rows[:100], more=more, action=action, names=audit.AUDIT_NAMES)
