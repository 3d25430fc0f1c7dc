"""核查: upload a notice, see each clause judged, decide clause by clause, take the letter away."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, UploadFile
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response

from desk.errors import BadRequest
from desk.pages.session import page, reading, writing
from desk.state import Desk, desk_of
from desk.store.rows import Role
from desk.store.uploads import fetch_upload, keep_upload
from desk.store.users import Session
from engine.check import Document, Finding, NoticeReport, read_bytes
from engine.check.model import FINDING_NAMES

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
Office = Annotated[Session, Depends(reading(Role.CLERK, Role.ADMIN, Role.AUDITOR))]
Checking = Annotated[Session, Depends(writing(Role.CLERK, Role.ADMIN, Role.AUDITOR))]
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_DROP = "drop"


@router.get("/check")
def show(request: Request, session: Office) -> Response:
    """The upload form."""
    return page(request, session, "check.html", report=None)


def _marked(document: Document, report: NoticeReport) -> list[Markup]:
    """The notice's paragraphs with the judged clauses marked and linked to their finding."""
    by_block: dict[int, list[tuple[int, int, int]]] = {}
    for number, clause in enumerate(report.clauses, start=1):
        by_block.setdefault(clause.place.block, []).append((clause.place.start, clause.place.end, number))
    shown: list[Markup] = []
    for position, block in enumerate(document.blocks):
        text, cursor, line = block.text, 0, Markup("")
        for start, end, number in sorted(by_block.get(position, ())):
            if start >= cursor and end <= len(text):
                line += escape(text[cursor:start])
                line += Markup('<mark><a href="#c{0}">{1}<sup>{0}</sup></a></mark>').format(number, text[start:end])
                cursor = end
        shown.append(line + escape(text[cursor:]))
    return shown


@router.post("/check")
def submit(request: Request, session: Checking, file: UploadFile, issuer: Annotated[str, Form()] = "") -> Response:
    """The marked notice with the findings beside it."""
    desk = desk_of(request)
    name = (file.filename or "来文").replace("\\", "/").rpartition("/")[2][:80]
    data = file.file.read()
    document = read_bytes(data, name)
    report = desk.brain.check(document, issuer.strip()[:60] or None)
    with desk.database.write() as connection:
        key = keep_upload(connection, session.user_id, name.encode() + b"\0" + issuer.strip()[:60].encode() + b"\0" + data)
    shown = {"report": report, "marked": _marked(document, report), "key": key, "docx": document.form == "docx"}
    return page(request, session, "check.html", **shown, names=FINDING_NAMES)


def _again(desk: Desk, session: Session, key: str) -> tuple[bytes, Document, NoticeReport]:
    with desk.database.read() as connection:
        kept = fetch_upload(connection, session.user_id, key, take=False)
    name, issuer, data = kept.split(b"\0", 2)
    document = read_bytes(data, name.decode())
    return data, document, desk.brain.check(document, issuer.decode() or None)


@router.post("/check/take")
async def take(request: Request, session: Checking, key: Annotated[str, Form()], act: Annotated[str, Form()]) -> Response:
    """The letter, the report or the annotated file, by what was decided of each clause."""
    from starlette.concurrency import run_in_threadpool

    form = await request.form()
    decisions = {name: value for name, value in form.items() if name.startswith("d") and isinstance(value, str)}
    return await run_in_threadpool(_take, desk_of(request), session, key, act, decisions)


def _take(desk: Desk, session: Session, key: str, act: str, decisions: dict[str, str]) -> Response:
    data, document, report = _again(desk, session, key)
    clauses = []
    for number, clause in enumerate(report.clauses, start=1):
        chosen = decisions.get(f"d{number}", clause.finding.value)
        if chosen == _DROP:
            continue
        if chosen not in set(Finding):
            raise BadRequest(f"第 {number} 条：没有这种结论")
        clauses.append(
            clause
            if chosen == clause.finding
            else clause.model_copy(update={"finding": Finding(chosen), "needs_review": False})
        )
    summary = {finding.value: sum(c.finding is finding for c in clauses) for finding in Finding}
    report = report.model_copy(update={"clauses": tuple(clauses), "findings_summary": summary})
    if act == "letter":
        from engine.check.output.letter import letter

        content, name, media = letter(report, desk.brain.pack), "letter.docx", _DOCX
    elif act == "report":
        from engine.check.output.word_report import word_report

        content, name, media = word_report(report), "report.docx", _DOCX
    elif act == "annotate":
        from engine.check.output.annotate import annotate

        content, name, media = annotate(data, document, report), "annotated.docx", _DOCX
    else:
        raise BadRequest("没有这种操作")
    return Response(content, media_type=media, headers={"content-disposition": f"attachment; filename={name}"})
