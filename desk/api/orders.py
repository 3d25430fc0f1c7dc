"""`/api/v1/orders`: hand work orders in, read them and their history back."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Query
from sqlalchemy.engine import RowMapping
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from desk import intake, metrics
from desk.api.auth import actor_of, bearer
from desk.api.bodies import json_object, json_response, moment, optional_text
from desk.api.examples import ORDERS, error_responses
from desk.errors import BadRequest
from desk.state import Desk, desk_of
from desk.store import orders as order_store
from desk.store.listing import Filters, list_orders
from desk.store.rows import ACTION_NAMES, STATUS_NAMES, Action, Actor, Status

__all__ = ["router"]

router = APIRouter(prefix="/api/v1", tags=["工单"])


@router.post(
    "/orders",
    status_code=201,
    summary="提交一件工单",
    openapi_extra=ORDERS,
    responses=error_responses(400, 401, 403, 409, 413, 429, 503),
)
async def create(request: Request) -> Response:
    """写入磁盘后才回答 201；同一 Idempotency-Key 重发回答 200 和原编号。"""
    token = await bearer(request, "orders")
    body = await json_object(request)
    key = request.headers.get("idempotency-key")
    if key is not None and not 1 <= len(key) <= 128:
        raise BadRequest("Idempotency-Key 应为 1–128 个字符")
    desk = desk_of(request)
    source = optional_text(body, "source", 40) or "接口"
    given = intake.Given(
        source=source,
        received_at=moment(optional_text(body, "received_at"), "received_at"),
        external_id=optional_text(body, "external_id"),
        category=optional_text(body, "category"),
        key=(f"token:{token.id}", key) if key is not None else None,
    )
    order_id, verdict = await run_in_threadpool(intake.take_in, desk, body.get("text"), actor_of(token), given)
    if verdict is None:
        return json_response({"id": order_id, "url": f"/api/v1/orders/{order_id}"}, 200, {"idempotent-replay": "true"})
    metrics.ORDERS.labels(source if source in ("12345", "人民网", "来访", "导入") else "接口").inc()
    metrics.VERDICTS.labels(verdict.verdict.value).inc()
    answer = {"id": order_id, "url": f"/api/v1/orders/{order_id}", "verdict": verdict.model_dump(mode="json")}
    return json_response(answer, 201, {"location": f"/api/v1/orders/{order_id}"})


def shown(row: RowMapping) -> dict[str, Any]:
    """One order as the API tells it."""
    names = (
        "id",
        "source",
        "external_id",
        "received_at",
        "text",
        "verdict",
        "item",
        "category",
        "unit",
        "overridden",
        "refusals",
    )
    found = {name: row[name] for name in names}
    found |= {"status": row["status"], "status_name": STATUS_NAMES[Status(row["status"])], "said_verdict": row["said_verdict"]}
    return found | {
        name: row[name] for name in ("said_item", "said_unit", "confidence", "decided_by", "decided_at", "pack_hash")
    }


def _read(desk: Desk, order_id: int, actor: Actor) -> dict[str, Any]:
    with desk.database.read() as connection:
        row = order_store.get(connection, order_id, actor)
        events = order_store.history(connection, order_id)
    names = ("at", "actor", "action", "status", "verdict", "item", "unit", "why", "pack_hash")
    entries = [
        {name: event[name] for name in names} | {"action_name": ACTION_NAMES[Action(event["action"])]} for event in events
    ]
    return shown(row) | {"said": row["said"], "history": entries}


@router.get("/orders/{order_id}", summary="一件工单及其全部经过", responses=error_responses(401, 403, 404))
async def read(request: Request, order_id: int) -> Response:
    """现状、判定和每一次变更。"""
    token = await bearer(request, "orders")
    if not 0 < order_id < 2**62:
        raise BadRequest("工单编号应为正整数")
    return json_response(await run_in_threadpool(_read, desk_of(request), order_id, actor_of(token)))


@router.get("/orders", summary="工单列表", responses=error_responses(400, 401, 403))
async def listing(
    request: Request,
    status: str = "",
    verdict: str = "",
    unit: str = "",
    item: str = "",
    source: str = "",
    since: str = "",
    until: str = "",
    q: str = Query("", max_length=200),
    after: str = "",
    size: int = Query(50, ge=1, le=500),
) -> Response:
    """最新的在前；下一页用回答里的 after。"""
    token = await bearer(request, "orders")
    desk = desk_of(request)
    filters = Filters(status, verdict, unit, item, "", source, since, until, q, "", after)

    def look() -> dict[str, Any]:
        with desk.database.read() as connection:
            page = list_orders(connection, filters, actor_of(token), size)
        return {"orders": [shown(row) for row in page.rows], "after": page.after}

    return json_response(await run_in_threadpool(look))
