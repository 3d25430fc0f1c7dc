"""From a notice to its report: the one way for `check`, whatever went in.

document -> head -> passages -> which of them hand something down -> judgement
of each -> findings about the document. Rows of `id, issuer, text` skip the
first steps: each is one clause.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from engine.check.acts import Asked
from engine.check.document import Document
from engine.check.judge import Judge
from engine.check.model import Checked, Finding, Judgement, NoticeReport, Place
from engine.check.notice import Head, find_dates, read_head
from engine.check.segment import Passage, passages
from engine.check.whole import document_findings
from engine.router import Router

__all__ = ["Checker"]

_HANDS_DOWN = 1.5
_NAMED, _IMPERATIVE, _LISTED, _MAYBE, _HARD, _SOFT, _FOREIGN = 1.0, 0.5, 1.0, 0.5, 0.8, 0.4, 1.2
_SURE = 0.65
_LONG, _HALF, _SURE_HALF = 36, 14, 0.65
_NEW_TASK = re.compile(r"，(?=同时|并由|并对|另|对|各镇|请|由各镇|由镇|镇政府|凡)")
_IMPERATIVES = ("请", "要", "须", "应", "务必", "不得", "一律", "必须", "负责", "由", "及时", "立即", "第一时间")


@dataclass(frozen=True, slots=True)
class _Read:
    passage: Passage
    asked: Asked
    judgement: Judgement
    weight: float


class Checker:
    """Checks notices and clauses with one router.

    Args:
        router: Not shared with other threads.

    Example:
        >>> from engine import Router, load_pack
        >>> from engine.check import Checker
        >>> Checker(Router(load_pack())).clause("私自打井的由各镇立案罚款").finding.value
        'reclaimed'
    """

    def __init__(self, router: Router) -> None:
        self.router = router
        self.judge = Judge(router)

    def clause(self, text: str, issuer: str | None = None) -> Judgement:
        """Judge one clause that is known to be one.

        Raises:
            InputError: The text is empty.
        """
        return self.judge.judge(text, issuer)

    def check(self, document: Document, *, issuer: str | None = None, today: date | None = None) -> NoticeReport:
        """Check a whole notice.

        Args:
            document: As read by `engine.check.formats`.
            issuer: Overrides what the notice says of who sends it.
            today: Deadlines before it are past; None compares with the notice's own date.

        Returns:
            The report; a notice that hands nothing down has no clauses.
        """
        head = read_head(document, self.router.register, issuer)
        kept = [i for i in range(len(document.blocks)) if i not in head.furniture]
        found = passages([document.blocks[i] for i in kept], kept)
        read = [
            part for passage in found if (one := self._read(passage, head)) is not None for part in self._divided(one, head)
        ]
        clauses = self._joined([one for one in read if one.weight >= _HANDS_DOWN], head)
        summary = {finding.value: 0 for finding in Finding}
        for clause in clauses:
            summary[clause.finding.value] += 1
        deadlines = [d for c in clauses for _, d in find_dates(c.deadline or "", head.date.year if head.date else None)]
        info = self.router.pack.info
        return NoticeReport(
            document=document.name,
            title=head.title,
            issuer="、".join(head.issuers) or None,
            issuer_known=head.known,
            number=head.number,
            date=head.date.isoformat() if head.date else None,
            addressee=head.addressee,
            deadline=max(deadlines).isoformat() if deadlines else None,
            findings_summary=summary,
            clauses=tuple(clauses),
            document_findings=document_findings(document, head, clauses, today, self.router.pack),
            paragraphs=len(document.blocks),
            pack=info.id,
            pack_version=info.version,
            pack_hash=self.router.pack.hash,
        )

    def _read(self, passage: Passage, head: Head) -> _Read | None:
        if passage.asks_town is False or len(passage.text) < 6:
            return None
        # What a table row says of the unit is read as if the sentence said it.
        text = passage.text
        if passage.asks_town and not any(w in text for w in ("各镇", "镇政府", "乡镇", "你镇")):
            charge = {"配合": "各镇配合：", "": "请各镇："}.get(
                passage.lead, "由各镇牵头：" if "牵头" in passage.lead else "由各镇负责："
            )
            text = charge + text
        asked = self.judge.reader.read(text)
        if passage.asks_town is None and not asked.demands and not asked.named and not asked.outside:
            return None
        if (
            "department" in asked.acting
            and "town" not in asked.acting
            and not asked.pressed
            and not asked.acts("town", "do", "assist")
        ):
            return None
        weight = self._weight(passage, asked)
        if weight + _LISTED < _HANDS_DOWN:
            return None  # not even a clear item would make it a clause: no need to route it
        judgement = self.judge.judge(text, head.issuers[0] if head.issuers else None, passage.heading)
        if judgement.item_id and not asked.outside:
            weight += _LISTED if judgement.confidence >= _SURE else _MAYBE
        return _Read(passage, asked, judgement, weight)

    def _divided(self, one: _Read, head: Head) -> list[_Read]:
        """A long sentence in two where its halves are matters of two items and the findings differ."""
        text = one.passage.text
        if one.weight < _HANDS_DOWN or len(text) < _LONG:
            return [one]
        for mark in _NEW_TASK.finditer(text):
            cut = mark.start() + 1
            if cut < _HALF or len(text) - cut < _HALF:
                continue
            middle = one.passage.start + cut
            first = self._read(replace(one.passage, text=text[: cut - 1], end=middle - 1), head)
            second = self._read(replace(one.passage, text=text[cut:], start=middle), head)
            if first is None or second is None or min(first.weight, second.weight) < _HANDS_DOWN:
                continue
            a, b = first.judgement, second.judgement
            if a.item_id != b.item_id and a.finding is not b.finding and min(a.confidence, b.confidence) >= _SURE_HALF:
                return [first, second]
        return [one]

    def _weight(self, passage: Passage, asked: Asked) -> float:
        """How much speaks for a passage handing something to the town, before its item is known."""
        weight = 0.0
        acts = asked.acts("town", "do", "assist")
        town = "town" in asked.named or asked.pressed
        weight += _NAMED if town else 0.0
        weight += _IMPERATIVE if any(w in passage.text for w in _IMPERATIVES) else 0.0
        weight += _HARD if asked.pressed or any(w.weight == "hard" for w in acts.values()) else _SOFT if acts else 0.0
        weight += _FOREIGN if asked.outside else 0.0
        if passage.asks_town:
            weight += 1.0
        vague = self._count("vague", passage.text)
        weight -= min(2.0, 0.9 * vague)
        if "background" in asked.signs:
            weight -= 2.0 if not town or not passage.point else 1.0
        weight -= 2.0 if "contact" in asked.signs else 0.0
        weight -= 1.6 if "summary" in asked.signs else 0.0
        if "department" in asked.acting and not town:
            weight -= 1.5
        if not acts and not town:
            weight -= 1.0
        return weight

    def _count(self, code: str, text: str) -> int:
        word = self.judge.reader.by_code.get(code)
        return sum(phrase in text for phrase in word.phrases) if word else 0

    def _joined(self, read: Sequence[_Read], head: Head) -> list[Checked]:
        """Clauses in order; the tail of a sentence that names no matter goes with the clause before."""
        clauses: list[Checked] = []
        last: _Read | None = None
        for one in read:
            follows = (
                last is not None
                and last.passage.index == one.passage.index
                and last.passage.point == one.passage.point
                and one.passage.start - last.passage.end <= 2
            )
            if follows and last is not None and clauses and self._tail(last, one):
                whole = clauses[-1]
                text = one.passage.block.text[whole.place.start : one.passage.end]
                judgement = self.judge.judge(text, head.issuers[0] if head.issuers else None, one.passage.heading)
                clauses[-1] = self._checked(judgement, text, one.passage, whole.place.start, head)
            else:
                clauses.append(self._checked(one.judgement, one.passage.text, one.passage, one.passage.start, head))
            last = one
        return clauses

    @staticmethod
    def _tail(before: _Read, one: _Read) -> bool:
        """Whether a passage only goes on with what the one before said."""
        if "town" in one.asked.named or one.asked.outside:
            return False
        same = one.judgement.item_id == before.judgement.item_id
        return same or one.judgement.item_id is None or one.judgement.confidence < 0.6

    def _checked(self, judgement: Judgement, quote: str, passage: Passage, start: int, head: Head) -> Checked:
        dates = find_dates(f"{quote} {passage.time}", head.date.year if head.date else None)
        place = Place(block=passage.index, label=passage.block.label, start=start, end=passage.end)
        return Checked(**judgement.model_dump(), quote=quote, place=place, deadline=dates[0][0] if dates else None)
