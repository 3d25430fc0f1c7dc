"""The arithmetic of the second reader and of weighing it against what fired (`scoring.pyx`)."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.arbitrate import Ranked
from engine.concepts import Scan

__all__ = ["Scorer", "weigh"]

class Scorer:
    """Chances of the classes for a text.

    Args:
        codes: Character 1- and 2-grams, 32 bits for each character; their order is that of the rows.
        gram_idf: Weight of each gram.
        concept_idf: Weight of each concept row.
        scale: What one step of each row's weights stands for.
        bias: Of each class.
        weights: One byte for each row (grams, then concepts) and class.
        rows: Concept row of each of the pack's concepts, or -1.
        concept_share: Length of the concept half of a text's vector, the character half being 1.
        temperature: What scores are multiplied by before they become chances.

    Raises:
        ValueError: The arrays do not belong together.

    Thread use: not safe.
    """

    def __init__(
        self,
        codes: np.ndarray[Any, np.dtype[np.uint64]],
        gram_idf: np.ndarray[Any, np.dtype[np.float32]],
        concept_idf: np.ndarray[Any, np.dtype[np.float32]],
        scale: np.ndarray[Any, np.dtype[np.float32]],
        bias: np.ndarray[Any, np.dtype[np.float32]],
        weights: np.ndarray[Any, np.dtype[np.int8]],
        rows: np.ndarray[Any, np.dtype[np.int32]],
        concept_share: float,
        temperature: float,
    ) -> None: ...
    def chances(self, scan: Scan) -> np.ndarray[Any, np.dtype[np.float32]]:
        """The chance of each class, then a zero; they sum to 1.

        A long text is read in overlapping windows whose chances are multiplied.

        Raises:
            ValueError: The text was scanned with another lexicon.
        """

def weigh(
    chances: np.ndarray[Any, np.dtype[np.float32]],
    ranked: Sequence[Ranked],
    reclaimed: Sequence[int],
    *,
    reader: float,
    unlisted: float,
    strong: float,
    supporting: float,
    fired: float,
    cover: float,
    cap: float,
    reclaimed_loss: float,
    most: int,
) -> tuple[list[int], int, float]:
    """Weigh what the reader and the rules say, in logits.

    Args:
        chances: Of the items, and last of "not on the list".
        ranked: What fired.
        reclaimed: Items that lose `reclaimed_loss`.
        reader, unlisted, strong, supporting, fired, cover, cap: See `engine/calibration.py`.
        most: Items wanted.

    Returns:
        The best items in order; the index of the best of all, `len(chances) - 1`
        for "not on the list"; and its share of the whole, 0 to 1.
    """
