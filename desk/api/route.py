"""`/api/v1/route`: the verdict of one text, and of many."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from desk.api.auth import bearer
from desk.api.bodies import json_object, optional_text
from desk.api.examples import BATCH, ROUTE, error_responses
from desk.brain import Brain
from desk.errors import BadRequest
from desk.state import desk_of
from engine.errors import InputError

__all__ = ["router"]

router = APIRouter(prefix="/api/v1", tags=["判定"])
_SHORT = 1000  # longer texts are routed in a thread, so that short ones need not wait
_MOST_TEXTS = 1000


@router.post(
    "/route", summary="判定一条文本归谁管", openapi_extra=ROUTE, responses=error_responses(400, 401, 403, 413, 422, 429)
)
async def route(request: Request) -> Response:
    """与 `zhuban route --json` 相同的判定；不保存文本。"""
    await bearer(request, "route")
    body = await json_object(request)
    text = body.get("text")
    if not isinstance(text, str):
        raise BadRequest("缺少 text，或 text 不是文字")
    category = optional_text(body, "category")
    brain = desk_of(request).brain
    if len(text) <= _SHORT:
        answer = brain.route_json(text, category)
    else:
        answer = await run_in_threadpool(brain.route_json, text, category)
    return Response(answer, media_type="application/json")


@router.post("/route/batch", summary="一次判定多条", openapi_extra=BATCH, responses=error_responses(400, 401, 403, 413, 429))
async def route_batch(request: Request) -> Response:
    """最多 1000 条；某一条有误时，该条给出 error，其余照常。"""
    await bearer(request, "route")
    body = await json_object(request)
    texts = body.get("texts")
    if not isinstance(texts, list) or not texts or len(texts) > _MOST_TEXTS:
        raise BadRequest(f"texts 应为 1–{_MOST_TEXTS} 条文字的数组")
    answers = await run_in_threadpool(_route_all, desk_of(request).brain, texts)
    return Response(b'{"verdicts":[' + b",".join(answers) + b"]}", media_type="application/json")


def _route_all(brain: Brain, texts: list[Any]) -> list[bytes]:
    answers = []
    for text in texts:
        try:
            if not isinstance(text, str):
                raise InputError("不是文字")
            answers.append(brain.route_json(text))
        except InputError as error:
            answers.append(orjson.dumps({"error": str(error)}))
    return answers
