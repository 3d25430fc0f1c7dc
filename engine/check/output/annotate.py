"""The original docx with a Word comment on every clause.

Words and layout stay as they are; only runs are cut where a clause begins or
ends. Word allows no comment inside a text box: it goes to the paragraph that
holds the box; remarks on footnotes and on the whole go to the first paragraph.
"""

from __future__ import annotations

import copy
import io
from typing import Any

from engine.check.document import Document
from engine.check.formats.word import body_paragraphs, open_docx
from engine.check.model import FINDING_NAMES, Checked, Finding, NoticeReport
from engine.errors import InputError

__all__ = ["annotate"]

_AUTHOR, _INITIALS = "主办", "主办"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def annotate(data: bytes, document: Document, report: NoticeReport) -> bytes:
    """Add the comments.

    Args:
        data: The original file.
        document: As it was read from `data`.
        report: What was found.

    Raises:
        InputError: The file is not a docx.
    """
    if document.form != "docx":
        raise InputError(f"{document.name}：只有 docx 能加批注；其他格式请用 --report")
    word = open_docx(data, document.name)
    paragraphs = list(body_paragraphs(word))
    general: list[str] = [found.message for found in report.document_findings]
    for clause in report.clauses:
        block = document.blocks[clause.place.block]
        if block.source < 0:
            general.append(f"{clause.place.label}：{_remark(clause)}")
            continue
        paragraph, kind = paragraphs[block.source]
        if kind == "textbox":
            holder = next((p for p in paragraph.iterancestors() if p.tag == f"{_W}p"), None)
            runs = _runs(holder) if holder is not None else []
        else:
            runs = _cover(paragraph, clause.place.start + _lead(paragraph), clause.place.end + _lead(paragraph))
        if runs:
            _comment(word, runs, _remark(clause))
        else:
            general.append(f"{clause.place.label}：{_remark(clause)}")
    first = next((p for p, kind in paragraphs if kind == "body" and _runs(p)), None)
    if general and first is not None:
        _comment(word, _runs(first), "\n".join(general))
    buffer = io.BytesIO()
    word.save(buffer)
    return buffer.getvalue()


def _remark(clause: Checked) -> str:
    lines = [
        FINDING_NAMES[clause.finding] + (f"　{clause.item_id} {clause.item_name}" if clause.item_id else ""),
        clause.reason,
    ]
    if clause.finding is Finding.ROLE_INVERSION:
        lines.append("乡镇配合职责：" + "".join(clause.official.town_duties))
    elif clause.finding in (Finding.RECLAIMED, Finding.ABOLISHED):
        lines.append("清单原文：" + clause.official.takeover)
    if clause.needs_review:
        lines.append("请人工复核")
    return "\n".join(lines)


def _comment(word: Any, runs: list[Any], text: str) -> None:
    from docx.text.run import Run

    proxies = [Run(run, word.part) for run in (runs[0], runs[-1])]
    word.add_comment(proxies, text=text, author=_AUTHOR, initials=_INITIALS)


def _runs(paragraph: Any) -> list[Any]:
    return [
        r
        for r in paragraph.iter(f"{_W}r")
        if next(a for a in r.iterancestors() if a.tag == f"{_W}p") is paragraph and _words(r)
    ]


def _words(run: Any) -> str:
    return "".join((n.text or "") if n.tag == f"{_W}t" else " " for n in run if n.tag in (f"{_W}t", f"{_W}tab", f"{_W}br"))


def _lead(paragraph: Any) -> int:
    """Blanks at the start, which reading left out."""
    text = "".join(_words(r) for r in _runs(paragraph))
    return len(text) - len(text.lstrip())


def _cover(paragraph: Any, start: int, end: int) -> list[Any]:
    """The runs that hold the characters from start to end, cut to fit."""
    covered: list[Any] = []
    at = 0
    for run in _runs(paragraph):
        length = len(_words(run))
        low, high = max(start - at, 0), min(end - at, length)
        if low < high:
            part = run
            if low > 0:
                part = _cut(run, low)
            if part is not None and high - low < len(_words(part)):
                _cut(part, high - low)
            covered.append(part if part is not None else run)
        at += length
    return covered


def _cut(run: Any, offset: int) -> Any | None:
    """Cut a run of plain text in two; the second part, or None where the run holds more than text."""
    texts = [n for n in run if n.tag != f"{_W}rPr"]
    if len(texts) != 1 or texts[0].tag != f"{_W}t":
        return None
    words = texts[0].text or ""
    second = copy.deepcopy(run)
    texts[0].text, texts[0].attrib[_SPACE] = words[:offset], "preserve"
    other = next(n for n in second if n.tag == f"{_W}t")
    other.text, other.attrib[_SPACE] = words[offset:], "preserve"
    run.addnext(second)
    return second
