"""Read what a passage asks, and of whom.

The words come from the pack (`check.yaml`); the grammar is here. A passage is
read segment by segment, as punctuation divides it. The subject carries on
until another is named (各镇要 … ，我局负责 …); a department that only receives
(报我局审批) owns the acts behind it in that segment; what stands before 的 is
the matter, not a demand (拒不整改的，报我局处理); 督促 and 引导 hand the acts
behind them to somebody else. Decides nothing about items.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from engine.check.words import WordIndex
from engine.model import CheckWord
from engine.normalise import normalise

__all__ = ["Act", "ActReader", "Asked", "Subject"]

Subject = Literal["town", "department", "third"]
Mode = Literal["do", "assist", "directed", "matter", "forbidden"]

_SEGMENT = re.compile(r"[^，。；：！？（）\n]+")
# 拒不整改的｜由镇里立案: the matter ends at 的 when a demand follows.
_MATTER_END = re.compile(
    r"的(?=由|请|及时|立即|第一时间|报|依法|一律|督促|先|应|要|须|各|镇|你镇|我|把|将|移交|上报|给予|予以|处以|按|交|抄|从|不准|不得)"
)
_MATTER_START = re.compile(r"^(?:对|对于|凡|凡是|发现|接到|遇有|一旦|如|若|当|发生|在检查中|检查中|因|为)")
_DEMAND_START = re.compile(r"^(?:由|请|镇|你镇|各|我|属地|应|要|须|依法|一律|及时|立即|予以|给予|第一时间|先|现场|必须|限|按)")
_HANDED = re.compile(r"^(?:请|由)(?!.{0,2}我)")
_NAMES_TOWN = re.compile(r"^(?:请|由)?(?:各|你|贵)?(?:镇|乡镇|村)|^.{0,8}(?:请|由)(?:各|你|镇)")
# 结果报部审批: the office in one character.
_SHORT_OFFICE = re.compile(r"(?<=[报送])(?:部|局|委|馆|会)(?=[，。；审核批备处查]|$)")
_SENTENCE = re.compile(r"[^。！？]*[。！？]?")
_ASKING = re.compile(r"请|须|务必|必须|不得|应当|要求|需要?你")
_HELD_BY_OTHERS = frozenset({"teach", "allot", "examine"})
# 县财政安排, 局疾控中心负责: an office that the register does not spell this way.
_OFFICE = re.compile(
    r"(?<![\u4e00-\u9fff])(?:由)?(?:县|局|市|地区|自治区)[^，。；、：镇乡村对报]{1,12}?"
    r"(?=负责|牵头|安排|统一|做好|组织|保障|给予|将|承担|按季|审批|审核)"
)
# 做好…追缴的宣传教育: what is taught is not done.
_TAUGHT = re.compile(r"(?:的)?(?:宣传教育|宣传|宣讲|普法)")
# 新建项目, 处罚情况: the thing, not the doing.
_NOUN = re.compile(
    r"项目|情况|需求|制度|标准|政策|法规|知识|人员|机构|名单|部门|单位|队|方|现场|期间|进度|通知|单(?!独)|数(?!额)|的"
)
# Before a role, these make it the object of somebody's act, not the one who acts.
_OBJECT_BEFORE = (
    "对",
    "向",
    "给",
    "为",
    "将",
    "经",
    "从",
    "根据",
    "按照",
    "指导",
    "督促",
    "通知",
    "分解到",
    "分发至",
    "分发到",
    "推送至",
    "推送到",
    "要求",
    "反馈",
    "分别",
    "追究",
    "影响",
)


@dataclass(frozen=True, slots=True)
class Act:
    """An act of the vocabulary at one place of a normalised passage."""

    word: CheckWord
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Demand:
    """One act, who is to do it, and how."""

    act: Act
    subject: Subject
    mode: Mode


@dataclass(slots=True)
class Asked:
    """What a passage asks.

    Attributes:
        text: The normalised passage.
        demands: Every act with its subject and mode, in order.
        signs: Codes of the signs seen.
        named: Roles named anywhere.
        acting: Roles named as those who act, not as those who receive.
        core: The parts of the passage in which the town acts, without the matter.
    """

    text: str
    demands: list[Demand] = field(default_factory=list)
    signs: set[str] = field(default_factory=set)
    named: set[Subject] = field(default_factory=set)
    acting: set[Subject] = field(default_factory=set)
    core: list[str] = field(default_factory=list)

    @property
    def outside(self) -> bool:
        """Whether it shows signs of a matter on no table."""
        return not self.signs.isdisjoint({"foreign", "off-list"})

    @property
    def pressed(self) -> bool:
        """Whether somebody ranks, scores or summons the town over it."""
        return any(d.act.word.check == "assess" and d.mode == "do" for d in self.demands) and "镇" in self.text

    def acts(self, subject: Subject, *modes: Mode) -> dict[str, CheckWord]:
        """The acts of one subject in the given modes, by code."""
        wanted = modes or ("do",)
        return {d.act.word.check: d.act.word for d in self.demands if d.subject == subject and d.mode in wanted}


class ActReader:
    """Reads passages with the vocabulary of a pack.

    Args:
        words: The rows of the pack's `check.yaml`; may be empty.
        departments: Spellings of departments, each read as the role `department`.
    """

    def __init__(self, words: Sequence[CheckWord], departments: Iterable[str] = ()) -> None:
        known = tuple(departments)
        self.words = tuple(
            w.model_copy(update={"phrases": (*w.phrases, *(d for d in known if len(d) > 2))}) if w.check == "department" else w
            for w in words
        )
        self.by_code = {word.check: word for word in self.words}
        self._index = WordIndex(self.words)

    def read(self, text: str, default: Subject = "town") -> Asked:
        """Read one passage.

        Args:
            text: A clause, or a sentence of a duties column.
            default: Who acts when nobody is named.
        """
        plain = normalise(text).text
        asked = Asked(plain)
        hits = self._index.find(plain)
        office = self.by_code.get("department")
        if office is not None:
            hits += [(m.start(), m.end(), office) for found in (_OFFICE, _SHORT_OFFICE) for m in found.finditer(plain)]
            hits.sort(key=lambda h: (h[0], -h[1]))
        subject: Subject = default
        handed = False
        speaks_until = self._issuer_speaks(plain, hits) if default == "town" else 0
        segments = [(m.start(), m.end()) for m in _SEGMENT.finditer(plain)]
        for number, (start, end) in enumerate(segments):
            inside = [h for h in hits if start <= h[0] and h[1] <= end]
            following = plain[segments[number + 1][0] : segments[number + 1][1]] if number + 1 < len(segments) else ""
            # 上报县水利局，依法进行查处: the one who was told goes on.
            if start < speaks_until:
                subject = "department"
            elif number and segments[number - 1][0] < speaks_until:
                subject = default
            goes_on = handed and plain.startswith("依法", start)
            lasting = self._segment(asked, start, end, inside, "department" if goes_on else subject, following)
            subject = subject if goes_on and lasting == "department" else lasting
            handed = any(d.subject == "department" for d in asked.demands if d.act.start >= start) or self._told(
                plain[start:end], inside, start
            )
        return asked

    def _segment(
        self, asked: Asked, start: int, end: int, hits: list[tuple[int, int, CheckWord]], subject: Subject, following: str
    ) -> Subject:
        text = asked.text[start:end]
        matter_end = _matter_end(text, following)
        matter = start + matter_end
        about = _TAUGHT.search(text)
        taught_at = start + about.start() if about else -1
        signs = [h for h in hits if h[2].kind == "sign"]
        asked.signs.update(h[2].check for h in signs)
        lasting, current = subject, subject
        companion = False
        events: list[tuple[int, str, tuple[int, int, CheckWord]]] = [(h[0], h[2].kind, h) for h in hits if h[2].kind != "sign"]
        events += [(h[0], "sign", h) for h in signs if h[2].check in ("directed", "assist", "forbid")]
        events.sort(key=lambda e: (e[0], e[1] == "act"))
        mode: Mode = "do"
        handing = any(h[2].check == "hand-over" for h in signs)
        for _, kind, (hit_start, hit_end, word) in events:
            if kind == "role":
                if word.check not in ("town", "department", "third"):
                    continue
                asked.named.add(word.check)  # type: ignore[arg-type]
                before = asked.text[start:hit_start]
                if hit_start < matter and not before.endswith("由"):
                    continue
                if self._follows(before, "to-whom") and word.check == "department":
                    current, mode = "department", "do"
                    continue
                if before.endswith(_OBJECT_BEFORE):
                    continue
                if self._follows(before, "beside"):
                    companion = True
                    continue
                if word.check == "third" and not (before.endswith("由") or not before):
                    continue
                if word.check == "department" and before and not before.endswith(("由", "，", "和", "及")) and len(before) > 6:
                    continue
                current = lasting = word.check  # type: ignore[assignment]
                asked.acting.add(current)
                mode = "do"
            elif kind == "sign":
                if hit_start < matter:
                    continue
                if word.check == "forbid":
                    mode = "forbidden"
                elif word.check == "directed" and mode == "do":
                    mode = "directed"
                elif word.check == "assist" and mode == "do" and not handing:
                    mode = "assist"
            else:
                taught = word.weight == "hard" and taught_at >= hit_end
                attended = word.check in _HELD_BY_OTHERS and any(h[2].check == "attend" and h[0] < hit_start for h in signs)
                called = word.weight == "hard" and _NOUN.match(asked.text, hit_end)
                # 镇政府开具的证明 is issued by the town all the same.
                noun = taught or attended or (called and not (word.check == "certify" and current == "town"))
                used: Mode = "matter" if hit_end <= matter or noun else mode
                if word.weight == "soft" and used == "directed" and word.check in ("urge", "publicise", "mobilise", "report"):
                    used = "do"
                if companion and used == "do" and word.weight == "hard":
                    used = "assist"
                asked.demands.append(Demand(Act(word, hit_start, hit_end), current, used))
        helping = not handing and any(h[2].check == "assist" for h in signs)
        if lasting == "town" and not helping and asked.text[matter:end]:
            asked.core.append(asked.text[matter:end])
        return lasting

    @staticmethod
    def _issuer_speaks(plain: str, hits: list[tuple[int, int, CheckWord]]) -> int:
        """Where the sentences end in which the issuer tells of its own doings, before it asks anything."""
        towns = [h[0] for h in hits if h[2].check == "town"]
        for sentence in _SENTENCE.finditer(plain):
            start, end = sentence.span()
            if start == end:
                break
            if _ASKING.search(plain, start, end) or any(start <= at < end for at in towns):
                return start
        return 0

    def _told(self, segment: str, hits: list[tuple[int, int, CheckWord]], start: int) -> bool:
        """Whether a segment reports to a department."""
        return any(h[2].check == "department" and self._follows(segment[: h[0] - start], "to-whom") for h in hits)

    def _follows(self, before: str, sign: str) -> bool:
        word = self.by_code.get(sign)
        return word is not None and before.endswith(word.phrases)

    def of_column(self, sentences: Iterable[str], subject: Subject) -> dict[str, CheckWord]:
        """The acts that a column of the list gives to its owner, with what they cover."""
        found: dict[str, CheckWord] = {}
        for sentence in sentences:
            found |= self.read(sentence, subject).acts(subject, "do", "assist")
        for word in list(found.values()):
            for code in word.covers:
                if code in self.by_code:
                    found.setdefault(code, self.by_code[code])
        return found


def _matter_end(text: str, following: str) -> int:
    """How far the matter reaches into a segment; what follows is the demand."""
    if text.endswith("的") and following:
        return len(text)
    ends = [m.end() for m in _MATTER_END.finditer(text)]
    if ends:
        return ends[-1]
    if _HANDED.match(following) or (_MATTER_START.match(text) and _DEMAND_START.match(following)):
        return 0 if _NAMES_TOWN.search(text) else len(text)
    return 0
