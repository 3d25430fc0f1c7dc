"""Who is at the browser, what their role may do, and the CSRF token of every change."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Form, Header
from starlette.requests import Request
from starlette.responses import HTMLResponse

from desk.errors import ForbiddenError, Unauthorised
from desk.state import Desk, desk_of
from desk.store.rows import Role
from desk.store.users import Session, session_of
from desk.templating import render

__all__ = ["COOKIE", "Reader", "links_of", "page", "proxy_user", "reading", "writing"]

COOKIE = "zhuban_session"

_LINKS = (
    ("/", "办单", {Role.CLERK, Role.ADMIN}),
    ("/orders", "工单", {Role.CLERK, Role.ADMIN, Role.AUDITOR}),
    ("/orders?status=open&flag=refused", "退单", {Role.CLERK, Role.ADMIN, Role.AUDITOR}),
    ("/inbox", "收件箱", {Role.UNIT}),
    ("/import", "导入", {Role.CLERK, Role.ADMIN}),
    ("/items", "清单", set(Role)),
    ("/check", "核查", {Role.CLERK, Role.ADMIN, Role.AUDITOR}),
    ("/stats", "统计", {Role.CLERK, Role.ADMIN, Role.AUDITOR}),
    ("/admin", "管理", {Role.ADMIN}),
    ("/audit", "审计", {Role.ADMIN, Role.AUDITOR}),
)


def links_of(role: Role) -> list[tuple[str, str]]:
    """The pages that a role sees."""
    return [(path, name) for path, name, roles in _LINKS if role in roles]


def proxy_user(request: Request, desk: Desk) -> str | None:
    """The user whom a trusted proxy names; None when single sign-on is off or the peer is not trusted."""
    header = desk.settings.sso_header
    if not header or request.client is None or request.client.host not in desk.settings.sso_proxies:
        return None
    return request.headers.get(header) or None


def _session(request: Request) -> Session:
    desk = desk_of(request)
    cookie = request.cookies.get(COOKIE, "")
    found = None
    if cookie:
        with desk.database.read() as connection:
            found = session_of(connection, cookie)
    named = proxy_user(request, desk)
    if found is None or (named is not None and named != found.actor.name):
        raise Unauthorised("请先登录")
    return found


def reading(*roles: Role) -> Callable[..., Session]:
    """A dependency: a session whose role is one of these (any, when none is named)."""

    def check(request: Request) -> Session:
        session = _session(request)
        if roles and session.actor.role not in roles:
            raise ForbiddenError("您的角色不能打开这一页")
        return session

    return check


def writing(*roles: Role) -> Callable[..., Session]:
    """A dependency for changes: role as in `reading`, and the CSRF token of the session."""

    def check(
        request: Request, csrf: Annotated[str, Form()] = "", x_csrf_token: Annotated[str | None, Header()] = None
    ) -> Session:
        session = _session(request)
        if not hmac.compare_digest((x_csrf_token or csrf).encode(), session.csrf.encode()):
            raise ForbiddenError("页面已过期或请求来自别处，请刷新页面再试")
        if roles and session.actor.role not in roles:
            raise ForbiddenError("您的角色不能这样做")
        return session

    return check


Reader = Annotated[Session, Depends(reading())]


def page(request: Request, session: Session, template: str, **values: Any) -> HTMLResponse:
    """A whole page or a fragment for this session."""
    desk = desk_of(request)
    query = f"?{request.url.query}" if request.url.query else ""
    links = links_of(session.actor.role)
    here = next((path for path, _ in links if path == request.url.path + query), request.url.path)
    common = {"session": session, "links": links, "here": here, "brain": desk.brain, "settings": desk.settings}
    return HTMLResponse(render(template, **(common | values)))
