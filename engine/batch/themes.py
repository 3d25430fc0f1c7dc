"""What the unlisted texts are about: phrases that many of them share, in groups.

Works on the fixed sample that `tally` keeps, so the result does not depend on
order or processes; counts are scaled to all unlisted texts. jieba cuts the
sample into words; words and pairs of neighbouring words that occur in several
texts are phrases; phrases that occur in the same texts are one theme.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

__all__ = ["Theme", "find_themes"]

_HAN = re.compile(r"^[\u4e00-\u9fff]{2,}$")


# Words of one character that only join others.
_FUNCTION = frozenset("的了在说到去把被给就都也还不没是有那这跟和和着过得地啊吗呢吧个能会要想让")


@lru_cache(maxsize=1)
def _empty() -> frozenset[str]:
    """Words that say nothing about a matter."""
    path = Path(__file__).parent.parent / "data" / "empty-words.txt"
    return frozenset(path.read_text(encoding="utf-8").split())


def _phrases(texts: Sequence[str]) -> dict[str, set[int]]:
    """Words and pairs of neighbouring words, with the numbers of the texts they stand in."""
    import logging

    import jieba

    jieba.setLogLevel(logging.ERROR)
    empty = _empty()
    found: defaultdict[str, set[int]] = defaultdict(set)
    for number, text in enumerate(texts):
        words = [word for word in jieba.lcut(text) if word.strip()]
        for word in words:
            if _HAN.match(word) and word not in empty:
                found[word].add(number)
        for left, right in itertools.pairwise(words):
            pair = left + right
            telling = not {left, right} & empty and _FUNCTION.isdisjoint((left, right))
            if telling and _HAN.match(pair) and len(pair) <= 7 and max(len(left), len(right)) > 1:
                found[pair].add(number)
    return found


@dataclass(frozen=True, slots=True)
class Theme:
    """A group of phrases, about how many texts they stand in, and one such text."""

    phrases: tuple[str, ...]
    count: int
    example: str


def find_themes(texts: Sequence[str], background: Sequence[str], total: int, most: int = 12) -> list[Theme]:
    """The themes of a sample of texts.

    Args:
        texts: The sample.
        background: Other texts of the same input: what is as common there is a way of speaking, no theme.
        total: How many texts the sample stands for.
        most: Themes wanted.

    Returns:
        Themes, most frequent first.
    """
    if not texts:
        return []
    texts = sorted(texts)
    found, common = _phrases(texts), _phrases(sorted(background))
    least = max(2, len(texts) // 400)
    scale_down = len(texts) / max(len(background), 1)

    def usual(phrase: str) -> float:
        return (len(common.get(phrase, ())) + 0.5) * scale_down

    phrases = {p: where for p, where in found.items() if len(where) >= least and len(where) >= 2 * usual(p)}
    # A part of a longer phrase that hardly stands anywhere else says nothing of its own.
    for longer in sorted(phrases, key=lambda p: (-len(p), p)):
        if longer not in phrases:
            continue
        for shorter in [p for p in phrases if p != longer and p in longer]:
            if len(phrases[longer]) >= 0.7 * len(phrases[shorter]):
                del phrases[shorter]
    scale = total / len(texts)
    themes: list[Theme] = []
    taken: set[str] = set()
    for phrase in sorted(phrases, key=lambda p: (-len(phrases[p]), p)):
        if phrase in taken or len(themes) >= most:
            continue
        where = phrases[phrase]
        near = Counter({p: len(where & phrases[p]) for p in phrases if p not in taken and p != phrase})
        group = [phrase]
        for other, shared in sorted(near.items(), key=lambda pair: (-pair[1], pair[0])):
            near_enough = shared >= 3 and shared >= 0.6 * len(phrases[other]) and shared >= 0.2 * len(where)
            if near_enough and len(group) < 5:
                group.append(other)
        taken.update(group)
        united = set().union(*(phrases[p] for p in group))
        example = min((texts[i] for i in united), key=lambda t: (abs(len(t) - 30), t))
        themes.append(Theme(tuple(group), round(len(united) * scale), example))
    return sorted(themes, key=lambda theme: (-theme.count, theme.phrases))
