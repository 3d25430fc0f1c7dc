"""Every failure as one Chinese sentence: JSON for programs, a page or a notice for people."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from desk.database import explain_failure
from desk.errors import DeskError, Unauthorised, Unavailable
from desk.templating import render
from engine.errors import ZhubanError

__all__ = ["failure_response", "install"]

_LOG = logging.getLogger("zhuban.desk")
_SENTENCES = {404: "没有这个页面", 405: "不支持这种请求方法", 400: "请求格式不对", 413: "内容过大"}


def failure_response(scope: Scope, error: ZhubanError) -> Response:
    """The answer to a request that failed with a known error."""
    status = getattr(error, "status", 422)
    headers = {bytes(k).decode("latin-1"): bytes(v).decode("latin-1") for k, v in scope["headers"]}
    path: str = scope["path"]
    extra: dict[str, str] = {"retry-after": "1"} if status in (429, 503) else {}
    if path.startswith("/open311/"):
        body: Any = [{"code": status, "description": str(error)}]
        return Response(orjson.dumps(body), status, extra, "application/json")
    if path.startswith("/api/") or path in ("/metrics", "/readyz", "/healthz"):
        if status == 401:
            extra["www-authenticate"] = "Bearer"
        return Response(orjson.dumps({"error": str(error)}), status, extra, "application/json")
    if "hx-request" in headers:
        return Response(render("notice.html", sentence=str(error)), status, extra, "text/html")
    if isinstance(error, Unauthorised) and path != "/login":
        return RedirectResponse("/login", 303)
    return Response(render("failure.html", sentence=str(error), status=status), status, extra, "text/html")


def install(app: FastAPI) -> None:
    """Register the handlers."""

    async def known(request: Request, error: Exception) -> Response:
        assert isinstance(error, ZhubanError)
        return failure_response(request.scope, error)

    async def wrong_shape(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return failure_response(request.scope, _Shape(_say(error.errors()[0])))

    async def away(request: Request, error: Exception) -> Response:
        if isinstance(error, DBAPIError):
            _LOG.error("database: %s", type(error.orig).__name__)
            return failure_response(request.scope, explain_failure(error))
        return failure_response(request.scope, Unavailable("数据库连接已用满，请稍后重试"))

    async def plain(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        failure = DeskError(_SENTENCES.get(error.status_code, "请求无法处理"))
        failure.status = error.status_code
        return failure_response(request.scope, failure)

    async def unknown(request: Request, error: Exception) -> Response:
        # The type only: a message could quote a text.
        _LOG.error("unexpected %s on %s", type(error).__name__, request.scope.get("path"))
        failure = DeskError("程序内部出错，已记录；这次的内容可能没有保存")
        failure.status = 500
        return failure_response(request.scope, failure)

    app.add_exception_handler(ZhubanError, known)
    app.add_exception_handler(RequestValidationError, wrong_shape)
    app.add_exception_handler(DBAPIError, away)
    app.add_exception_handler(PoolTimeout, away)
    app.add_exception_handler(HTTPException, plain)
    app.add_exception_handler(Exception, unknown)


class _Shape(DeskError):
    status = 422


def _say(fault: Mapping[str, Any]) -> str:
    field = ".".join(str(part) for part in fault["loc"][1:]) or "内容"
    kinds = {"missing": "缺少", "int_parsing": "应为整数", "json_invalid": "不是有效的 JSON"}
    return f"{field}：{kinds.get(fault['type'], '格式不对')}"
