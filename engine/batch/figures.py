"""The report's figures, from the counts of a run: sorted, named, ready to print."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from engine.batch.themes import Theme, find_themes
from engine.masking import Masker
from engine.model import Pack, VerdictKind
from engine.reasons import VERDICT_NAMES
from engine.rendering import verdict_kind

__all__ = ["Figures", "Growth", "Row", "figures"]

KINDS = tuple(kind.value for kind in VerdictKind)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: what, how often, and how often by verdict where that is known."""

    name: str
    count: int
    detail: str = ""
    split: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Growth:
    """An item that was asked for more often at the end than before."""

    item: str
    name: str
    before: float
    now: float

    @property
    def times(self) -> float | None:
        """How many times as often; None where there was nothing before."""
        return self.now / self.before if self.before else None


@dataclass(slots=True)
class Figures:
    """Everything that both forms of the report show."""

    rows: int
    bad: int
    good: int
    review: int
    urgent: int
    verdicts: list[Row]
    categories: list[Row]
    units: list[Row]
    items: list[Row]
    months: list[Row]
    places: list[Row]
    themes: list[Theme]
    grown: list[Growth]
    grown_when: str
    handled: dict[str, int] = field(default_factory=dict)
    town_did: list[tuple[str, str, str, int]] = field(default_factory=list)
    other_did: list[tuple[str, str, str, str, int]] = field(default_factory=list)
    unknown_units: list[Row] = field(default_factory=list)
    kinds: tuple[str, ...] = tuple(VERDICT_NAMES[VerdictKind(kind)] for kind in KINDS)

    @property
    def compared(self) -> int:
        """Orders whose handling could be held against the list."""
        return sum(self.handled.get(key, 0) for key in ("agree", "town", "other"))


def _sorted(counts: dict[str, int], most: int) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:most]


def _split(counts: dict[str, int], *, by_name: bool, most: int) -> list[Row]:
    """Rows of a table kept as `key<TAB>verdict`."""
    table: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for key, number in counts.items():
        name, tab, verdict = key.partition("\t")
        if tab:
            table[name][verdict] = number
    rows = [Row(name, sum(split.values()), split=tuple(split.get(kind, 0) for kind in KINDS)) for name, split in table.items()]
    rows.sort(key=(lambda row: row.name) if by_name else (lambda row: (-row.count, row.name)))
    return rows[-most:] if by_name else rows[:most]


def figures(tally: dict[str, Any], pack: Pack) -> Figures:
    """The figures of a run.

    Args:
        tally: Its counts, taken with `report`.
        pack: For the names of items.
    """
    names = {row.id: row for row in pack.official}
    verdicts = tally.get("verdict", {})
    unlisted = verdicts.get("unlisted", 0)
    items = [
        Row(item, number, names[item].name, (KINDS.index(verdict_kind(names[item]).value),))
        for item, number in _sorted({k: v for k, v in tally.get("item", {}).items() if k in names}, 400)
    ]
    grown, when = _grown(tally.get("month_item", {}), {key: row.name for key, row in names.items()})

    def name_of(item: str) -> str:
        return names[item].name if item in names else ""

    town_did = [(i, name_of(i), u, n) for (i, u), n in _tabbed(tally.get("town_did", {}))]
    other_did = [(i, name_of(i), w, u, n) for (i, w, u), n in _tabbed(tally.get("other_did", {}))]
    return Figures(
        rows=tally.get("rows", 0),
        bad=sum(tally.get("bad", {}).values()),
        good=sum(verdicts.values()),
        review=sum(tally.get("review", {}).values()),
        urgent=sum(tally.get("urgent", {}).values()),
        verdicts=[_alone(i, verdicts[kind]) for i, kind in enumerate(KINDS) if verdicts.get(kind)],
        categories=[Row("清单外" if key == "—" else key, n) for key, n in _sorted(tally.get("category", {}), 60)],
        units=[Row(key, n) for key, n in _sorted(tally.get("unit", {}), 200)],
        items=items,
        months=_split(tally.get("month", {}), by_name=True, most=36),
        places=_split(tally.get("place", {}), by_name=False, most=200),
        themes=_themes(tally, unlisted),
        grown=grown,
        grown_when=when,
        handled=tally.get("handled", {}),
        town_did=town_did,
        other_did=other_did,
        unknown_units=[Row(key, n) for key, n in _sorted(tally.get("unknown_unit", {}), 30)],
    )


def _themes(tally: dict[str, Any], unlisted: int) -> list[Theme]:
    """Themes of the unlisted texts; the report names no person, whether the output is masked or not."""
    mask = Masker().text
    sample, background = ([mask(text) for text in tally.get(name, {}).values()] for name in ("sample", "background"))
    return find_themes(sample, background, unlisted)


def _alone(kind: int, number: int) -> Row:
    """A verdict's own row, drawn in its own colour."""
    split = tuple(number if i == kind else 0 for i in range(len(KINDS)))
    return Row(VERDICT_NAMES[VerdictKind(KINDS[kind])], number, split=split)


def _tabbed(counts: dict[str, int]) -> list[tuple[tuple[str, ...], int]]:
    return [(tuple(key.split("\t")), number) for key, number in _sorted(counts, 200) if "\t" in key]


def _grown(counts: dict[str, int], names: dict[str, str]) -> tuple[list[Growth], str]:
    """Items that grew: the last three months against those before, by month, where it is no accident.

    A rise counts from five orders on and from two and a half standard
    deviations of what the earlier months would let one expect.
    """
    table: defaultdict[str, dict[str, int]] = defaultdict(dict)
    months: set[str] = set()
    for key, number in counts.items():
        month, tab, item = key.partition("\t")
        if tab:
            months.add(month)
            if item in names:
                table[item][month] = number
    ordered = sorted(months)
    if len(ordered) < 2:
        return [], ""
    last = ordered[-3:] if len(ordered) >= 6 else ordered[-1:]
    earlier = [month for month in ordered if month not in last]
    found = []
    for item, by_month in table.items():
        now = sum(by_month.get(month, 0) for month in last)
        before = sum(by_month.get(month, 0) for month in earlier)
        expected = before * len(last) / len(earlier)
        if now >= 5 and now - expected >= 2.5 * math.sqrt(max(expected, 1.0)):
            found.append(Growth(item, names[item], before / len(earlier), now / len(last)))
    found.sort(key=lambda g: (-(g.now - g.before), g.item))
    when = f"{last[0]} 至 {last[-1]}" if len(last) > 1 else last[0]
    return found[:15], f"{when} 与 {earlier[0]} 至 {earlier[-1]} 相比（月均）"
