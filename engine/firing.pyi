"""Find which clauses fire for the concepts of a passage (fourth step; `firing.pyx`)."""

from collections.abc import Sequence

from engine.concepts import PhraseIndex
from engine.facts import Passage
from engine.rulesets import CompiledClause, CompiledItem, Evaluator

__all__ = ["Fired", "Firing"]

class Fired:
    """One clause that held in one passage.

    Attributes:
        index: The clause's number in the pack.
        item: Index of its item.
        strong: False for supporting evidence.
        score: How specifically the clause, by the concepts found, speaks of its item.
        passage: Where it held.
    """

    index: int
    item: int
    strong: bool
    score: float
    passage: Passage

    @property
    def clause(self) -> CompiledClause:
        """The clause itself."""

class Firing:
    """Passages in, fired clauses out.

    Args:
        items: Compiled items.
        index: What finds the concepts, for their names and jieba's word borders.
        evaluator: What decides; durable-rules unless told otherwise.
        cache_size: Most answers of the evaluator that are remembered.

    Attributes:
        weight: Specificity of each concept that a clause asks for.

    Thread use: not safe. Each thread or process has its own.
    """

    items: tuple[CompiledItem, ...]
    clauses: tuple[CompiledClause, ...]
    weight: dict[int, float]

    def __init__(
        self,
        items: Sequence[CompiledItem],
        index: PhraseIndex,
        evaluator: Evaluator | None = None,
        cache_size: int = 200_000,
    ) -> None: ...
    def fire(self, part: Passage) -> list[Fired]:
        """The clauses that fire in a passage, by number.

        Ambiguous words of the passage are settled first: those on which no
        clause depends are accepted, the others where jieba sees a word.

        Raises:
            ValueError: The passage was found with another index.
        """
    def candidates(self, concepts: frozenset[int]) -> set[int]:
        """Items with a clause whose positive conditions are all met.

        Raises:
            IndexError: There is no such concept.
        """
    def held(self, concepts: frozenset[int]) -> tuple[int, ...]:
        """Numbers of the clauses that fire for a set of concepts, ascending."""
    def remembered(self) -> int:
        """How many answers of the evaluator are remembered."""
