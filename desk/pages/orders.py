"""工单: the list, one order with its whole history, decisions on it, the note for the county."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query
from sqlalchemy.engine import RowMapping
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from desk import intake, metrics
from desk.deciding import choices_for, decide, known_units
from desk.errors import BadRequest, NotFound
from desk.exporting import csv_chunks, workbook
from desk.pages.routing import split_parts
from desk.pages.session import Reader, page, reading, writing
from desk.state import Desk, desk_of
from desk.store import audit
from desk.store import orders as order_store
from desk.store.listing import Filters, Page, count_orders, list_orders
from desk.store.rows import SOURCES, Action, Decision, Role, Status
from desk.store.users import Session
from engine.verdict import Verdict

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
Office = Annotated[Session, Depends(reading(Role.CLERK, Role.ADMIN, Role.AUDITOR))]
Clerk = Annotated[Session, Depends(writing(Role.CLERK, Role.ADMIN))]
Text = Annotated[str, Form()]
_MOST_EXPORTED = 200_000
_MOST_IN_WORKBOOK = 50_000
_MOST_ID = 2**62


def filters_of(
    status: str = "",
    verdict: str = "",
    unit: str = "",
    item: str = "",
    category: str = "",
    source: str = "",
    since: str = "",
    until: str = "",
    q: Annotated[str, Query(max_length=200)] = "",
    flag: str = "",
    after: str = "",
) -> Filters:
    """The filters in the address of a list."""
    return Filters(status, verdict, unit.strip(), item.strip().upper(), category, source, since, until, q, flag, after)


Chosen = Annotated[Filters, Depends(filters_of)]


@router.get("/orders")
def listing(request: Request, session: Office, filters: Chosen) -> Response:
    """One page of the list; a number in the search field opens that order."""
    if filters.q.strip().isascii() and filters.q.strip().isdigit() and len(filters.q.strip()) < 10:
        return RedirectResponse(f"/orders/{filters.q.strip()}", 303)
    desk = desk_of(request)
    with desk.database.read() as connection:
        found: Page = list_orders(connection, filters, session.actor)
        count = count_orders(connection, filters, session.actor)
    return page(
        request,
        session,
        "orders.html",
        found=found,
        filters=filters,
        count=count,
        sources=(*SOURCES, "Open311"),
        units=known_units(desk.brain),
    )


@router.get("/orders/export.{kind}")
def export(request: Request, session: Office, filters: Chosen, kind: str) -> Response:
    """All orders of the filters as csv or xlsx; cells can't become formulas."""
    desk = desk_of(request)
    if kind not in ("csv", "xlsx"):
        raise NotFound("只能导出 csv 或 xlsx")
    with desk.database.write() as connection:
        audit.note(connection, session.actor.name, "export", kind, " ".join(sorted(filters.given())))
    name = f"attachment; filename=orders.{kind}"
    if kind == "csv":
        chunks = csv_chunks(desk, filters, session.actor, _MOST_EXPORTED)
        return StreamingResponse(chunks, media_type="text/csv; charset=utf-8", headers={"content-disposition": name})
    content = workbook(desk, filters, session.actor, _MOST_IN_WORKBOOK)
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Response(content, media_type=media, headers={"content-disposition": name})


def _order(desk: Desk, order_id: int, session: Session) -> RowMapping:
    if not 0 < order_id < _MOST_ID:
        raise NotFound("没有这件工单")
    with desk.database.read() as connection:
        return order_store.get(connection, order_id, session.actor)


@router.get("/orders/{order_id}")
def show(request: Request, session: Reader, order_id: int) -> Response:
    """One order: text, verdict, decisions, who refused, what happened."""
    desk = desk_of(request)
    row = _order(desk, order_id, session)
    with desk.database.read() as connection:
        events = order_store.history(connection, order_id)
        office = session.actor.role is not Role.UNIT
        item, days = row["item"], desk.settings.duplicate_days
        same = order_store.similar(connection, row["text"], item, days, order_id) if row["text"] and office else []
        parts = order_store.children(connection, order_id) if office else []
    brain = desk.brain
    said = dict(row["said"])
    cut = split_parts(Verdict.model_validate(said), row["text"]) if row["text"] and said["also"] else ""
    shown = {"row": row, "said": said, "text": row["text"], "events": events, "same": same, "children": parts, "parts": cut}
    return page(
        request, session, "order.html", **shown, choices=choices_for(brain, said), units=known_units(brain), fresh=False
    )


@router.post("/orders/{order_id}/decide")
def decide_order(
    request: Request,
    session: Clerk,
    order_id: int,
    version: Annotated[int, Form(ge=0, le=2**31)],
    choice: Text = "engine",
    item: Text = "",
    unit: Text = "",
    why: Text = "",
    parts: Text = "",
    act: Text = "decide",
) -> Response:
    """Enter a decision; the second of two clerks is told who was first."""
    desk = desk_of(request)
    brain = desk.brain
    why = intake.masked(desk, why.strip())
    row = _order(desk, order_id, session)
    if act == "split":
        return _split(desk, session, row, version, parts)
    decision = _plain(row, act, why) or decide(brain, row["said"], choice, item, unit, why)
    with desk.database.write() as connection:
        order_store.decide(connection, order_id, version, decision, session.actor, brain.hash)
    metrics.DECISIONS.labels(decision.action.value).inc()
    return RedirectResponse(f"/orders/{order_id}", 303)


_ACTS = {"remark": Action.REMARK, "close": Action.CLOSED, "reopen": Action.REOPENED}


def _plain(row: RowMapping, act: str, why: str) -> Decision | None:
    """A remark, a closing or a reopening: who is responsible stays as it is."""
    if act == "decide":
        return None
    if act not in _ACTS:
        raise BadRequest("没有这种操作")
    if act == "remark" and not why.strip():
        raise BadRequest("请写备注")
    status = {"remark": Status(row["status"]), "close": Status.CLOSED, "reopen": Status.OPEN}[act]
    return Decision(_ACTS[act], status, row["verdict"], row["item"], row["category"], row["unit"], why.strip()[:500])


def _split(desk: Desk, session: Session, row: RowMapping, version: int, parts: str) -> Response:
    lines = [line.strip() for line in parts.splitlines() if line.strip()]
    if not 2 <= len(lines) <= 20:
        raise BadRequest("拆单请每行写一件，共 2–20 件")
    brain = desk.brain
    routed = [(line, brain.route(line)) for line in lines]
    with desk.database.write() as connection:
        decision = Decision(
            Action.SPLIT, Status.CLOSED, row["verdict"], row["item"], row["category"], row["unit"], f"拆成 {len(lines)} 件"
        )
        order_store.decide(connection, row["id"], version, decision, session.actor, brain.hash)
        for line, verdict in routed:
            stored = intake.masked(desk, line)
            incoming = order_store.Incoming(stored, row["source"], row["received_at"], row["external_id"], None, row["id"])
            order_store.create(connection, incoming, intake.fit(verdict, line, stored), session.actor, desk.zone)
    return RedirectResponse(f"/orders/{row['id']}", 303)


@router.get("/orders/{order_id}/note")
def note(request: Request, session: Reader, order_id: int) -> Response:
    """The letter with which an order goes back or over to the county."""
    desk = desk_of(request)
    row = _order(desk, order_id, session)
    official: Any = desk.brain.by_id.get(row["item"] or "")
    today = order_store.now().astimezone(desk.zone)
    return page(request, session, "note.html", row=row, official=official, today=f"{today.year}年{today.month}月{today.day}日")
