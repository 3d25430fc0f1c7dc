"""Who may ask the API: bearer tokens, their scopes, their rate."""

from __future__ import annotations

import threading
import time

from desk.database import Database
from desk.errors import ForbiddenError, TooMany, Unauthorised
from desk.store.tokens import Token, find_token
from desk.store.users import digest

__all__ = ["Rates", "TokenCache", "check_scope"]

_KEPT_SECONDS = 5.0
_MOST_KEPT = 4096


class TokenCache:
    """Tokens looked up lately; a revoked one works for five seconds more at most.

    Args:
        database: Where tokens are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[str, tuple[Token, float]] = {}

    def cached(self, secret: str) -> Token | None:
        """The token, if it was looked up within the last seconds."""
        found = self._kept.get(digest(secret))
        return found[0] if found is not None and found[1] > time.monotonic() else None

    def find(self, secret: str) -> Token:
        """The token, from memory or the database.

        Raises:
            Unauthorised: Unknown, revoked or expired.
        """
        token = self.cached(secret)
        if token is None:
            with self._database.read() as connection:
                token = find_token(connection, secret)
            if token is None:
                raise Unauthorised("令牌无效、已吊销或已过期，请向管理员索取新的")
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[digest(secret)] = (token, time.monotonic() + _KEPT_SECONDS)
        return token


class Rates:
    """A token bucket for each API token: its rate a second, twice that at once."""

    def __init__(self) -> None:
        self._buckets: dict[int, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, token: Token, rate: float) -> None:
        """Count one request.

        Raises:
            TooMany: The token's requests come faster than its rate.
        """
        moment = time.monotonic()
        with self._lock:
            left, last = self._buckets.get(token.id, (2 * rate, moment))
            left = min(2 * rate, left + (moment - last) * rate)
            self._buckets[token.id] = (max(left - 1, 0.0), moment)
        if left < 1:
            raise TooMany(f"令牌「{token.name}」请求过快（每秒 {rate:g} 次），请稍后再试")


def check_scope(token: Token, scope: str) -> None:
    """Refuse a token that was not made for this.

    Raises:
        ForbiddenError: The scope is missing.
    """
    if scope not in token.scopes:
        raise ForbiddenError(f"令牌「{token.name}」没有「{scope}」权限")
