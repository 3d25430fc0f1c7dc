"""Choose the department within an item, after the item has won.

Sixth step. The first entry of the item's `departments` that fits names the
lead units; without one, all of the item's departments are possible.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.model import Item, Kind, OfficialItem, When
from engine.units import UnitRegister

__all__ = ["Lead", "choose_departments", "holds"]


class Lead:
    """Lead units of an item for one text, and whether the text settled them."""

    __slots__ = ("certain", "units")

    def __init__(self, units: tuple[str, ...], certain: bool) -> None:
        self.units = units
        self.certain = certain


def holds(when: When, concepts: frozenset[str]) -> bool:
    """Whether a condition over concept names holds for the concepts found."""
    for entry in when.all:
        wanted = {entry} if isinstance(entry, str) else set(entry)
        if wanted.isdisjoint(concepts):
            return False
    if when.any and concepts.isdisjoint(when.any):
        return False
    return concepts.isdisjoint(when.none)


def choose_departments(
    item: Item, official: OfficialItem, near: frozenset[str], whole: frozenset[str], register: UnitRegister, town: str
) -> Lead:
    """Name the units that answer for this text.

    Args:
        item: The item's rule.
        official: Its row.
        near: Concepts of the passage that decided.
        whole: Concepts of the whole text.
        register: For the printed names.
        town: Printed name of the town, which leads B items.

    Returns:
        The units, first choice first; `certain` is False where the text could
        not settle which department is meant.
    """
    if official.kind is Kind.BASIC:
        return Lead((town,), True)
    if official.kind is Kind.RECLAIMED or len(official.departments) < 2:
        return Lead(official.departments, True)
    for concepts in (near, whole):
        for rule in item.departments:
            if not rule.otherwise and holds(rule.condition(), concepts):
                return Lead(_printed(rule.units, register), True)
    for rule in item.departments:
        if rule.otherwise:
            return Lead(_printed(rule.units, register), True)
    return Lead(official.departments, False)


def _printed(units: Sequence[str], register: UnitRegister) -> tuple[str, ...]:
    return tuple(name for name in map(register.resolve, units) if name is not None)


