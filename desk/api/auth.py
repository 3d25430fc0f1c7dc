"""The bearer token of a request."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from desk.access import check_scope
from desk.errors import Unauthorised
from desk.state import Desk, desk_of
from desk.store.rows import Actor, Role
from desk.store.tokens import Token

__all__ = ["actor_of", "bearer", "checked"]


def actor_of(token: Token) -> Actor:
    """How a token signs what it does."""
    return Actor(f"令牌:{token.name}", Role.CLERK)


async def checked(desk: Desk, secret: str, scope: str) -> Token:
    """The token of a secret, with scope and rate checked.

    Raises:
        Unauthorised, ForbiddenError, TooMany: See `desk.access`.
    """
    token = desk.tokens.cached(secret)
    if token is None:
        token = await run_in_threadpool(desk.tokens.find, secret)
    check_scope(token, scope)
    desk.rates.take(token, (token.rate or desk.settings.rate_per_second) / desk.settings.workers)
    return token


async def bearer(request: Request, scope: str) -> Token:
    """The token in the Authorization header.

    Raises:
        Unauthorised: None is given, or it is not in force.
    """
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise Unauthorised("请在 Authorization 头里给出令牌：Bearer zb_…")
    return await checked(desk_of(request), secret.strip(), scope)
