"""Order the items that fired so that the first answers for the matter (fifth step; `arbitrate.pyx`)."""

from collections.abc import Sequence

from engine.firing import Fired, Firing
from engine.model import Item

__all__ = ["LIFT", "Arbiter", "Ranked", "rank"]

LIFT: float
"""How far an override lifts its item above the one it names, in specificity."""

class Ranked:
    """One item that fired, with what speaks for it.

    Attributes:
        item: Index of the item.
        score: Its specificity after overrides.
        strong: At least one strong clause fired.
        best: The most specific clause and its passage.
        fired: All of its clauses that fired, the most specific first.
        overridden: Another item declared itself over this one.
        cover: Share of the passage that the best clause accounts for; worked
            out for the first few only.
    """

    item: int
    score: float
    strong: bool
    fired: list[Fired]
    overridden: bool
    cover: float

    @property
    def best(self) -> Fired: ...
    @property
    def beaten(self) -> str:
        """Why the item does not answer, empty for the first."""
    def span(self) -> tuple[int, int]:
        """From the first to the last word that met the best clause, in the normalised text."""
    def words(self, most: int) -> list[tuple[int, int, int]]:
        """Concept, start and end of the words that met the best clause, at most so many.

        In the order of the text; the longest where phrases of one concept overlap.
        """
    def measure(self) -> None:
        """Work out `cover`: how much of the passage the best clause accounts for."""

def rank(ranked: Ranked) -> tuple[bool, float, int]:
    """The order of items: strong before supporting evidence, then specificity."""

class Arbiter:
    """Ranks the items whose clauses fired.

    Args:
        items: The pack's items, by index.
        firing: What fired their clauses.

    Source: docs/decisions/0004-arbitration.md
    """

    def __init__(self, items: Sequence[Item], firing: Firing) -> None: ...
    def arbitrate(self, fired: Sequence[Fired]) -> list[Ranked]:
        """Rank the items of clauses that held.

        Args:
            fired: Clauses that held, passage by passage; may be empty.

        Returns:
            Winner first; each loser says what beat it. Empty in, empty out.

        Raises:
            ValueError: A clause was fired by other rules.
        """
