"""Find a pack's concepts in a normalised text (second step; `concepts.pyx`)."""

from collections.abc import Sequence
from typing import NamedTuple

from engine.model import Concept

__all__ = ["GAP", "Hit", "PhraseIndex", "Scan", "clause_bounds"]

GAP: int
"""Most characters between the two halves of a gap phrase."""

class Hit(NamedTuple):
    """One concept at one place of the normalised text.

    Attributes:
        concept: Index of the concept in the pack.
        start, end: Characters of the normalised text, end exclusive.
        ambiguous: Counts only where jieba sees a word boundary on both sides.
    """

    concept: int
    start: int
    end: int
    ambiguous: bool

def clause_bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """The span between the punctuation marks around `start:end`, at most a few words wide."""

class Scan:
    """What one pass over a text found.

    Attributes:
        index: What looked for it.
        text: The normalised text.
    """

    index: PhraseIndex
    text: str

    @property
    def concepts(self) -> frozenset[int]:
        """Concepts that are surely there."""
    @property
    def ambiguous(self) -> frozenset[int]:
        """Concepts seen only in words that jieba has yet to confirm."""
    def hits(self) -> list[Hit]:
        """Every concept with its place, in the order of the text."""

class PhraseIndex:
    """All phrases of a pack in one trie.

    Args:
        concepts: The pack's concepts; their order gives the concept indexes.
            Phrases are in normalised form (loading a pack sees to it).

    Attributes:
        names: The concepts' names, by index.

    Thread use: not safe, as the Router that has it.
    """

    names: tuple[str, ...]

    def __init__(self, concepts: Sequence[Concept]) -> None: ...
    @property
    def patterns(self) -> tuple[str, ...]:
        """Every phrase that is looked for, the halves of gap phrases apart."""
    def scan(self, text: str) -> Scan:
        """Find which concepts a normalised text holds."""
    def confirmed(self, text: str, hit: Hit) -> bool:
        """Whether jieba, cutting the words around an ambiguous hit, sees it as whole words."""
    def warm_up(self) -> None:
        """Read jieba's dictionary now rather than with the first text that needs it."""
