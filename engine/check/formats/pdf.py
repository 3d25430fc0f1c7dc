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
_STARTS = re.compile(
    r"^\s*(?:第[一二三四五六七八九十]+[章条]|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十\d]{1,3}[）)]|\d{1,2}[.．、]\D|[①-⑳]|附件)"
)
_HEAD_ENDS = re.compile(r"(?:文件|号|通知|方案|意见|函|通报|纪要|责任书|办法)$|(?:镇|乡|政府|单位)[^。，]{0,8}[：:]$")
_HEAD_LINES = 8
_EDGE = 0.09
_ENDS = "。；：！？"


@dataclass(slots=True)
class Line:
    """One line of a page: its words and box (PDF points, y upwards), and the margins of its column."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    page: int
    column_left: float = 0.0
    column_right: float = 0.0

    @property
    def height(self) -> float:
        return max(1.0, self.top - self.bottom)

    @property
    def centred(self) -> bool:
        """Set in the middle of its column: a title, not the last line of a paragraph."""
        before, after = self.left - self.column_left, self.column_right - self.right
        return before > 2.6 * self.height and abs(before - after) < 1.5 * self.height

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


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
    rows: list[list[Line]] = []
    for run in sorted(runs, key=lambda r: -r.middle):
        row = rows[-1] if rows else None
        # Latin digits sit lower and smaller than the characters around them: compare with the tallest.
        tallest = max(row, key=lambda r: r.height) if row else None
        if (
            row is not None
            and tallest is not None
            and (tallest.bottom <= run.middle <= tallest.top or run.bottom <= tallest.middle <= run.top)
        ):
            row.append(run)
        else:
            rows.append([run])
    lines: list[Line] = []
    for row in rows:
        last: Line | None = None
        for run in sorted(row, key=lambda r: r.left):
            high = max(run.height, last.height) if last else run.height
            if last is not None and run.left - last.right < 1.1 * high:
                gap = " " if run.left - last.right > 0.7 * high and last.text[-1:].isascii() and run.text[:1].isascii() else ""
                last.text += gap + run.text
                last.right, last.top, last.bottom = (
                    max(last.right, run.right),
                    max(last.top, run.top),
                    min(last.bottom, run.bottom),
                )
            else:
                last = run
                lines.append(run)
    return lines


def _in_columns(lines: list[Line], width: float) -> list[Line]:
    """Left column before right one, where the page has two."""
    gutter = _gutter(lines, width)
    if gutter is None:
        _margins(lines)
        return lines
    left = [line for line in lines if line.right <= gutter + 1]
    right = [line for line in lines if line.left >= gutter - 1]
    across = [line for line in lines if line.left < gutter - 1 and line.right > gutter + 1]
    for group in (left, right):
        _margins(group)
    _margins(across, lines)
    ordered: list[Line] = []
    # What runs across the page (title, heading) divides the columns above and below it.
    above = float("inf")
    for mark in [*sorted((line.middle for line in across), reverse=True), -1.0]:
        ordered += [line for line in left if mark <= line.middle < above]
        ordered += [line for line in right if mark <= line.middle < above]
        ordered += [line for line in across if line.middle == mark]
        above = mark
    return ordered


def _gutter(lines: Sequence[Line], width: float) -> float | None:
    """The x that few lines cross with many on both sides, or None: one column."""
    if len(lines) < 10:
        return None
    best: tuple[int, float] | None = None
    for x in range(int(width * 0.35), int(width * 0.65), 3):
        crossing = sum(line.left < x - 1 and line.right > x + 1 for line in lines)
        before, after = sum(line.right <= x + 1 for line in lines), sum(line.left >= x - 1 for line in lines)
        both = min(before, after) >= max(3, 0.1 * len(lines))
        if both and crossing <= 0.25 * len(lines) and (best is None or crossing < best[0]):
            best = crossing, float(x)
    return best[1] if best else None


def _margins(lines: Sequence[Line], measured: Sequence[Line] = ()) -> None:
    """Tell each line the margins of its column, as its own lines (or others) show them."""
    if not lines:
        return
    rights = sorted(line.right for line in measured or lines)
    lefts = Counter(round(line.left) for line in measured or lines)
    # Most lines may be indented; the margin is the leftmost edge that comes back.
    left = float(min((x for x, n in lefts.items() if n > 1), default=min(lefts)))
    for line in lines:
        line.column_left, line.column_right = left, rights[int((len(rights) - 1) * 0.9)]


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
    blocks: list[Block] = []
    current: list[Line] = []

    def put() -> None:
        text = "".join(line.text for line in current).strip()
        if text:
            blocks.append(Block(text, f"第 {current[0].page + 1} 页第 {len(blocks) + 1} 段"))
        current.clear()

    for number, line in enumerate(lines):
        last = current[-1] if current else None
        if last is not None:
            headed = number <= _HEAD_LINES and _HEAD_ENDS.search(last.text)
            full = last.right > last.column_right - 2.2 * last.height
            indented = line.left > line.column_left + 1.2 * line.height
            moved = line.page != last.page or line.middle > last.middle
            far = not moved and last.bottom - line.top > 1.8 * line.height and not last.text.endswith(("，", "、"))
            different = abs(line.height - last.height) > 0.45 * max(line.height, last.height)
            ended = last.text.endswith(tuple(_ENDS))
            new = _STARTS.match(line.text) or (indented and ended)
            if headed or not full or new or far or different or last.centred != line.centred or last.text.endswith("："):
                put()
        current.append(line)
    put()
    return blocks
