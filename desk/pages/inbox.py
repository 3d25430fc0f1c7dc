"""收件箱: what a unit was given, what it answers, and what it says is not its own."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk import intake, metrics
from desk.deciding import known_units
from desk.errors import BadRequest, ConflictError
from desk.pages.session import page, reading, writing
from desk.state import desk_of
from desk.store import orders as order_store
from desk.store.listing import Filters, list_orders
from desk.store.rows import STATUS_NAMES, Action, Decision, Role, Status
from desk.store.users import Session

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
Unit = Annotated[Session, Depends(reading(Role.UNIT))]
Answering = Annotated[Session, Depends(writing(Role.UNIT))]
Text = Annotated[str, Form()]


@router.get("/inbox")
def show(request: Request, session: Unit, status: str = "assigned", after: str = "") -> Response:
    """The unit's orders, those to be done first."""
    if status not in ("", *Status):
        raise BadRequest("没有这种状态")
    filters = Filters(status=status, after=after)
    with desk_of(request).database.read() as connection:
        found = list_orders(connection, filters, session.actor)
    return page(request, session, "inbox.html", found=found, filters=filters)


@router.post("/inbox/{order_id}")
def answer(
    request: Request,
    session: Answering,
    order_id: int,
    version: Annotated[int, Form(ge=0, le=2**31)],
    act: Text = "",
    why: Text = "",
    unit: Text = "",
) -> Response:
    """Done, or 不属于我单位 with a reason and where it belongs."""
    desk = desk_of(request)
    with desk.database.read() as connection:
        row = order_store.get(connection, order_id, session.actor)
    said, unit = intake.masked(desk, why.strip()[:500]), unit.strip()
    if row["status"] == Status.CLOSED:
        raise ConflictError(f"工单 {order_id} 已{STATUS_NAMES[Status.CLOSED]}")
    if act == "close":
        decision = Decision(Action.CLOSED, Status.CLOSED, row["verdict"], row["item"], row["category"], row["unit"], said)
    elif act == "refuse":
        if not said:
            raise BadRequest("退单请写明理由")
        if unit and unit not in known_units(desk.brain):
            raise BadRequest(f"没有单位「{unit[:40]}」，请从列表里选")
        reason = f"{session.actor.unit}：不属于我单位。{said}"
        decision = Decision(Action.REFUSED, Status.OPEN, row["verdict"], row["item"], row["category"], unit or None, reason)
    else:
        raise BadRequest("没有这种操作")
    with desk.database.write() as connection:
        order_store.decide(connection, order_id, version, decision, session.actor, desk.brain.hash)
    metrics.DECISIONS.labels(decision.action.value).inc()
    return RedirectResponse("/inbox", 303)
