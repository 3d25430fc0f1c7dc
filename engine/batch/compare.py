"""What changes between two results, or between two packs over the same texts.

The dry run before a pack is published: which orders get another verdict, item
or unit, how many, and the rule that did it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.batch.columns import ADDED, CHINESE, find_by_name
from engine.batch.decoding import Rows, read_task
from engine.batch.options import Options
from engine.batch.routed import Routed, routed
from engine.batch.sources import open_sources
from engine.batch.tables import PartInfo, cell_text
from engine.errors import BatchError, InputError
from engine.model import Pack, VerdictKind
from engine.reasons import VERDICT_NAMES
from engine.router import Router

__all__ = ["Change", "Comparison", "Outcome", "compare_packs", "compare_results", "text_rows"]

_KEYS = ("id", "工单编号", "编号", "工单号", "单号", "诉求编号", "受理编号", "流水号", "序号")
_VERDICTS = {name: kind.value for kind, name in VERDICT_NAMES.items()}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one side says of an order."""

    verdict: str | None
    item: str | None
    leads: str
    clause: str | None
    error: str | None = None

    @classmethod
    def of(cls, routed: Routed) -> Outcome:
        """The outcome of a routed row."""
        return cls(routed.verdict, routed.item_id, "、".join(routed.lead_units), routed.clause, routed.error)


@dataclass(frozen=True, slots=True)
class Change:
    """An order on which the two sides differ, and why."""

    key: str
    text: str
    old: Outcome
    new: Outcome
    cause: str


@dataclass(slots=True)
class Comparison:
    """Counts of a comparison, and the changes that were kept to be listed."""

    same: int = 0
    only_old: int = 0
    only_new: int = 0
    verdict: Counter[tuple[str, str]] = field(default_factory=Counter)
    item: Counter[tuple[str, str]] = field(default_factory=Counter)
    unit: Counter[tuple[str, str]] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)
    changed: int = 0

    def add(self, key: str, text: str, old: Outcome, new: Outcome, cause: str) -> Change | None:
        """Count one order; answer its change, if there is one."""
        if (old.verdict, old.item, old.leads) == (new.verdict, new.item, new.leads):
            self.same += 1
            return None
        self.changed += 1
        if old.verdict != new.verdict:
            self.verdict[(old.verdict or "", new.verdict or "")] += 1
        if old.item != new.item:
            self.item[(old.item or "", new.item or "")] += 1
        elif old.leads != new.leads:
            self.unit[(old.leads, new.leads)] += 1
        self.causes[cause] += 1
        return Change(key, text, old, new, cause)


def text_rows(source: str, options: Options) -> Iterator[tuple[str, str | None, str | None]]:
    """Key, text and category of every row of an input; rows that cannot be read are passed over."""
    parts, _ = open_sources(options, keys=False)
    for part in parts:
        info = part.info
        key = find_by_name(info.columns, _KEYS)
        number = 0
        for task in part.tasks({}):
            rows = read_task(task, info)
            texts = rows.texts(info)
            keys = rows.column(key, info) if key is not None else None
            categories = rows.column(info.category, info) if info.category is not None else None
            for i, text in enumerate(texts):
                number += 1
                named = cell_text(keys[i]) if keys is not None else ""
                if i not in rows.errors and isinstance(text, str):
                    category = cell_text(categories[i]) if categories is not None else None
                    yield named or f"{info.name} 第 {number} 条", text, category or None


def compare_packs(
    old: Pack, new: Pack, rows: Iterator[tuple[str, str | None, str | None]], *, rules_only: bool = False
) -> Iterator[tuple[Comparison, Change | None]]:
    """Route the same texts with two packs.

    Args:
        old, new: The packs.
        rows: Key, text and category, as `text_rows` yields them.
        rules_only: Without the second readers.

    Yields:
        The growing comparison, and the change of this row if there is one.
    """
    reader = False if rules_only else None
    left, right = Router(old, reader=reader), Router(new, reader=reader)
    total = Comparison()
    for key, text, category in rows:
        if text is None:
            continue
        try:
            before = Outcome.of(routed(left, text, category))
        except InputError:
            continue
        after = Outcome.of(routed(right, text, category))
        cause = "" if before == after else _cause(right, text, category, before, after)
        yield total, total.add(key, text, before, after, cause)


def _cause(router: Router, text: str, category: str | None, old: Outcome, new: Outcome) -> str:
    """The rule that made the difference, read from the trace of the new pack."""
    if old.item == new.item:
        return f"{new.item}：主办单位的选择变了"
    trace = router.trace(text, category=category)
    fired = {
        f"{router.items[ranked.item].item}/{one.clause.source.id}": ranked.beaten
        for ranked in trace.ranked
        for one in [ranked.best]
    }
    said = f"{new.clause} 成立" if new.clause else ("第二读者改判" if new.item else "没有条款成立")
    if old.clause is None:
        return said
    if old.clause not in fired:
        return f"{said}，{old.clause} 不再成立" if new.clause else f"{old.clause} 不再成立"
    beaten = fired[old.clause]
    return f"{said}，{old.clause} 仍成立但{beaten or '不再最明确'}"


