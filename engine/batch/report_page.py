"""The report as one self-contained page: no script, no outside file, charts drawn as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.batch.extras import need
from engine.batch.figures import Figures, Row

__all__ = ["COLOURS", "page"]

COLOURS = ("#1b7837", "#2166ac", "#e08214", "#762a83", "#8c8c8c")
"""Lead, support, reclaimed, abolished, unlisted: told apart in print and by colour-blind readers."""


def bars(rows: Sequence[Row], width: int = 420) -> list[dict[str, Any]]:
    """Geometry of horizontal bars, one for each row, stacked where the row is split."""
    most = max((row.count for row in rows), default=1) or 1
    drawn = []
    for row in rows:
        pieces = []
        x = 0.0
        split = row.split if len(row.split) == len(COLOURS) else ()
        for number, colour in zip(split or (row.count,), COLOURS if split else ("#2166ac",), strict=False):
            length = number / most * width
            if number:
                pieces.append({"x": round(x, 1), "width": round(max(length, 1.0), 1), "colour": colour, "count": number})
            x += length
        drawn.append({"row": row, "pieces": pieces, "end": round(x, 1)})
    return drawn


def columns(rows: Sequence[Row], width: int = 760, height: int = 180) -> list[dict[str, Any]]:
    """Geometry of stacked columns, one for each month."""
    most = max((row.count for row in rows), default=1) or 1
    step = width / max(len(rows), 1)
    drawn = []
    for i, row in enumerate(rows):
        y = float(height)
        pieces = []
        for number, colour in zip(row.split, COLOURS, strict=True):
            tall = number / most * height
            if number:
                y -= tall
                pieces.append({"y": round(y, 1), "height": round(max(tall, 0.5), 1), "colour": colour, "count": number})
        drawn.append(
            {"row": row, "x": round(i * step, 1), "width": round(min(step * 0.75, 60), 1), "top": round(y, 1), "pieces": pieces}
        )
    return drawn


def page(found: Figures, about: dict[str, str]) -> str:
    """The whole page.

    Args:
        found: The figures.
        about: `title`, `town`, `source`, `pack`, `made`, `handled_by`.
    """
    jinja2 = need("jinja2", "写报告")
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("engine.batch", "."), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["n"] = lambda number: f"{number:,}"
    environment.filters["share"] = lambda number, total: f"{number / total:.1%}" if total else "—"
    template = environment.get_template("report.html.j2")
    text: str = template.render(f=found, about=about, bars=bars, columns=columns, colours=COLOURS)
    return text
