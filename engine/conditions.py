"""Conditions over concepts, compiled to concept indexes: departments, hints, urgency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.model import When

__all__ = ["Condition"]


@dataclass(frozen=True, slots=True)
class Condition:
    """A `When` over concept indexes.

    Attributes:
        groups: Every group must be met by one of its concepts.
        none: None of these may be present.
    """

    groups: tuple[frozenset[int], ...]
    none: frozenset[int]

    @classmethod
    def of(cls, when: When, number: Mapping[str, int]) -> Condition:
        """Compile a condition; `number` gives the index of each concept name."""
        groups = [frozenset([number[e]] if isinstance(e, str) else [number[n] for n in e]) for e in when.all]
        if when.any:
            groups.append(frozenset(number[n] for n in when.any))
        return cls(tuple(groups), frozenset(number[n] for n in when.none))

    def holds(self, concepts: frozenset[int]) -> bool:
        """Whether the condition holds for the concepts found."""
        for group in self.groups:
            if group.isdisjoint(concepts):
                return False
        return self.none.isdisjoint(concepts)
