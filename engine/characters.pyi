"""Exchange the characters of a text, and tell whether it needs a closer look (`characters.pyx`)."""

from collections.abc import Iterable, Mapping

__all__ = ["CharacterTable"]

class CharacterTable:
    """Characters to exchange and to look out for.

    Args:
        exchanges: Codes of characters that become others.
        unusual: Characters, after exchanging, for which a text needs a closer look.
    """

    def __init__(self, exchanges: Mapping[int, int], unusual: Iterable[str]) -> None: ...
    def exchange(self, text: str) -> str | None:
        """The text with its characters exchanged, as long as before.

        None if it needs a closer look: it holds an unusual character, one
        beyond the basic plane, or half of one.
        """
