"""What every request passes: body limit, cross-site guard, security headers, figures."""

from __future__ import annotations

import time

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.errors import ForbiddenError, TooLarge
from desk.failures import failure_response
from desk.metrics import REQUESTS, SECONDS

__all__ = ["Gate"]

_HEADERS = [
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]
_STATIC = [(b"x-content-type-options", b"nosniff"), (b"cache-control", b"public, max-age=86400")]
_OPEN = ("/api/", "/open311/")
_UPLOADS = ("/import", "/check", "/api/v1/check")


class Gate:
    """Pure ASGI, so that a quick answer stays quick.

    Args:
        app: The application behind it.
        body_limit: Bytes of a request body.
        upload_limit: Bytes of one that carries a file.
    """

    def __init__(self, app: ASGIApp, body_limit: int, upload_limit: int) -> None:
        self.app = app
        self.body_limit = body_limit
        self.upload_limit = upload_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path: str = scope["path"]
        headers = dict(scope["headers"])
        started = time.perf_counter()
        status = 500
        extra = _STATIC if path.startswith("/static/") else _HEADERS
        limit = self.upload_limit if path.startswith(_UPLOADS) else self.body_limit
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise HTTPException(413)  # the kind that body parsers let through
            return message

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *extra]
            await send(message)

        try:
            length = headers.get(b"content-length", b"0")
            if not length.isdigit() or int(length) > limit:
                await failure_response(scope, TooLarge(f"内容超过上限 {limit:,} 字节"))(scope, receive, guarded)
            elif scope["method"] == "POST" and not path.startswith(_OPEN) and _foreign(headers):
                await failure_response(scope, ForbiddenError("请求来自其他网站，已拒绝"))(scope, receive, guarded)
            else:
                await self.app(scope, counted, guarded)
        finally:
            route = scope.get("route")
            shown = getattr(route, "path", "other")
            REQUESTS.labels(scope["method"], shown, status).inc()
            SECONDS.labels(shown).observe(time.perf_counter() - started)


def _foreign(headers: dict[bytes, bytes]) -> bool:
    """The browser says that another site made it send this."""
    return headers.get(b"sec-fetch-site", b"same-origin") not in (b"same-origin", b"none")
