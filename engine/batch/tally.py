"""What a batch counts: the closing summary and everything the report shows.

Each task counts for itself; the counts are plain dictionaries that add up in
any grouping, so that the figures are the same for any number of processes and
after any interruption. They hold no text but a small, fixed sample of unlisted
ones, chosen by content, from which the report finds themes.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from engine.batch.columns import unit_like
from engine.batch.routed import Routed
from engine.units import UnitRegister

__all__ = ["SAMPLE", "Tally", "add_up", "month_of"]

SAMPLE = 2_000
"""Unlisted texts kept for the themes, and as many listed ones to hold them against."""

_SAMPLES = frozenset({"sample", "background"})
_MOST_KEYS = 5_000
_MONTH = re.compile(r"^\s*(\d{4})\s*[-/.年]?\s*(\d{1,2})(?!\d{3})")

_WHERE = re.compile(r"^.*?(?::\d+|第 \d+ 行(?:起第 \d+ 条)?) ")


def _fault(error: str) -> str:
    """The kind of a fault, without its place and without what the row holds."""
    return re.split("[，（]", _WHERE.sub("", error, count=1))[0][:40]


def month_of(value: object) -> str | None:
    """`2025-07` from a date as people and machines write it, else None."""
    found = _MONTH.match(str(value)) if value is not None else None
    if not found or not 1900 < int(found[1]) < 2200 or not 1 <= int(found[2]) <= 12:
        return None
    return f"{found[1]}-{int(found[2]):02d}"


class Tally:
    """Counts the rows of one task.

    Args:
        register: The pack's units, for what `--handled-by` says.
        town: The town's printed name.
        full: Everything the report needs, not the summary alone.
    """

    def __init__(self, register: UnitRegister, town: str, full: bool) -> None:
        self.register, self.town, self.full = register, town, full
        self._town_names = {town, town.removesuffix("人民政府"), "本镇", "镇", "镇政府", "乡镇", "镇人民政府", "本乡", "乡政府"}
        short = {town[-n:] for n in range(2, len(town) + 1)}
        self._town_names |= short | {name + office for name in short for office in ("政府", "人民政府")}

    def count(
        self,
        answers: Sequence[Routed],
        texts: Sequence[Any],
        dates: Sequence[Any] | None,
        places: Sequence[Any] | None,
        handled: Sequence[Any] | None,
    ) -> dict[str, Any]:
        """The counts of one task's rows."""
        counts: dict[str, Any] = {"rows": len(answers)}
        good = [answer for answer in answers if answer.error is None]
        _count(counts, "bad", [_fault(answer.error) for answer in answers if answer.error is not None])
        _count(counts, "verdict", [answer.verdict for answer in good])
        _count(counts, "review", [answer.verdict for answer in good if answer.needs_review])
        _count(counts, "urgent", [answer.verdict for answer in good if answer.urgent])
        if not self.full:
            return counts
        for i, answer in enumerate(answers):
            if answer.error is None:
                self._row(counts, answer, dates[i] if dates else None, places[i] if places else None)
                if handled is not None:
                    self._handled(counts, answer, handled[i])
        for name, unlisted in (("sample", True), ("background", False)):
            counts[name] = _bottom(
                {
                    _key(str(text)): str(text)[:200]
                    for text, answer in zip(texts, answers, strict=True)
                    if answer.error is None and (answer.verdict == "unlisted") is unlisted
                }
            )
        return counts

    def _row(self, counts: dict[str, Any], answer: Routed, date: object, place: object) -> None:
        item = answer.item_id or "—"
        _one(counts, "item", item)
        _one(counts, "category", answer.category or "—")
        for unit in answer.lead_units[:1]:
            _one(counts, "unit", unit)
        month = month_of(date)
        if month:
            _one(counts, "month", f"{month}\t{answer.verdict}")
            _one(counts, "month_item", f"{month}\t{item}")
        if place not in (None, ""):
            _one(counts, "place", f"{str(place).strip()[:30]}\t{answer.verdict}")

    def unit_of(self, written: str) -> str | None:
        """The printed name of a unit as the file writes it; the town by any of its names."""
        name = written.strip().replace(" ", "")
        if name in self._town_names:
            return self.town
        return self.register.resolve(name)

    def _handled(self, counts: dict[str, Any], answer: Routed, written: object) -> None:
        said = str(written or "").strip()
        if not said:
            _one(counts, "handled", "blank")
            return
        unit = self.unit_of(said)
        item = answer.item_id or "—"
        if unit is None:
            _one(counts, "handled", "unknown")
            _one(counts, "unknown_unit", said if unit_like(said) else "（不像单位名称）")
        elif answer.verdict in ("unlisted", "abolished"):
            _one(counts, "handled", "open")
        elif unit in answer.lead_units:
            _one(counts, "handled", "agree")
        elif unit == self.town:
            _one(counts, "handled", "town")
            _one(counts, "town_did", f"{item}\t{'、'.join(answer.lead_units)}")
        else:
            _one(counts, "handled", "other")
            _one(counts, "other_did", f"{item}\t{unit}\t{'、'.join(answer.lead_units)}")


def _count(counts: dict[str, Any], table: str, keys: Sequence[str | None]) -> None:
    if keys:
        counts[table] = dict(Counter(key or "" for key in keys))


def _one(counts: dict[str, Any], table: str, key: str) -> None:
    inner = counts.setdefault(table, {})
    inner[key] = inner.get(key, 0) + 1


def _key(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _bottom(sample: dict[str, str]) -> dict[str, str]:
    """The texts with the smallest digests: a sample that does not depend on order or grouping."""
    return {key: sample[key] for key in sorted(sample)[:SAMPLE]}


def add_up(total: dict[str, Any], part: dict[str, Any]) -> None:
    """Add one task's counts to the total."""
    for table, value in part.items():
        if table in _SAMPLES:
            total[table] = _bottom({**total.get(table, {}), **value})
        elif isinstance(value, dict):
            inner = total.setdefault(table, {})
            for key, number in value.items():
                if key in inner or len(inner) < _MOST_KEYS:
                    inner[key] = inner.get(key, 0) + number
                else:
                    inner["其他"] = inner.get("其他", 0) + number
        else:
            total[table] = total.get(table, 0) + value
