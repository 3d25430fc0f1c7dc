"""The report page: the notice with its clauses marked, the list's words beside each. Self-contained, printable."""

from __future__ import annotations

from importlib import resources
from typing import Any

from engine.check.document import Document
from engine.check.model import FINDING_NAMES, Checked, Finding, NoticeReport
from engine.errors import InputError

__all__ = ["environment", "report_page"]


def environment() -> Any:
    """The templates of this package; everything put in is escaped.

    Raises:
        InputError: Jinja2 is not installed.
    """
    try:
        import jinja2
    except ImportError:
        raise InputError("网页报告需要 Jinja2：pip install 'zhuban[check]'") from None

    def load(name: str) -> str:
        return resources.files("engine.check.output").joinpath(name).read_text(encoding="utf-8")

    return jinja2.Environment(loader=jinja2.FunctionLoader(load), autoescape=True, trim_blocks=True, lstrip_blocks=True)


def report_page(document: Document, report: NoticeReport) -> str:
    """Render the page.

    Args:
        document: The notice as read.
        report: What was found in it.
    """
    template = environment().get_template("report.html.j2")
    by_block: dict[int, list[tuple[int, Checked]]] = {}
    for number, clause in enumerate(report.clauses, start=1):
        by_block.setdefault(clause.place.block, []).append((number, clause))
    blocks = [
        {"kind": block.kind, "label": block.label, "parts": _parts(block.text, by_block.get(i, []))}
        for i, block in enumerate(document.blocks)
    ]
    counts = [(f.value, FINDING_NAMES[f], report.findings_summary[f.value]) for f in Finding]
    return str(
        template.render(report=report, blocks=blocks, counts=counts, names={f.value: n for f, n in FINDING_NAMES.items()})
    )


def _parts(text: str, clauses: list[tuple[int, Checked]]) -> list[dict[str, Any]]:
    """A block's text cut at its clauses."""
    parts: list[dict[str, Any]] = []
    cursor = 0
    for number, clause in sorted(clauses, key=lambda pair: pair[1].place.start):
        start, end = clause.place.start, clause.place.end
        if start < cursor:
            continue
        if start > cursor:
            parts.append({"text": text[cursor:start], "clause": None, "number": 0})
        parts.append({"text": text[start:end], "clause": clause, "number": number})
        cursor = end
    if cursor < len(text):
        parts.append({"text": text[cursor:], "clause": None, "number": 0})
    return parts
