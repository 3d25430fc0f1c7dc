"""Is it alive, can it work, and how it does."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from desk.api.auth import bearer
from desk.api.bodies import json_response
from desk.errors import Unavailable
from desk.metrics import exposition
from desk.state import desk_of

__all__ = ["router"]

router = APIRouter(tags=["运行"])
_NEAR = {"127.0.0.1", "::1"}


@router.get("/healthz", summary="进程活着")
async def healthz() -> Response:
    """不碰数据库。"""
    return PlainTextResponse("ok")


@router.get("/readyz", summary="可以接单")
async def readyz(request: Request) -> Response:
    """数据库能用、规则包已载入。"""
    desk = desk_of(request)
    if not await run_in_threadpool(desk.database.ready):
        raise Unavailable("数据库暂时连不上")
    return json_response({"ready": True, "pack": desk.brain.pack.info.id, "pack_hash": desk.brain.hash})


@router.get("/metrics", summary="Prometheus 指标")
async def metrics(request: Request) -> Response:
    """本机可直接读；其他机器用带 metrics 权限的令牌。"""
    forwarded = "x-forwarded-for" in request.headers
    if forwarded or request.client is None or request.client.host not in _NEAR:
        await bearer(request, "metrics")
    return Response(await run_in_threadpool(exposition), media_type="text/plain; version=0.0.4")