class _Result:
    """A result file, read row by row."""

    def __init__(self, source: str, key: str | None) -> None:
        self.source = source
        self.parts, _ = open_sources(Options(source=source, target=""), keys=True)
        self.key = key
        for part in self.parts:
            _positions(part.info, source)

    def rows(self) -> Iterator[tuple[str | None, str, Outcome]]:
        """Key, text and outcome of each row; without a key column the key is None."""
        for part in self.parts:
            info = part.info
            where = _positions(info, self.source)
            if self.key is not None and self.key not in info.columns:
                raise BatchError(f"{self.source}：没有「{self.key}」这一列")
            key = info.columns.index(self.key) if self.key is not None else find_by_name(info.columns, _KEYS)
            for task in part.tasks({}):
                rows = read_task(task, info)
                yield from self._task(rows, info, where, key)

    @staticmethod
    def _task(rows: Rows, info: PartInfo, where: dict[str, int], key: int | None) -> Iterator[tuple[str | None, str, Outcome]]:
        columns = {name: rows.column(position, info) for name, position in where.items()}
        keys = rows.column(key, info) if key is not None else None
        blank: list[Any] = [None] * len(rows)
        for i, text in enumerate(rows.texts(info)):
            verdict = cell_text(columns["verdict"][i])
            outcome = Outcome(
                _VERDICTS.get(verdict, verdict) or None,
                cell_text(columns["item_id"][i]) or None,
                _joined(columns["lead_units"][i]),
                cell_text(columns.get("clause", blank)[i]) or None,
            )
            yield cell_text(keys[i]) if keys is not None else None, cell_text(text), outcome


def _positions(info: PartInfo, source: str) -> dict[str, int]:
    """Where a result's added columns stand, under their English or Chinese names."""
    found = {}
    for name in ADDED:
        for shown in (name, CHINESE[name]):
            if shown in info.columns:
                found[name] = info.columns.index(shown)
    missing = [name for name in ("verdict", "item_id", "lead_units") if name not in found]
    if missing:
        raise BatchError(f"{source}：不是 zhuban batch 的结果，缺少 {'、'.join(missing)} 列")
    return found


def _joined(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, (list, tuple)) else cell_text(value)


def compare_results(old: str, new: str, key: str | None = None) -> Iterator[tuple[Comparison, Change | None]]:
    """Hold two result files against each other.

    Rows belong together by key; without a key column by their order, and then
    their texts must be the same. In files of one order nothing is held in
    memory; otherwise only rows that wait for their other half.

    Yields:
        The growing comparison, and the change found, if any.

    Raises:
        BatchError: A file is no result, or rows without a key do not belong together.
    """
    left, right = _Result(old, key).rows(), _Result(new, key).rows()
    total = Comparison()
    waiting: tuple[dict[str, tuple[str, Outcome]], dict[str, tuple[str, Outcome]]] = ({}, {})
    number = 0
    while True:
        one, two = next(left, None), next(right, None)
        if one is None and two is None:
            break
        number += 1
        if one is not None and two is not None and (one[0] is None or two[0] is None):
            if one[1] != two[1]:
                raise BatchError(f"第 {number} 行两边的文本不同，又没有编号列可对；请用 --key 指明编号列")
            yield total, total.add(f"第 {number} 行", one[1], one[2], two[2], _clauses(one[2], two[2]))
            continue
        for side, row in enumerate((one, two)):
            if row is None:
                continue
            name = row[0] if row[0] is not None else f"第 {number} 行"
            other = waiting[1 - side].pop(name, None)
            if other is None:
                waiting[side][name] = (row[1], row[2])
                continue
            before, after = (other[1], row[2]) if side else (row[2], other[1])
            yield total, total.add(name, row[1], before, after, _clauses(before, after))
    total.only_old, total.only_new = len(waiting[0]), len(waiting[1])
    yield total, None


def _clauses(old: Outcome, new: Outcome) -> str:
    if old.item == new.item:
        return f"{new.item}：主办单位的选择变了"
    return f"{old.clause or '无条款'} → {new.clause or '无条款'}"


def is_pack(name: str) -> bool:
    """Whether a name means a rule pack rather than a file."""
    from engine.pack import default_folder

    path = Path(name)
    return (path / "pack.yaml").is_file() or (not path.exists() and (default_folder() / name / "pack.yaml").is_file())


def verdict_name(verdict: str) -> str:
    """A verdict's Chinese name; an empty one is a row that could not be read."""
    return VERDICT_NAMES[VerdictKind(verdict)] if verdict else "（坏行）"


def change_cells(change: Change) -> Sequence[str]:
    """A change as one line of a table."""
    return (
        change.key,
        change.text,
        verdict_name(change.old.verdict or ""),
        change.old.item or "",
        change.old.leads,
        verdict_name(change.new.verdict or ""),
        change.new.item or "",
        change.new.leads,
        change.cause,
    )
