"""Open311 GeoReport v2: existing clients can list services, post requests and follow them.

One service for each item of the list, grouped by category, and `auto`, which
leaves the choice to the desk. A chosen service is a hint to the engine by its
category, never a decision. Source: wiki.open311.org/GeoReport_v2.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from fastapi import APIRouter
from sqlalchemy.engine import RowMapping
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from desk import intake
from desk.api.auth import actor_of, checked
from desk.api.bodies import json_response, moment
from desk.errors import BadRequest, NotFound
from desk.state import Desk, desk_of
from desk.store import orders as order_store
from desk.store.listing import Filters, list_orders
from desk.store.rows import STATUS_NAMES, Status
from desk.store.tokens import Token

__all__ = ["router"]

router = APIRouter(prefix="/open311/v2", tags=["Open311"])
_PAGE = 50


def _answer(rows: list[dict[str, Any]], kind: str, plural: str, singular: str, status: int = 200) -> Response:
    if kind == "json":
        return json_response(rows, status)
    if kind != "xml":
        raise NotFound("只有 json 和 xml 两种格式")
    body = "".join(
        f"<{singular}>"
        + "".join(f"<{k}>{escape('' if v is None else str(v))}</{k}>" for k, v in row.items())
        + f"</{singular}>"
        for row in rows
    )
    return Response(f'<?xml version="1.0" encoding="utf-8"?><{plural}>{body}</{plural}>', status, media_type="text/xml")


def _services(desk: Desk) -> list[dict[str, Any]]:
    common = {"metadata": False, "type": "realtime"}
    first = {
        "service_code": "auto",
        "service_name": "由平台判定",
        "description": "按履职事项清单判定主办单位",
        "keywords": "",
        "group": "全部",
    }
    rows = [
        {
            "service_code": row.id,
            "service_name": row.name[:80],
            "description": row.name,
            "keywords": row.category,
            "group": row.category,
        }
        for row in desk.brain.pack.official
    ]
    return [row | common for row in (first, *rows)]


@router.get("/services.{kind}", summary="服务列表")
async def services(request: Request, kind: str) -> Response:
    """清单每一项一个服务，另有 auto。"""
    return _answer(_services(desk_of(request)), kind, "services", "service")


@router.get("/services/{code}.{kind}", summary="服务定义")
async def definition(request: Request, code: str, kind: str) -> Response:
    """没有附加字段。"""
    if all(row["service_code"] != code for row in _services(desk_of(request))):
        raise NotFound(f"没有服务「{code[:20]}」")
    if kind == "json":
        return json_response({"service_code": code, "attributes": []})
    return _answer([{"service_code": code, "attributes": ""}], kind, "service_definitions", "service_definition")


async def _token(request: Request, given: str | None) -> Token:
    secret = given or request.query_params.get("api_key") or request.headers.get("authorization", "").partition(" ")[2]
    return await checked(desk_of(request), secret, "orders")


@router.post("/requests.{kind}", status_code=201, summary="提交诉求")
async def post(request: Request, kind: str) -> Response:
    """表单字段 api_key、service_code、description，另可有 address_string、lat、long。"""
    form = await request.form()
    values = {name: value for name, value in form.items() if isinstance(value, str)}
    token = await _token(request, values.get("api_key"))
    desk = desk_of(request)
    code = values.get("service_code", "auto") or "auto"
    row = desk.brain.by_id.get(code)
    if row is None and code != "auto":
        raise BadRequest(f"service_code：没有服务「{code[:20]}」")
    if not values.get("description", "").strip():
        raise BadRequest("description：缺少诉求内容")
    address = values.get("address_string", "").strip()[:200]
    text = values["description"] + (f"\n地点：{address}" if address else "")
    given = intake.Given(source="Open311", category=row.category if row else None)
    order_id, _ = await run_in_threadpool(intake.take_in, desk, text, actor_of(token), given)
    answer = {"service_request_id": str(order_id), "service_notice": "已收到，将按履职事项清单转办", "account_id": ""}
    return _answer([answer], kind, "service_requests", "request", 201)


def _request(row: RowMapping) -> dict[str, Any]:
    return {
        "service_request_id": str(row["id"]),
        "status": "closed" if row["status"] in (Status.CLOSED, Status.RETURNED) else "open",
        "status_notes": STATUS_NAMES[Status(row["status"])],
        "service_code": row["item"] or "auto",
        "service_name": row["category"] or "清单外",
        "description": row["text"] or order_store.ORDER_TEXT_GONE,
        "agency_responsible": row["unit"] or "",
        "requested_datetime": row["received_at"].isoformat(),
        "updated_datetime": (row["decided_at"] or row["received_at"]).isoformat(),
    }


@router.get("/requests.{kind}", summary="诉求列表")
async def listing(
    request: Request, kind: str, status: str = "", start_date: str = "", end_date: str = "", page: int = 1
) -> Response:
    """可按 status、起止日期筛选，每页 50 条。"""
    token = await _token(request, None)
    desk = desk_of(request)
    if status not in ("", "open", "closed") or not 1 <= page <= 200:
        raise BadRequest("status 应为 open 或 closed；page 应为 1–200")
    days = [
        found.astimezone(desk.zone).date().isoformat() if (found := moment(v or None, "日期")) else ""
        for v in (start_date, end_date)
    ]

    def look() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        after = ""
        with desk.database.read() as connection:
            while len(found) < page * _PAGE:
                rows = list_orders(connection, Filters(since=days[0], until=days[1], after=after), actor_of(token), 500)
                found += [one for row in rows.rows if (one := _request(row)) and status in ("", one["status"])]
                if rows.after is None:
                    break
                after = rows.after
        return found[(page - 1) * _PAGE : page * _PAGE]

    return _answer(await run_in_threadpool(look), kind, "service_requests", "request")


@router.get("/requests/{order_id}.{kind}", summary="一件诉求")
async def read(request: Request, order_id: int, kind: str) -> Response:
    """现状和承办单位。"""
    token = await _token(request, None)
    desk = desk_of(request)

    def look() -> dict[str, Any]:
        with desk.database.read() as connection:
            return _request(order_store.get(connection, order_id, actor_of(token)))

    return _answer([await run_in_threadpool(look)], kind, "service_requests", "request")
