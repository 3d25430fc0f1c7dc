"""The parts of a notice: who sends it, its number, date, addressee; what is its body.

Reads blocks, decides nothing. The issuer is looked for where offices write
it: the closing signature, the letterhead, the title; units print as the
register spells them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from engine.check.document import Block, Document
from engine.units import UnitRegister

__all__ = ["Head", "find_dates", "read_head"]

_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,14}\s*[〔\[（(【]\s*20\d{2}\s*[〕\]）)】]\s*(?:第\s*)?\d+\s*号")
_BARE_NUMBER = re.compile(r"^[〔\[（(]20\d{2}[〕\]）)]\s*(?:第\s*)?\d+\s*[号期]$")
_DATE = re.compile(
    r"(20\d{2}|二[〇○零Oo]二[〇○零一二三四五六七八九])\s*年\s*([\d一二三四五六七八九十]{1,3})\s*月\s*([\d一二三四五六七八九十]{1,3})\s*日"
)
_SHORT_DATE = re.compile(r"(?<![\d年])(\d{1,2})\s*月\s*(\d{1,2})\s*日|(?<![\d年])(\d{1,2})\s*月底")
_TITLE = re.compile(
    r"(?:关于|印发).*(?:通知|方案|意见|函|通报|责任书|分解表|纪要|办法|要点|计划|任务书|清单|公告)|(?:责任书|任务分解表|分解表|会议纪要|任务清单|通知|任务书)(?:（.{1,12}）)?$"
)
_ADDRESSEE = re.compile(r"^[^。；]{2,60}(?:镇|乡|乡镇|人民政府|管理区|街道|单位|党委)[^。；]{0,30}[：:]$")
_UNIT_END = re.compile(
    r"^(?:中共)?[\u4e00-\u9fff（）()、，\s]{3,40}(?:局|委|委员会|办|办公室|部|会|中心|政府|公司|大队|支公司|法院|检察院|银行|学院|领导小组|指挥部)$"
)
_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "O": 0, "o": 0}
_PARTS = re.compile(r"[、，,\s]+")


@dataclass(slots=True)
class Head:
    """What stands around the body.

    Attributes:
        issuers: Printed names of the issuing units, or the words as written
            when the register does not have them.
        known: Every issuer is in the register.
        body: Blocks that may hold clauses; the others are title, address, signature.
    """

    title: str = ""
    issuers: tuple[str, ...] = ()
    known: bool = False
    number: str | None = None
    date: date | None = None
    addressee: str | None = None
    body: list[Block] = field(default_factory=list)
    furniture: set[int] = field(default_factory=set)


def read_head(document: Document, register: UnitRegister, issuer: str | None = None) -> Head:
    """Find the parts.

    Args:
        document: The notice.
        register: Resolves unit names.
        issuer: Given by the user; wins over what the notice says.
    """
    head = Head()
    blocks = document.blocks
    lines = [i for i, b in enumerate(blocks) if b.kind in ("paragraph", "textbox")]
    top, bottom = lines[:10], lines[-8:]
    for i in top:
        text = blocks[i].text
        if not head.title and len(text) < 80 and _TITLE.search(text) and not text.endswith(("。", "：")):
            head.title = text
            head.furniture.add(i)
        found = _NUMBER.search(text) or _BARE_NUMBER.match(text)
        if head.number is None and found and len(text) < 40:
            head.number = re.sub(r"\s+", "", found[0])
            head.furniture.add(i)
        if head.addressee is None and _ADDRESSEE.match(text):
            head.addressee = text.rstrip("：:")
            head.furniture.add(i)
    _sign(head, blocks, bottom, register)
    if not head.issuers:
        _letterhead(head, blocks, top, register)
    if issuer:
        head.issuers, head.known = _resolved(issuer, register)
    head.body = [b for i, b in enumerate(blocks) if i not in head.furniture]
    if not head.title and top:
        head.title = blocks[top[0]].text[:60]
    return head


def _resolved(text: str, register: UnitRegister) -> tuple[tuple[str, ...], bool]:
    whole = register.resolve(text)
    if whole:
        return (whole,), True
    names = [p for p in _PARTS.split(text.strip()) if p]
    found = [register.resolve(p) or register.resolve(re.sub(r"^中共", "", p)) for p in names]
    return tuple(f or n for f, n in zip(found, names, strict=True)), all(found) and bool(found)


def _sign(head: Head, blocks: Sequence[Block], bottom: Sequence[int], register: UnitRegister) -> None:
    """The closing: one or several units, then the date; both on one line at times."""
    for at in reversed(bottom):
        text = blocks[at].text.strip()
        match = _DATE.search(text)
        rest = _DATE.sub("", text).strip(" \u3000（）()印发")
        if match and (not rest or _UNIT_END.match(rest)):
            head.date = head.date or _date(match)
            head.furniture.add(at)
            if rest:
                head.issuers, head.known = _resolved(rest, register)
            continue
        signed = text if register.resolve(text) else _signed(text)
        if head.date and signed and len(text) < 60:
            names, known = _resolved(signed, register)
            head.issuers = (*names, *head.issuers)
            head.known = known and (head.known or len(head.issuers) == len(names))
            head.furniture.add(at)
        elif head.issuers:
            return


def _signed(text: str) -> str | None:
    """The unit that signs a line: without （盖章）, and the first where two parties sign side by side."""
    plain = re.sub(r"[（(](?:盖章|公章|印章|章)[）)]", "　　", text).strip()
    first = re.split(r"[\s\u3000]{2,}", plain)[0].strip()
    return first if _UNIT_END.match(first) and len(first) < 40 else None


def _letterhead(head: Head, blocks: Sequence[Block], top: Sequence[int], register: UnitRegister) -> None:
    for at in top:
        text = blocks[at].text.strip()
        bare = re.sub(r"(?:文件|（函）|\(函\))$", "", text).strip()
        if bare != text and _UNIT_END.match(bare):
            head.issuers, head.known = _resolved(bare, register)
            head.furniture.add(at)
            return
    before = re.split(r"关于|印发", head.title)[0].strip()
    if before and (_UNIT_END.match(before) or register.resolve(before)):
        head.issuers, head.known = _resolved(before, register)
        return
    for at in top[:4]:
        if register.resolve(blocks[at].text.strip("：: ")):
            head.issuers, head.known = _resolved(blocks[at].text.strip("：: "), register)
            head.furniture.add(at)
            return


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (_DIGITS.get(tens, 1) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)
    value = 0
    for c in text:
        value = value * 10 + _DIGITS.get(c, 0)
    return value


def _date(match: re.Match[str]) -> date | None:
    try:
        return date(_number(match[1]), _number(match[2]), _number(match[3]))
    except ValueError:
        return None


def find_dates(text: str, year: int | None) -> list[tuple[str, date]]:
    """Dates named in a passage, as written and as dates; a date without a year takes `year`."""
    found = [(m[0], d) for m in _DATE.finditer(text) if (d := _date(m))]
    if year is None:
        return found
    for m in _SHORT_DATE.finditer(_DATE.sub(lambda x: "　" * len(x[0]), text)):
        try:
            if m[3]:
                month = int(m[3])
                last = date(year + month // 12, month % 12 + 1, 1).toordinal() - 1
                found.append((m[0], date.fromordinal(last)))
            else:
                found.append((m[0], date(year, int(m[1]), int(m[2]))))
        except ValueError:
            continue
    return found
