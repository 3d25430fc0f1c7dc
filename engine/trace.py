"""What was looked at on the way to one verdict: the record that rendering and explaining read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.arbitrate import Ranked
from engine.concepts import Scan
from engine.facts import Passage
from engine.model import Hint
from engine.normalise import Normalised

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Trace"]


@dataclass(slots=True)
class Trace:
    """Everything that was looked at on the way to one verdict.

    Attributes:
        normalised, scan, passages, ranked: What each step found.
        chances: Of the items and last of "not on the list", if the second reader was asked.
        order: Items by what speaks for them, best first, if it was asked.
        chosen: Index of the item that answers; None off the list.
        doubtful: The confidence is below the one from which nobody need look.
        hint: A matter that the pack knows to be outside the list.
    """

    normalised: Normalised
    scan: Scan
    passages: list[Passage]
    ranked: list[Ranked]
    chances: np.ndarray[Any, np.dtype[np.float32]] | None = None
    order: list[int] = field(default_factory=list)
    chosen: int | None = None
    decided_by: str = "none"
    confidence: float = 0.0
    doubtful: bool = True
    reclaimed_items: Sequence[int] = ()
    hint: Hint | None = None

    @property
    def concepts(self) -> frozenset[int]:
        """Concepts of the whole text, after doubtful words were confirmed or dropped."""
        if len(self.passages) == 1:
            return self.passages[0].concepts
        return frozenset().union(*(part.concepts for part in self.passages))
