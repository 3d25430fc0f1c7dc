"""Charts as SVG made on the server: no script, readable without colour, with the numbers beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup, escape

__all__ = ["bars", "lines"]

_COLOURS = ("#0b4f8a", "#b45309", "#1b6b3a")
_DASHES = ("", "6 3", "2 3")


def lines(
    label: str, days: Sequence[str], series: Sequence[tuple[str, Sequence[float | None]]], percent: bool = False
) -> Markup:
    """One line for each series over the days.

    Args:
        label: What a screen reader says.
        days: Names along the bottom.
        series: Name and values; None leaves a gap.
        percent: Values run from 0 to 1 and are shown as percentages.
    """
    width, height, left, bottom, top = 640, 240, 46, 28, 26
    most = 1.0 if percent else max([1.0, *(v for _, values in series for v in values if v is not None)])
    if not percent:
        most = 4.0 * math.ceil(most / 4)  # four even steps of whole numbers
    step = (width - left - 12) / max(len(days) - 1, 1)

    def y(value: float) -> float:
        return top + (height - top - bottom) * (1 - value / most)

    parts = [f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}" width="100%">']
    for part in (0, 0.25, 0.5, 0.75, 1):
        shown = f"{part:.0%}" if percent else f"{most * part:.0f}"
        at = y(most * part)
        parts.append(f'<line x1="{left}" x2="{width - 12}" y1="{at:.1f}" y2="{at:.1f}" stroke="#dde3ea"/>')
        parts.append(f'<text x="{left - 6}" y="{at + 4:.1f}" font-size="11" text-anchor="end">{shown}</text>')
    for number in sorted({0, len(days) // 2, len(days) - 1}):
        anchor = "start" if number == 0 else "end" if number == len(days) - 1 else "middle"
        at = left + number * step
        parts.append(f'<text x="{at:.1f}" y="{height - 8}" font-size="11" text-anchor="{anchor}">{escape(days[number])}</text>')
    for number, (name, values) in enumerate(series):
        colour, dash = _COLOURS[number % 3], _DASHES[number % 3]
        path, pen = [], "M"
        for i, value in enumerate(values):
            if value is None:
                pen = "M"
                continue
            path.append(f"{pen}{left + i * step:.1f} {y(value):.1f}")
            pen = "L"
        parts.append(f'<path d="{" ".join(path)}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>')
        at = left + number * 120
        parts.append(
            f'<line x1="{at}" x2="{at + 24}" y1="11" y2="11" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
        )
        parts.append(f'<text x="{at + 30}" y="15" font-size="12">{escape(name)}</text>')
    return Markup("".join(parts) + "</svg>")  # every text above is escaped  # noqa: S704


def bars(label: str, rows: Sequence[tuple[str, int]]) -> Markup:
    """Horizontal bars, longest name and value beside each."""
    most = max([1, *(value for _, value in rows)])
    height = 26 * max(len(rows), 1) + 6
    parts = [f'<svg viewBox="0 0 640 {height}" role="img" aria-label="{escape(label)}" width="100%">']
    for number, (name, value) in enumerate(rows):
        at = 26 * number + 4
        shown = name if len(name) <= 15 else name[:14] + "…"
        parts.append(f'<text x="225" y="{at + 15}" font-size="13" text-anchor="end">{escape(shown)}</text>')
        parts.append(f'<rect x="232" y="{at + 2}" width="{340 * value / most:.1f}" height="17" fill="{_COLOURS[0]}"/>')
        parts.append(f'<text x="{238 + 340 * value / most:.1f}" y="{at + 15}" font-size="12">{value}</text>')
    if not rows:
        parts.append('<text x="12" y="20" font-size="13">没有数据</text>')
    return Markup("".join(parts) + "</svg>")  # every text above is escaped  # noqa: S704
