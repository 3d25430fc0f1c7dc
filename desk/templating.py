"""Server-rendered pages: Jinja2 with escaping always on, and the few filters that pages share."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from desk.store.audit import AUDIT_NAMES
from desk.store.rows import ACTION_NAMES, ROLE_NAMES, STATUS_NAMES, Action, Role, Status
from engine._version import __version__
from engine.model import VerdictKind
from engine.reasons import VERDICT_NAMES

__all__ = ["highlight", "local_zone", "render"]

_zone = ZoneInfo("Asia/Shanghai")


def local_zone(name: str) -> ZoneInfo:
    """Set the zone in which pages show moments."""
    global _zone
    _zone = ZoneInfo(name)
    return _zone


def _moment(value: datetime | None) -> str:
    return value.astimezone(_zone).strftime("%Y-%m-%d %H:%M") if value else ""


def highlight(text: str, evidence: list[dict[str, Any]]) -> Markup:
    """The text with the phrases that decided marked; everything else escaped.

    Args:
        text: As stored.
        evidence: Rows with `start`, `end`, `concept`.
    """
    shown, cursor = Markup(""), 0
    for one in sorted(evidence, key=lambda e: (e["start"], -e["end"])):
        start, end = int(one["start"]), int(one["end"])
        if start < cursor or end > len(text):
            continue
        shown += escape(text[cursor:start])
        shown += Markup('<mark title="{}">{}</mark>').format(one["concept"], text[start:end])
        cursor = end
    return shown + escape(text[cursor:])


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        moment=_moment,
        zip=lambda left, right: list(zip(left, right, strict=True)),
        highlight=highlight,
        status_name=lambda value: STATUS_NAMES[Status(value)],
        action_name=lambda value: ACTION_NAMES[Action(value)],
        role_name=lambda value: ROLE_NAMES[Role(value)],
        verdict_name=lambda value: VERDICT_NAMES[VerdictKind(value)],
        audit_name=lambda value: AUDIT_NAMES.get(value, value),
    )
    environment.globals.update(version=__version__, statuses=STATUS_NAMES, verdicts=VERDICT_NAMES, roles=ROLE_NAMES)
    return environment


def render(template: str, **values: Any) -> str:
    """One template as text."""
    return _environment().get_template(template).render(**values)
