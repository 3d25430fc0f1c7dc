"""Log in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from desk.errors import LockedOut, Unauthorised
from desk.pages.session import COOKIE, proxy_user, writing
from desk.state import Desk, desk_of
from desk.store.users import Session, close_session, has_users, log_in, sso_session
from desk.templating import render

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


def _form(request: Request, sentence: str = "", status: int = 200) -> Response:
    with desk_of(request).database.read() as connection:
        empty = not has_users(connection)
    return HTMLResponse(render("login.html", session=None, brain=None, sentence=sentence, empty=empty), status)


def _enter(desk: Desk, cookie: str) -> Response:
    response = RedirectResponse("/", 303)
    age = desk.settings.session_hours * 3600
    response.set_cookie(COOKIE, cookie, max_age=age, httponly=True, samesite="lax", secure=desk.settings.secure_cookies)
    return response


@router.get("/login")
def show(request: Request) -> Response:
    """The form; with single sign-on, straight in."""
    desk = desk_of(request)
    named = proxy_user(request, desk)
    if named is not None:
        opened = sso_session(desk.database, desk.settings, named)
        if opened is not None:
            return _enter(desk, opened[0])
        return _form(request, "单点登录的用户在派单台里没有账号，请找管理员", 403)
    return _form(request)


@router.post("/login")
def submit(request: Request, name: Annotated[str, Form()] = "", password: Annotated[str, Form()] = "") -> Response:
    """Check the password."""
    desk = desk_of(request)
    try:
        cookie, _ = log_in(desk.database, desk.settings, name, password)
    except (Unauthorised, LockedOut) as error:
        return _form(request, str(error), error.status)
    return _enter(desk, cookie)


@router.post("/logout")
def leave(request: Request, session: Annotated[Session, Depends(writing())]) -> Response:
    """End the session."""
    with desk_of(request).database.write() as connection:
        close_session(connection, request.cookies.get(COOKIE, ""), session.actor)
    response = RedirectResponse("/login", 303)
    response.delete_cookie(COOKIE)
    return response
