"""Choose the department within an item, after the item has won.

Sixth step: arbitrate -> **departments** -> verdict. The first entry of the
item's `departments` that fits names the lead units; without one, all of the
item's departments are possible and the text could not settle it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.conditions import Condition
from engine.model import Item, Kind, Office, OfficialItem
from engine.units import UnitRegister

__all__ = ["Departments", "Lead"]


@dataclass(frozen=True, slots=True)
class Lead:
    """Lead units of an item for one text, first choice first.

    Attributes:
        units: Printed names.
        certain: False where the text could not settle which department is meant.
    """

    units: tuple[str, ...]
    certain: bool


class Departments:
    """Names the units that answer for a text within an item.

    Args:
        items: The rules, by item index.
        official: Their rows, in the same order.
        number: Concept indexes by name.
        register: For the printed names.
        town: Printed name of the town, which leads the basic items.
        offices: Offices inside the town; a basic item that one of them
            handles names the office instead of the town.
    """

    def __init__(
        self,
        items: Sequence[Item],
        official: Sequence[OfficialItem],
        number: Mapping[str, int],
        register: UnitRegister,
        town: str,
        offices: Sequence[Office] = (),
    ) -> None:
        handled = {category: office.office for office in reversed(offices) for category in office.categories}
        handled |= {item: office.office for office in reversed(offices) for item in office.items}
        self._entries: list[list[tuple[Condition, Lead]]] = []
        self._otherwise: list[Lead] = []
        for item, row in zip(items, official, strict=True):
            if row.kind is Kind.BASIC:
                fallback = Lead((handled.get(row.id) or handled.get(row.category) or town,), True)
            else:
                settled = row.kind is Kind.RECLAIMED or (len(row.departments) < 2 and not item.departments)
                fallback = Lead(row.departments, settled)
            entries = []
            for rule in item.departments:
                printed = tuple(name for name in map(register.resolve, rule.units) if name is not None)
                if rule.otherwise:
                    fallback = Lead(printed, True)
                else:
                    entries.append((Condition.of(rule.condition(), number), Lead(printed, True)))
            self._entries.append(entries)
            self._otherwise.append(fallback)

    def settled(self, item: int) -> Lead | None:
        """The units of an item for which the text makes no difference; None where it does."""
        return None if self._entries[item] else self._otherwise[item]

    def lead(self, item: int, near: frozenset[int], whole: frozenset[int]) -> Lead:
        """The units that answer for this text.

        Args:
            item: Index of the item that won.
            near: Concepts of the passage that decided; looked at first.
            whole: Concepts of the whole text.
        """
        entries = self._entries[item]
        if entries:
            for concepts in (near, whole) if near != whole else (whole,):
                for condition, lead in entries:
                    if condition.holds(concepts):
                        return lead
        return self._otherwise[item]
