"""`/api/v1/check`: hold a notice against the list; the notice is not stored."""

from __future__ import annotations

import base64
import binascii

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from desk.api.auth import bearer
from desk.api.bodies import json_object, optional_text
from desk.api.examples import CHECK, error_responses
from desk.errors import BadRequest
from desk.state import desk_of
from engine.check import NoticeReport, read_bytes

__all__ = ["router"]

router = APIRouter(prefix="/api/v1", tags=["核查"])


@router.post("/check", summary="核查一份交办文件", openapi_extra=CHECK, responses=error_responses(400, 401, 403, 413, 422))
async def check(request: Request) -> Response:
    """给出 text，或 file（Base64）和 name（带后缀）；回答与 `zhuban check --json` 相同。"""
    await bearer(request, "check")
    body = await json_object(request)
    text, coded = body.get("text"), body.get("file")
    name = optional_text(body, "name") or "来文.txt"
    issuer = optional_text(body, "issuer")
    if isinstance(coded, str):
        try:
            data = base64.b64decode(coded, validate=True)
        except binascii.Error:
            raise BadRequest("file 不是有效的 Base64") from None
    elif isinstance(text, str):
        data = text.encode()
    else:
        raise BadRequest("缺少 text，或 file 和 name")
    brain = desk_of(request).brain

    def look() -> NoticeReport:
        return brain.check(read_bytes(data, name), issuer)

    found = await run_in_threadpool(look)
    return Response(found.model_dump_json(), media_type="application/json")
