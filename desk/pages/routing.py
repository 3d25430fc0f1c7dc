"""办单: paste, see the verdict, decide, saved."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from desk import intake, metrics
from desk.deciding import choices_for, decide, known_units
from desk.errors import BadRequest, ConflictError
from desk.pages.session import Reader, page, writing
from desk.state import Desk, desk_of
from desk.store import orders as order_store
from desk.store.rows import SOURCES, STATUS_NAMES, Decision, Role
from desk.store.users import Session
from desk.templating import render
from engine.errors import InputError
from engine.verdict import Verdict

__all__ = ["router", "split_parts"]

router = APIRouter(include_in_schema=False)
Clerk = Annotated[Session, Depends(writing(Role.CLERK, Role.ADMIN))]
Text = Annotated[str, Form()]
_SENTENCE = re.compile(r"(?<=[。！？；!?;\n])\s*")
_MOST_PARTS = 20


@router.get("/")
def show(request: Request, session: Reader) -> Response:
    """The routing page; other roles go to theirs."""
    if session.actor.role is Role.UNIT:
        return RedirectResponse("/inbox", 303)
    if session.actor.role is Role.AUDITOR:
        return RedirectResponse("/orders", 303)
    return page(request, session, "desk.html", sources=SOURCES, units=known_units(desk_of(request).brain))


def split_parts(verdict: Verdict, text: str) -> str:
    """A first cut into matters: each sentence that decided another item begins a part."""
    marks = sorted({one.evidence[0].start for one in verdict.also if one.evidence})
    parts: list[str] = []
    cursor = 0
    for sentence in _SENTENCE.split(text):
        start = text.find(sentence, cursor)
        cursor = start + len(sentence)
        fresh = not parts or any(start <= mark < cursor for mark in marks)
        if fresh:
            parts.append(sentence.strip())
        else:
            parts[-1] += sentence.strip()
    return "\n".join(part.replace("\n", " ") for part in parts if part)


@router.post("/say")
def say(request: Request, session: Clerk, text: Text = "") -> Response:
    """The verdict of what is in the field now; stores nothing."""
    if not text.strip():
        return HTMLResponse(render("unsaid.html"))
    desk = desk_of(request)
    brain = desk.brain
    content = intake.clean(text)
    verdict = brain.route(content)
    said = verdict.model_dump(mode="json")
    with desk.database.read() as connection:
        same = order_store.similar(connection, intake.masked(desk, content), verdict.item_id, desk.settings.duplicate_days)
    parts = split_parts(verdict, content) if verdict.also else ""
    common = {"brain": brain, "fresh": True, "seen": _seen(content)}
    shown = render("said.html", said=said, text=content, same=same, parts=parts, choices=choices_for(brain, said), **common)
    return HTMLResponse(shown)


def _seen(content: str) -> str:
    """Which text a verdict on the page belongs to."""
    return hashlib.sha256(content.replace("\r\n", "\n").encode()).hexdigest()[:16]


def _saved(sentence: str, ids: list[int], note: bool = False) -> Response:
    return HTMLResponse(render("saved.html", sentence=sentence, ids=ids, note=note), headers={"HX-Trigger": "orderSaved"})


@router.post("/desk")
def save(
    request: Request,
    session: Clerk,
    text: Text = "",
    source: Text = "来访",
    external_id: Text = "",
    choice: Text = "engine",
    item: Text = "",
    unit: Text = "",
    why: Text = "",
    act: Text = "decide",
    parts: Text = "",
    seen: Text = "",
) -> Response:
    """Store the order with the decision, as 待办, or split into several."""
    desk = desk_of(request)
    given: dict[str, Any] = {
        "source": source if source in SOURCES else "来访",
        "external_id": external_id.replace("\0", "").strip()[:120] or None,
    }
    content = intake.clean(text)
    if seen and seen != _seen(content):
        raise ConflictError("内容改过而判定还没有跟上，请看过新的判定再保存")
    if act == "split":
        return _split(desk, session, parts, given)
    decision: Decision | None = None
    if act == "decide":
        brain = desk.brain
        decision = decide(brain, brain.route(content).model_dump(mode="json"), choice, item, unit, intake.masked(desk, why))
    order_id, verdict = intake.take_in(desk, content, session.actor, intake.Given(decision=decision, **given))
    metrics.ORDERS.labels(given["source"]).inc()
    if verdict is not None:
        metrics.VERDICTS.labels(verdict.verdict.value).inc()
    if decision is None:
        return _saved("已存为待办：", [order_id])
    metrics.DECISIONS.labels(decision.action.value).inc()
    whither = f"，{decision.unit}" if decision.unit else ""
    return _saved(f"{STATUS_NAMES[decision.status]}{whither}：", [order_id], decision.status.value == "returned")


def _split(desk: Desk, session: Session, parts: str, given: dict[str, Any]) -> Response:
    lines = [line.strip() for line in parts.splitlines() if line.strip()]
    if not 2 <= len(lines) <= _MOST_PARTS:
        raise BadRequest(f"拆单请每行写一件，共 2–{_MOST_PARTS} 件")
    for number, line in enumerate(lines, start=1):
        try:
            desk.brain.route(line)
        except InputError as error:
            raise BadRequest(f"第 {number} 件：{error}") from None
    ids = [intake.take_in(desk, line, session.actor, intake.Given(**given))[0] for line in lines]
    return _saved(f"已拆成 {len(ids)} 件待办：", ids)
