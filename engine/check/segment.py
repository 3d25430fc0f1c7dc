"""Cut the body into passages: the smallest stretches that may give the town one thing to do.

Numbering that runs inside a paragraph is cut too; a short first sentence
behind 一、 is a heading, and what stands under it remembers it. A table row
becomes one passage: the task with the unit that the row names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.check.document import Block

__all__ = ["Passage", "passages"]

_MARK = re.compile(
    r"第[一二三四五六七八九十百]+[章条节]\s*|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十\d]{1,3}[）)]|"
    r"(?<!\d)\d{1,2}[.．、](?=\D)|[①-⑳]|(?:一是|二是|三是|四是|五是|六是)"
)
_TOP = re.compile(r"^(?:第[一二三四五六七八九十百]+[章条节]|[一二三四五六七八九十]{1,3}、)")
_BEFORE_MARK = frozenset("。；：:;!！?？ \u3000\n")
_SENTENCE = re.compile(r"[^。！？]*[。！？]?[”’」』）)]?")
_HALF = re.compile(r"[^；;]*[；;]?")
_HEADING, _HEADING_LINE, _HEAD_CELL = 34, 26, 12
_UNIT_HEAD = re.compile(r"责任|牵头|承办|主体|单位|主办|部门|落实|配合")
_TASK_HEAD = re.compile(r"任务|内容|事项|工作|措施|要求|目标|标准|指标")
_TIME_HEAD = re.compile(r"时限|时间|期限|进度")
_TOWN = re.compile(r"乡镇|各镇|镇政府|镇人民政府|你镇|属地|各村|(?:^|、|，)[\u4e00-\u9fff]{2,6}镇(?:$|、|，)|村（社区）|管理区")
_DEMAND = re.compile(rf"{_TOWN.pattern}|请|由|的，|我局|须|应当|务必")
_UNIT_ONLY = re.compile(r"^[^，。；]{0,20}(?:人民政府|政府|局|委员会|委|办|中心|公司|单位|镇|乡)$")


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one block.

    Attributes:
        text: Exactly as it stands in the block.
        block, start, end: Where.
        heading: The heading above, without its number.
        asks_town: The place says that it is the town's (a table row's unit): True; another's: False; not said: None.
        lead: For table rows, how the unit is charged: 牵头单位, 责任单位 …
        point: Number of the numbered point that it belongs to.
    """

    text: str
    block: Block
    index: int
    start: int
    end: int
    heading: str = ""
    asks_town: bool | None = None
    lead: str = ""
    point: int = 0
    time: str = ""


def passages(blocks: Sequence[Block], offsets: Iterable[int]) -> list[Passage]:
    """All passages of the body, in reading order.

    Args:
        blocks: The blocks that may hold clauses.
        offsets: Their numbers in the document.
    """
    numbered = list(zip(offsets, blocks, strict=True))
    found: list[Passage] = []
    heading, point = "", 0
    rows: set[tuple[int, int]] = set()
    for number, block in numbered:
        if block.cell is not None:
            key = (block.cell.table, block.cell.row)
            if key not in rows:
                rows.add(key)
                row = [(n, b) for n, b in numbered if b.cell is not None and (b.cell.table, b.cell.row) == key]
                found.extend(_row(row, point := point + 1))
            continue
        if _is_heading(block.text):
            heading = _MARK.sub("", block.text, count=1).strip() if _MARK.match(block.text) else block.text.strip()
            point += 1
            continue
        for start, end in _points(block.text):
            part = block.text[start:end]
            mark = _MARK.match(part)
            after = start + (mark.end() if mark else 0)
            if mark:
                point += 1
            title = _title(block.text, after, end, top=bool(_TOP.match(part)))
            if mark and _TOP.match(part):
                heading = ""
            if title:
                heading = block.text[after:title].strip(" 。：:")
                after = title
            for s, e in _sentences(block.text, after, end):
                found.append(Passage(block.text[s:e], block, number, s, e, heading, None, "", point))
    return found


def _is_heading(text: str) -> bool:
    """A short line without any punctuation of a sentence: Word draws its number, or it has none."""
    plain = _MARK.sub("", text, count=1) if _MARK.match(text) else text
    return len(plain) <= _HEADING_LINE and not re.search(r"[，。；：！？]", plain) and not _DEMAND.search(plain)


