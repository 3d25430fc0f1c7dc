"""Find items by the list's own words."""

from __future__ import annotations

import math
from collections import Counter

from engine.model import OfficialItem, Pack
from engine.normalise import normalise

__all__ = ["search_official"]


def _grams(text: str) -> Counter[str]:
    return Counter(text[i : i + 2] for i in range(len(text) - 1))


def search_official(pack: Pack, words: str, most: int = 10) -> list[OfficialItem]:
    """Items whose official text holds the words, best first.

    Args:
        pack: The pack.
        words: What to look for, separated by blanks.
        most: How many at most.

    Returns:
        Items that hold every word come first; then those that share most of
        the words' character pairs. Items that share none are left out.

    Raises:
        InputError: The words are empty.
    """
    wanted = [normalise(word).text for word in words.split()] or [normalise(words).text]
    pairs = Counter[str]()
    for word in wanted:
        pairs.update(_grams(word) or Counter([word]))
    documents = [
        normalise(" ".join((r.category, r.name, *(d.text for d in r.duties), *r.town_duties, r.takeover))).text
        for r in pack.official
    ]
    rarity = {p: math.log((len(documents) + 1) / (0.5 + sum(p in d for d in documents))) for p in pairs}
    scored: list[tuple[float, int]] = []
    for i, document in enumerate(documents):
        name = normalise(pack.official[i].name).text
        exact = sum(word in document for word in wanted)
        value = 10.0 * (exact == len(wanted)) + 3.0 * sum(word in name for word in wanted)
        value += sum(rarity[p] * (1.0 + (p in name)) for p in pairs if p in document)
        if any(p in document for p in pairs):
            scored.append((-value, i))
    return [pack.official[i] for _, i in sorted(scored)[:most]]
