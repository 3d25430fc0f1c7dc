"""The same pack several times over, with other words: how cost grows with rules.

Each copy has all items, clauses and concepts of the pack under new numbers and
names; its phrases are the pack's with every character exchanged for another
that phrases use, so that they are as many, as long and as common as the real
ones, but say something else.
"""

from __future__ import annotations

import random
from typing import Any

from engine.model import Concept, Item, OfficialItem, Pack

__all__ = ["multiplied"]

_STEP = 200


def multiplied(pack: Pack, times: int, seed: int = 11) -> Pack:
    """A pack with `times` as many items and concepts.

    Args:
        pack: The original; it stays the first of the copies.
        times: How many copies in all, at most 40.
        seed: For the exchanged characters.
    """
    characters = sorted({c for concept in pack.concepts for phrase in concept.phrases for c in phrase if c > "\u4e00"})
    official, concepts, items = list(pack.official), list(pack.concepts), list(pack.items)
    for copy in range(1, times):
        shuffled = characters.copy()
        random.Random(seed + copy).shuffle(shuffled)
        table = str.maketrans(dict(zip(characters, shuffled, strict=True)))
        official += [_official(row, copy) for row in pack.official]
        concepts += [_concept(concept, copy, table) for concept in pack.concepts]
        items += [_item(item, copy) for item in pack.items]
    return pack.model_copy(
        update={"official": tuple(official), "concepts": tuple(concepts), "items": tuple(items), "hash": f"{pack.hash}x{times}"}
    )


def _id(item: str, copy: int) -> str:
    return f"{item[0]}{int(item[1:]) + _STEP * copy}"


def _name(concept: str, copy: int) -> str:
    return f"{concept}_{copy}"


def _official(row: OfficialItem, copy: int) -> OfficialItem:
    return row.model_copy(update={"id": _id(row.id, copy), "number": row.number + _STEP * copy})


def _concept(concept: Concept, copy: int, table: dict[int, str]) -> Concept:
    return concept.model_copy(
        update={
            "concept": _name(concept.concept, copy),
            "parts": tuple(_name(part, copy) for part in concept.parts),
            **{field: tuple(p.translate(table) for p in getattr(concept, field)) for field in ("phrases", "words", "unless")},
        }
    )


def _renamed(value: Any, copy: int) -> Any:
    """Names of concepts in conditions, however they are nested."""
    if isinstance(value, str):
        return _name(value, copy)
    return tuple(_renamed(inner, copy) for inner in value)


def _item(item: Item, copy: int) -> Item:
    clauses = tuple(
        clause.model_copy(
            update={
                name: _renamed(getattr(clause, name), copy) for name in ("all", "any", "acts", "at", "who", "none", "support")
            }
        )
        for clause in item.match
    )
    departments = []
    for rule in item.departments:
        when = rule.when
        if when is not None:
            when = (
                _renamed(when, copy)
                if isinstance(when, tuple)
                else when.model_copy(update={name: _renamed(getattr(when, name), copy) for name in ("all", "any", "none")})
            )
        departments.append(rule.model_copy(update={"when": when}))
    over = tuple(edge.model_copy(update={"item": _id(edge.item, copy)}) for edge in item.over)
    return item.model_copy(
        update={"item": _id(item.item, copy), "match": clauses, "departments": tuple(departments), "over": over, "examples": ()}
    )
