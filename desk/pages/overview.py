"""统计: what came in, what the rules get wrong, what came back."""

from __future__ import annotations

import csv
import io
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from desk.charts import bars, lines
from desk.errors import BadRequest
from desk.exporting import safe_cell
from desk.pages.session import page, reading
from desk.state import Desk, desk_of
from desk.store.orders import now
from desk.store.rows import STATUS_NAMES, Role, Status
from desk.store.stats import Overview, overview
from desk.store.users import Session
from engine.model import VerdictKind
from engine.reasons import VERDICT_NAMES

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
Office = Annotated[Session, Depends(reading(Role.CLERK, Role.ADMIN, Role.AUDITOR))]
WINDOWS = (7, 30, 90, 365)


def _counted(desk: Desk, days: int) -> Overview:
    if days not in WINDOWS:
        raise BadRequest("时间范围只有 7、30、90、365 天")
    with desk.database.read() as connection:
        found = overview(connection, now().astimezone(desk.zone).date(), days)
    named = [(VERDICT_NAMES[VerdictKind(name)], n) for name, n in found.verdicts]
    statuses = [(STATUS_NAMES[Status(name)], n) for name, n in found.statuses]
    found.verdicts[:] = named
    found.statuses[:] = statuses
    return found


@router.get("/stats")
def show(request: Request, session: Office, days: int = 30) -> Response:
    """Charts and the numbers behind them."""
    found = _counted(desk_of(request), days)
    names = [day for day, *_ in found.days]
    unlisted = dict(found.unlisted)
    charts = {
        "by_day": lines(
            "每天收到的工单和其中的清单外",
            names,
            [("收到", [n for _, n, _, _ in found.days]), ("清单外", [unlisted.get(d, 0) for d in names])],
        ),
        "agreement": lines(
            "每天的采纳率", names, [("采纳率", [1 - o / d if d else None for _, _, d, o in found.days])], percent=True
        ),
        "verdicts": bars("各结论的工单数", found.verdicts),
        "statuses": bars("各状态的工单数", found.statuses),
        "units": bars("各单位的工单数", found.units),
        "categories": bars("各类别的工单数", found.categories),
        "refused": bars("退单次数", found.refused),
    }
    return page(request, session, "stats.html", found=found, charts=charts, days=days, windows=WINDOWS)


@router.get("/stats.csv")
def export(request: Request, session: Office, days: int = 30) -> Response:
    """The same numbers as one table."""
    found = _counted(desk_of(request), days)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(("统计", "名称", "数量"))
    groups = (
        ("结论", found.verdicts),
        ("状态", found.statuses),
        ("单位", found.units),
        ("类别", found.categories),
        ("退单", found.refused),
    )
    rows = [(group, name, n) for group, pairs in groups for name, n in pairs]
    rows += [("收到", day, n) for day, n, _, _ in found.days] + [("已处理", day, n) for day, _, n, _ in found.days]
    rows += [("改判", day, n) for day, _, _, n in found.days] + [
        ("改判", f"{said}→{item}", n) for said, item, n in found.overrides
    ]
    writer.writerows((group, safe_cell(name), n) for group, name, n in rows)
    content = "\ufeff" + buffer.getvalue()
    return Response(
        content, media_type="text/csv; charset=utf-8", headers={"content-disposition": "attachment; filename=stats.csv"}
    )