def _points(text: str) -> list[tuple[int, int]]:
    """Cut before numbers that open a point inside the paragraph."""
    cuts = [0]
    for mark in _MARK.finditer(text):
        if mark.start() and text[mark.start() - 1] in _BEFORE_MARK:
            cuts.append(mark.start())
    return list(zip(cuts, [*cuts[1:], len(text)], strict=True))


def _title(text: str, start: int, end: int, *, top: bool) -> int | None:
    """Where a heading ends that opens a point, or None."""
    stop = next((i for i in range(start, min(end, start + _HEADING)) if text[i] in "。：:"), None)
    if stop is None:
        whole = text[start:end].strip()
        return end if top and len(whole) < _HEADING and not _DEMAND.search(whole) and "，" not in whole else None
    title = text[start:stop]
    if _DEMAND.search(title) or (text[stop] in "：:" and not top):
        return None
    if text[stop] == "。" and stop + 1 >= len(text):
        return None  # a sentence of its own, not a heading
    short = len(title) <= 16 and "，" not in title
    return stop + 1 if (top or short) and title.count("，") <= 1 and stop + 1 <= end else None


def _sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Sentences, and the halves of those that ；divides into tasks of their own."""
    found: list[tuple[int, int]] = []
    for sentence in _SENTENCE.finditer(text, start, end):
        if sentence.end() == sentence.start():
            continue
        halves = [h.span() for h in _HALF.finditer(text, *sentence.span()) if h.end() > h.start()]
        if len(halves) > 1 and all(e - s > 9 for s, e in halves):
            found.extend(halves)
        else:
            found.append(sentence.span())
    trimmed: list[tuple[int, int]] = []
    for s, e in found:
        while s < e and text[s] in " \u3000\t":
            s += 1
        while s < e and text[e - 1] in " \u3000\t。；;":
            e -= 1
        if e - s > 3 and not _UNIT_ONLY.match(text[s:e]):
            trimmed.append((s, e))
    return trimmed


def _row(row: Sequence[tuple[int, Block]], point: int) -> list[Passage]:
    """A table row: its task cells, with what the unit cells say of who does them."""
    heads = {b.cell.header for _, b in row if b.cell}
    if not any(heads):
        # A table without a head, or the head itself.
        return [
            Passage(b.text[s:e], b, n, s, e, "", None, "", point)
            for n, b in row
            if b.cell and (len(b.text) > 12 or _DEMAND.search(b.text)) and (b.cell.row or len(b.text) > _HEAD_CELL)
            for s, e in _sentences(b.text, 0, len(b.text))
        ]
    units = [(b.cell.header, b.text) for _, b in row if b.cell and _UNIT_HEAD.search(b.cell.header) and not _long_task(b)]
    time = next(
        (b.text for _, b in row if b.cell and _TIME_HEAD.search(b.cell.header) and not _UNIT_HEAD.search(b.cell.header)), ""
    )
    town = next(((head, text) for head, text in units if _TOWN.search(text)), None)
    asks = None if not units else town is not None
    leads = [text for head, text in units if re.search(r"牵头|责任|主办|承办|主体", head)]
    others = bool(town) and any(not _TOWN.search(text) for text in leads)
    lead = ("配合" if others or "配合" in town[0] else town[0]) if town else ""
    tasks = [
        (n, b)
        for n, b in row
        if b.cell and (_TASK_HEAD.search(b.cell.header) or _long_task(b)) and not _TIME_HEAD.search(b.cell.header)
    ]
    tasks = (
        [(n, b) for n, b in tasks if not (_UNIT_HEAD.search(b.cell.header if b.cell else "") and not _long_task(b))]
        if tasks
        else []
    )
    title = next((b.text for n, b in tasks if len(b.text) <= 12), "")
    return [
        Passage(b.text[s:e], b, n, s, e, title, asks, lead, point, time)
        for n, b in tasks
        if len(b.text) > 12 or len(tasks) == 1
        for s, e in _sentences(b.text, 0, len(b.text))
    ]


def _long_task(block: Block) -> bool:
    return len(block.text) > 20 and block.cell is not None and not re.search(r"单位|部门|人", block.cell.header)
