"""清单: the three tables with search, and one page for each item."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk.errors import NotFound
from desk.pages.session import Reader, page
from desk.state import desk_of
from desk.store.listing import Filters, list_orders
from desk.store.stats import item_record
from engine.describe import describe_clause, neighbours
from engine.reasons import table_name
from engine.search import search_official

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


@router.get("/items")
def listing(request: Request, session: Reader, q: str = "", category: str = "", kind: str = "") -> Response:
    """The list, by words, category and table."""
    brain = desk_of(request).brain
    words = q.strip()[:100]
    rows = search_official(brain.pack, words, 60) if words else list(brain.pack.official)
    chosen = [row for row in rows if category in ("", row.category) and kind in ("", row.kind.value)]
    kinds = [("B", "基本履职"), ("C", "配合履职"), ("R", "上级收回")]
    return page(request, session, "items.html", rows=chosen, q=words, category=category, kind=kind, kinds=kinds)


@router.get("/items/{item}")
def show(request: Request, session: Reader, item: str) -> Response:
    """One item: official text, rule, neighbours, orders, agreement."""
    desk = desk_of(request)
    brain = desk.brain
    row = brain.by_id.get(item.upper())
    if row is None:
        raise NotFound(f"清单中没有「{item[:20]}」")
    number = brain.router.number.get(row.id)
    rule = brain.router.items[number] if number is not None else None
    with desk.database.read() as connection:
        record = item_record(connection, row.id)
        found = list_orders(connection, Filters(item=row.id), session.actor, 10)
    near = neighbours(brain.router, number) if number is not None else []
    clauses = [describe_clause(clause) for clause in rule.match] if rule else []
    shown = {"row": row, "rule": rule, "clauses": clauses, "near": near, "record": record, "found": found}
    return page(request, session, "item.html", **shown, table=table_name(row.kind))
