"""Conditions over concepts, compiled to concept indexes: departments, hints, urgency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine.facts import Passage
from engine.model import When

__all__ = ["Condition", "FirstThatHolds"]

Value = TypeVar("Value")


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


class FirstThatHolds(Generic[Value]):
    """Values with conditions, of which the first that holds is wanted; most never come near holding.

    Args:
        pairs: Conditions with at least one group, and what each stands for, in order.
    """

    def __init__(self, pairs: Sequence[tuple[Condition, Value]]) -> None:
        self._pairs = tuple(pairs)
        self._by_concept: dict[int, list[int]] = {}
        for position, (condition, _) in enumerate(self._pairs):
            for concept in condition.groups[0]:
                self._by_concept.setdefault(concept, []).append(position)
        self._watched = bytes([concept in self._by_concept for concept in range(max(self._by_concept, default=-1) + 1)])

    def find(self, parts: Iterable[Passage]) -> Value | None:
        """The value of the first condition that holds in a passage, in the order of the text; None without one."""
        for part in parts:
            if part.touches(self._watched):
                concepts = part.concepts
                near = [self._by_concept.get(concept, ()) for concept in concepts]
                for position in sorted({position for positions in near for position in positions}):
                    condition, value = self._pairs[position]
                    if condition.holds(concepts):
                        return value
        return None
