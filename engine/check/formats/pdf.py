"""PDF with a text layer, with pypdfium2: columns in order, page furniture removed, lines joined.

PDFium gives the runs of text with their boxes; here they become lines, the
lines columns, and lines that a page break or the margin cut become paragraphs
again. Lines that return at the same height of several pages (headers,
footers) and page numbers are left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.check.document import MOST_PAGES, Block, Document
from engine.errors import InputError

__all__ = ["read_pdf"]

_PAGE_NUMBER = re.compile(r"^[\s\-—–－·第共/]*\d{1,3}[\s\-—–－·页/共\d]*$")
_STARTS = re.compile(r"^\s*(?:第[一二三四五六七八九十]+[章条]|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十\d]{1,3}[）)]|\d{1,2}[.．、]\D|[①-⑳]|附件)")
_EDGE = 0.09
_ENDS = "。；：！？"


@dataclass(slots=True)
class Line:
    """One line of a page: its words and box (PDF points, y upwards)."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    page: int

    @property
    def height(self) -> float:
        return max(1.0, self.top - self.bottom)


def read_pdf(data: bytes, name: str) -> Document:
    """Read a PDF.

    Raises:
        InputError: Broken, locked by a password, without a text layer, or too long.
    """
    try:
        import pypdfium2 as pdfium
    except ImportError:
        raise InputError("读取 PDF 需要 pypdfium2：pip install 'zhuban[check]'") from None
    try:
        pdf = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise InputError(f"{name}：PDF 已加密，请解除密码后再核对") from None
        raise InputError(f"{name}：PDF 已损坏，无法打开；请重新取得原件") from None
    try:
        count = len(pdf)
        if count > MOST_PAGES:
            raise InputError(f"{name}：共 {count} 页，超过上限 {MOST_PAGES} 页，请拆分后再核对")
        pages: list[list[Line]] = []
        sizes: list[tuple[float, float]] = []
        for number in range(count):
            page = pdf[number]
            sizes.append(page.get_size())
            pages.append(_in_columns(_lines(page.get_textpage(), number), sizes[-1][0]))
    except pdfium.PdfiumError:
        raise InputError(f"{name}：PDF 内容残缺，无法读完；请重新取得原件") from None
    finally:
        pdf.close()
    if not any(line.text.strip() for lines in pages for line in lines):
        raise InputError(f"{name}：这是扫描件，没有文字层；请先用 OCR 软件（如 ocrmypdf -l chi_sim）识别后再核对")
    return Document(name, "pdf", _blocks(_without_furniture(pages, sizes)), count)


def _lines(textpage: Any, page: int) -> list[Line]:
    """Runs on one height and close together become one line."""
    runs: list[Line] = []
    for i in range(textpage.count_rects()):
        left, bottom, right, top = textpage.get_rect(i)
        text = textpage.get_text_bounded(left, bottom, right, top).replace("\r", "").replace("\n", "").strip("\u0000\ufffe ")
        if text:
            runs.append(Line(text, left, right, bottom, top, page))
    runs.sort(key=lambda r: (-round((r.top + r.bottom) / 2, 0), r.left))
    lines: list[Line] = []
    for run in runs:
        last = lines[-1] if lines else None
        middle = (run.top + run.bottom) / 2
        if last and last.bottom <= middle <= last.top and -1 <= run.left - last.right < 2.2 * last.height:
            gap = " " if run.left - last.right > 0.8 * last.height else ""
            last.text += gap + run.text
            last.right, last.top, last.bottom = run.right, max(last.top, run.top), min(last.bottom, run.bottom)
        else:
            lines.append(run)
    return lines


def _in_columns(lines: list[Line], width: float) -> list[Line]:
    """Left column before right one, where the page has two."""
    if len(lines) < 12:
        return lines
    middle = width / 2
    left = [line for line in lines if line.right < middle + 4]
    right = [line for line in lines if line.left > middle - 4]
    across = [line for line in lines if line not in left and line not in right]
    if min(len(left), len(right)) < 0.25 * len(lines) or len(across) > 0.3 * len(lines):
        return lines
    ordered: list[Line] = []
    # What runs across the page (title, heading) divides the columns above and below it.
    marks = [*sorted((line.top for line in across), reverse=True), -1.0]
    above = float("inf")
    for mark in marks:
        ordered += [line for line in left if mark <= line.bottom < above]
        ordered += [line for line in right if mark <= line.bottom < above]
        ordered += [line for line in across if line.top == mark]
        above = mark
    return ordered


def _without_furniture(pages: Sequence[list[Line]], sizes: Sequence[tuple[float, float]]) -> list[Line]:
    seen: Counter[tuple[str, int]] = Counter()

    def mark(line: Line, height: float) -> tuple[str, int] | None:
        share = (line.top + line.bottom) / 2 / height
        if _EDGE < share < 1 - _EDGE:
            return None
        return re.sub(r"\d+", "#", line.text), round(share * 50)

    for lines, (_, height) in zip(pages, sizes, strict=True):
        seen.update({m for m in (mark(line, height) for line in lines) if m})
    kept: list[Line] = []
    for lines, (_, height) in zip(pages, sizes, strict=True):
        for line in lines:
            at = mark(line, height)
            if at and (_PAGE_NUMBER.match(line.text) or (seen[at] > 1 and seen[at] >= 0.5 * len(pages))):
                continue
            kept.append(line)
    return kept


def _blocks(lines: Sequence[Line]) -> list[Block]:
    """Join lines to paragraphs: a line that reaches the margin goes on in the next."""
    if not lines:
        return []
    left = _common(line.left for line in lines)
    blocks: list[Block] = []
    current: list[Line] = []

    def put() -> None:
        if current:
            text = "".join(line.text for line in current).strip()
            if text:
                blocks.append(Block(text, f"第 {current[0].page + 1} 页第 {len(blocks) + 1} 段"))
            current.clear()

    widest = sorted(line.right for line in lines)[int(len(lines) * 0.85)] if len(lines) > 3 else max(line.right for line in lines)
    for line in lines:
        last = current[-1] if current else None
        if last is not None:
            column = last.right if last.right < widest * 0.6 else widest
            full = last.right > column - 2.5 * last.height
            indented = line.left > left + 1.2 * line.height
            new_page = line.page != last.page
            far = not new_page and last.bottom - line.top > 1.6 * line.height and not last.text.endswith(tuple("，、"))
            different = abs(line.height - last.height) > 0.35 * last.height
            if not full or _STARTS.match(line.text) or (indented and last.text.endswith(tuple(_ENDS))) or far or different:
                put()
        current.append(line)
    put()
    return blocks


def _common(values: Any) -> float:
    """The most frequent left edge."""
    counted = Counter(round(v) for v in values)
    return float(counted.most_common(1)[0][0])
