"""What each item of the list gives to whom, as acts and as words.

Built once for a pack: for every item the acts of the departments' column, of
the town's column, and of a reclaimed item's own name; and a small index of
the official sentences, by which a clause is held against both columns.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from engine.check.acts import ActReader
from engine.model import CheckWord, Kind, OfficialItem
from engine.normalise import normalise

__all__ = ["Columns", "DutyIndex"]

_SENTENCE = re.compile(r"[；;。]")
_STOP = frozenset("的了和与及等对在各镇级县莎车做好开展相关工作情况进行并我局请由要里")


@dataclass(slots=True)
class Columns:
    """One item, ready to be compared with.

    Attributes:
        own: Acts that make the item what it is: its name's, for R and B items.
        departments, town: Acts of the two columns.
        department_texts, town_texts: Their sentences, as printed.
    """

    official: OfficialItem
    own: dict[str, CheckWord] = field(default_factory=dict)
    departments: dict[str, CheckWord] = field(default_factory=dict)
    town: dict[str, CheckWord] = field(default_factory=dict)
    department_texts: tuple[str, ...] = ()
    town_texts: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def grams(text: str) -> Counter[str]:
    """Character pairs of a text that carry meaning; callers only read the answer."""
    if not text.strip():
        return Counter()
    plain = "".join(c for c in normalise(text).text if "\u3400" <= c <= "\u9fff")
    return Counter(a + b for a, b in pairwise(plain) if not (a in _STOP and b in _STOP))


class DutyIndex:
    """The columns of every item.

    Args:
        official: The rows of the list.
        reader: Reads acts.
    """

    def __init__(self, official: Sequence[OfficialItem], reader: ActReader) -> None:
        self.columns = {row.id: _columns(row, reader) for row in official}
        seen: Counter[str] = Counter()
        total = 0
        for columns in self.columns.values():
            for text in (columns.official.name, *columns.department_texts, *columns.town_texts):
                seen.update(set(grams(text)))
                total += 1
        self._idf = {gram: math.log((1 + total) / (1 + n)) for gram, n in seen.items()}
        self._default = math.log(1 + total)

    def closeness(self, clause: str, sentence: str) -> float:
        """How much of a clause's meaning-carrying pairs a sentence holds, 0 to 1."""
        asked = grams(clause)
        if not asked:
            return 0.0
        there = grams(sentence)
        whole = sum(self._idf.get(g, self._default) for g in asked)
        return sum(self._idf.get(g, self._default) for g in asked if g in there) / whole

    def nearest(self, clause: str, sentences: Sequence[str]) -> tuple[float, str]:
        """The sentence that holds most of a clause, and how much."""
        return max(((self.closeness(clause, s), s) for s in sentences), default=(0.0, ""), key=lambda pair: pair[0])

    def column_share(self, clause: str, sentences: Sequence[str]) -> float:
        """How much of a clause a whole column holds."""
        return self.closeness(clause, "。".join(sentences))


def _columns(row: OfficialItem, reader: ActReader) -> Columns:
    departments = tuple(s.strip() for duty in row.duties for s in _SENTENCE.split(duty.text) if s.strip())
    town = tuple(s.strip() for duty in row.town_duties for s in _SENTENCE.split(duty) if s.strip())
    own: dict[str, CheckWord] = {}
    if row.kind is not Kind.COOPERATING:
        asked = reader.read(row.name, "town")
        own = {d.act.word.check: d.act.word for d in asked.demands}
    if row.kind is Kind.RECLAIMED:
        departments = (row.takeover,)
    return Columns(
        official=row,
        own=own,
        departments=reader.of_column(departments, "department"),
        town=reader.of_column(town, "town"),
        department_texts=departments,
        town_texts=town,
    )
