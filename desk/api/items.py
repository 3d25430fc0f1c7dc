"""`/api/v1/items`: the duty list as data."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk.api.auth import bearer
from desk.api.bodies import json_response
from desk.api.examples import error_responses
from desk.brain import Brain
from desk.errors import NotFound
from desk.state import desk_of
from engine.model import OfficialItem
from engine.search import search_official

__all__ = ["router"]

router = APIRouter(prefix="/api/v1", tags=["清单"])


def _short(brain: Brain, row: OfficialItem) -> dict[str, Any]:
    return {
        "id": row.id,
        "category": row.category,
        "name": row.name,
        "verdict": brain.verdict_of(row.id),
        "lead_units": brain.lead_units(row),
    }


@router.get("/items", summary="清单各项", responses=error_responses(401, 403))
async def items(request: Request, q: str = "", category: str = "", kind: str = "") -> Response:
    """可按文字、类别和表（B、C、R）筛选。"""
    await bearer(request, "items")
    brain = desk_of(request).brain
    rows = search_official(brain.pack, q, 50) if q.strip() else list(brain.pack.official)
    chosen = [
        row for row in rows if (not category or row.category == category) and (not kind or row.kind.value == kind.upper())
    ]
    return json_response({"pack": brain.pack.info.id, "pack_hash": brain.hash, "items": [_short(brain, row) for row in chosen]})


@router.get("/items/{item}", summary="清单的一项", responses=error_responses(401, 403, 404))
async def item(request: Request, item: str) -> Response:
    """官方原文、部门和职责。"""
    await bearer(request, "items")
    brain = desk_of(request).brain
    row = brain.by_id.get(item.strip().upper())
    if row is None:
        raise NotFound(f"清单中没有「{item[:20]}」")
    duties = [{"units": duty.units, "text": duty.text} for duty in row.duties]
    more = {"duties": duties, "town_duties": row.town_duties, "takeover": row.takeover, "departments": row.departments}
    return json_response(_short(brain, row) | more)
