"""From hits to facts: which concepts stand together in one passage (third step; `facts.pyx`)."""

from engine.concepts import Scan

__all__ = ["PASSAGE", "Passage", "passages"]

PASSAGE: int
"""Most characters of one passage; a text up to this long is one passage."""

class Passage:
    """A stretch of the normalised text and the concepts that stand in it.

    Attributes:
        scan: What was found in the whole text.
        start, end: Characters of the normalised text, end exclusive.
    """

    scan: Scan
    start: int
    end: int

    @property
    def concepts(self) -> frozenset[int]:
        """Concepts found inside; ambiguous ones only once confirmed (`Firing.fire` does)."""
    @property
    def ambiguous(self) -> frozenset[int]:
        """Concepts that jieba has yet to confirm."""
    def touches(self, watched: bytes) -> bool:
        """Whether one of its concepts is watched: has a byte that is not 0 at its index."""

def passages(scan: Scan) -> list[Passage]:
    """Divide a text into overlapping passages of whole sentences.

    Args:
        scan: What was found in the normalised text.

    Returns:
        Passages that hold a concept, in the order of the text. Each is at most
        `PASSAGE` characters and none lies within another.
    """
