"""导入: upload a table, look at it, choose columns, store all of it or nothing."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from desk import intake
from desk.errors import BadRequest
from desk.importing import Sheet, guess, incoming, read_sheet
from desk.pages.session import page, reading, writing
from desk.state import desk_of
from desk.store import audit
from desk.store.orders import now
from desk.store.rows import SOURCES, Role
from desk.store.uploads import fetch_upload, keep_upload
from desk.store.users import Session

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
Clerk = Annotated[Session, Depends(writing(Role.CLERK, Role.ADMIN))]


@router.get("/import")
def show(request: Request, session: Annotated[Session, Depends(reading(Role.CLERK, Role.ADMIN))]) -> Response:
    """The form."""
    return page(request, session, "import.html", step="choose")


@router.post("/import")
def preview(request: Request, session: Clerk, file: UploadFile) -> Response:
    """The first rows and what the columns are taken for."""
    data = file.file.read()
    name = (file.filename or "").replace("\\", "/").rpartition("/")[2]
    sheet = read_sheet(name, data)
    text, when, outside = guess(sheet)
    desk = desk_of(request)
    if desk.settings.mask:
        sheet = sheet.masked()
    with desk.database.write() as connection:
        key = keep_upload(connection, session.user_id, sheet.packed())
    guessed = {"text": text, "when": when, "outside": outside}
    return page(
        request, session, "import.html", step="preview", sheet=sheet, name=name, key=key, guessed=guessed, sources=SOURCES
    )


@router.post("/import/store")
def store(
    request: Request,
    session: Clerk,
    key: Annotated[str, Form()],
    text: Annotated[int, Form()],
    when: Annotated[str, Form()] = "",
    outside: Annotated[str, Form()] = "",
    source: Annotated[str, Form()] = "导入",
) -> Response:
    """Store the rows that can be stored, and list those that cannot."""
    desk = desk_of(request)
    if source not in SOURCES or any(value and not value.isdigit() for value in (when, outside)):
        raise BadRequest("没有选中的列或来源")
    with desk.database.write() as connection:
        sheet = Sheet.unpacked(fetch_upload(connection, session.user_id, key))
    columns = (int(when) if when else None, int(outside) if outside else None)
    good, faults = incoming(sheet, text, *columns, source, desk.zone, now())
    ids = intake.take_in_many(desk, good, session.actor) if good else []
    with desk.database.write() as connection:
        audit.note(connection, session.actor.name, "import", f"{len(ids)} 条", f"{len(faults)} 条未导入")
    return page(
        request, session, "import.html", step="done", count=len(ids), faults=faults[:200], more=max(len(faults) - 200, 0)
    )
