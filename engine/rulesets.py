"""The pack's clauses over concept indexes, and what decides whether they hold.

durable-rules decides: one ruleset for each item. The plain boolean evaluation
is the second implementation that the tests hold it to. Which items are asked,
and what is remembered, stands in `engine/firing.pyx`.

Guards against what durable-rules 2.0.28 gets wrong stand in `compile_ruleset`
(docs/decisions/0001-durable-rules.md).

Thread use: not safe. Each thread or process has its own evaluator.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import durable_rules_engine
from durable.engine import Ruleset

from engine.errors import PackError, Problem
from engine.model import Clause, Item

__all__ = [
    "MAX_CLAUSES",
    "MAX_PROPERTIES",
    "CompiledClause",
    "CompiledItem",
    "DurableEvaluator",
    "Evaluator",
    "PlainEvaluator",
    "compile_items",
    "compile_ruleset",
    "name_hash",
]

MAX_CLAUSES = 100
"""Clauses of one item: far below the 512 entries at which durable-rules' tables fail."""

MAX_PROPERTIES = 255
"""Properties that durable-rules reads in one message."""

_HANDLED = 0  # what the engine answers when a fact met a rule
_RESERVED = frozenset({"id", "sid"})


def name_hash(name: str) -> int:
    """The hash by which durable-rules tells property names apart: FNV-1a, 32 bit, signed bytes."""
    value = 2166136261
    for byte in name.encode():
        value = ((value ^ ((byte - 256 if byte > 127 else byte) & 0xFFFFFFFF)) * 16777619) & 0xFFFFFFFF
    return value


@dataclass(frozen=True, slots=True)
class CompiledClause:
    """A clause over concept indexes.

    Attributes:
        index: Its number in the pack.
        item: Index of its item.
        groups: Every group must be met by one of its concepts.
        none: None of these may be present.
        support: Raise the clause, never needed.
        strong: False for supporting evidence.
        spoken: Every concept that can be evidence: of the groups and supporting.
    """

    index: int
    item: int
    groups: tuple[frozenset[int], ...]
    none: frozenset[int]
    support: frozenset[int]
    strong: bool
    source: Clause
    spoken: frozenset[int]

    @classmethod
    def of(
        cls,
        index: int,
        item: int,
        groups: tuple[frozenset[int], ...],
        none: frozenset[int],
        support: frozenset[int],
        source: Clause,
    ) -> CompiledClause:
        """A clause with what its source says of it."""
        spoken = support.union(*groups)
        return cls(index, item, groups, none, support, source.evidence == "strong", source, spoken)

    def holds(self, concepts: frozenset[int]) -> bool:
        """Plain boolean evaluation."""
        return all(not group.isdisjoint(concepts) for group in self.groups) and self.none.isdisjoint(concepts)


@dataclass(frozen=True, slots=True)
class CompiledItem:
    """The clauses of one item and the concepts they speak of.

    Attributes:
        groups: The distinct any-of groups of its clauses, positive and excluded;
            each is one property of the fact that durable-rules sees.
    """

    id: str
    clauses: tuple[CompiledClause, ...]
    concepts: frozenset[int]
    groups: tuple[frozenset[int], ...]

    @classmethod
    def of(cls, name: str, clauses: Sequence[CompiledClause]) -> CompiledItem:
        """An item with what its clauses speak of."""
        groups = dict.fromkeys(g for clause in clauses for g in (*clause.groups, clause.none) if g)
        return cls(name, tuple(clauses), frozenset().union(*groups) if groups else frozenset(), tuple(groups))


def compile_items(items: Sequence[Item], names: Sequence[str]) -> tuple[CompiledItem, ...]:
    """Turn the pack's clauses into sets of concept indexes, numbered through the pack."""
    number = {name: i for i, name in enumerate(names)}
    compiled: list[CompiledItem] = []
    count = 0
    for i, item in enumerate(items):
        clauses: list[CompiledClause] = []
        for clause in item.match:
            clauses.append(
                CompiledClause.of(
                    count,
                    i,
                    tuple(frozenset(number[n] for n in group) for group in clause.groups()),
                    frozenset(number[n] for n in clause.none),
                    frozenset(number[n] for n in clause.support),
                    clause,
                )
            )
            count += 1
        compiled.append(CompiledItem.of(item.item, clauses))
    return tuple(compiled)


class Evaluator(Protocol):
    """What decides which clauses of an item hold."""

    def fired(self, item: int, met: tuple[int, ...]) -> tuple[int, ...]:
        """Indexes of the item's clauses that hold.

        Args:
            item: Index of the item.
            met: Numbers of its any-of groups that the concepts found meet.
        """
        ...


class PlainEvaluator:
    """Boolean evaluation in Python: the reference that durable-rules is compared with."""

    def __init__(self, items: Sequence[CompiledItem]) -> None:
        self._items = items

    def fired(self, item: int, met: tuple[int, ...]) -> tuple[int, ...]:
        compiled = self._items[item]
        held = {compiled.groups[number] for number in met}
        return tuple(c.index for c in compiled.clauses if held.issuperset(c.groups) and c.none not in held)


def group_key(number: int) -> str:
    """The property name of an item's any-of group: short and ASCII."""
    return f"g{number}"


def compile_ruleset(item: CompiledItem, key: Callable[[int], str] = group_key) -> dict[str, Any]:
    """The durable-rules definition of one item, without actions.

    An any-of group is one property of the fact, not an `$or`: durable-rules
    fires a rule once for every alternative of an `$or` that holds.

    Args:
        item: The item.
        key: Property name of a group by its number.

    Returns:
        Rule name (`r` and the clause's index) to condition.

    Raises:
        PackError: The item breaks a limit of durable-rules: a clause with only
            an absence test (it would fire for ever), too many clauses or
            groups, a reserved name, or two names with one hash.
    """
    problems: list[Problem] = []

    def refuse(place_of: CompiledClause, code: str, message: str) -> None:
        place = place_of.source.place
        problems.append(Problem(place.file, place.line, place.column, code, f"{item.id} {message}"))

    if len(item.clauses) > MAX_CLAUSES:
        refuse(item.clauses[0], "ZB201", f"有 {len(item.clauses)} 条条款，最多 {MAX_CLAUSES} 条")
    if len(item.groups) > MAX_PROPERTIES - len(_RESERVED):
        refuse(item.clauses[0], "ZB202", f"有 {len(item.groups)} 组条件，最多 {MAX_PROPERTIES - len(_RESERVED)} 组；请合并条款")
    names = {group: key(number) for number, group in enumerate(item.groups)}
    hashes: dict[int, str] = {name_hash(name): name for name in _RESERVED}
    for name in names.values():
        other = hashes.get(name_hash(name))
        if other is not None or not name.isascii():
            refuse(item.clauses[0], "ZB203", f"的条件名 {name} 与 {other or '非 ASCII 名'} 在 durable-rules 中无法区分")
        hashes[name_hash(name)] = name
    definition: dict[str, Any] = {}
    for clause in item.clauses:
        if not clause.groups:
            refuse(clause, "ZB204", f"条款 {clause.source.id} 没有正面条件")
            continue
        tests: list[dict[str, Any]] = [{"$ex": {names[group]: 1}} for group in dict.fromkeys(clause.groups)]
        if clause.none:
            tests.append({"$nex": {names[clause.none]: 1}})
        definition[f"r{clause.index}"] = {"all": [{"m": tests[0] if len(tests) == 1 else {"$and": tests}}]}
    if problems:
        raise PackError(problems)
    return definition


class _Host:
    """durable-rules asks a host for named actions; ours are given directly."""

    def get_action(self, action_name: str) -> Any:
        raise KeyError(action_name)


class DurableEvaluator:
    """Asks one durable-rules ruleset for each item, compiled when first needed.

    A text is one fact: the conditions that its concepts meet, as properties.
    It is asserted under one fixed id and state and retracted at once, so
    nothing piles up. `Ruleset.do_actions` would build a closure with a copy of
    the state for every rule that fires; the loop below asks the same engine
    the same questions and only notes the rule's name.
    """

    def __init__(self, items: Sequence[CompiledItem]) -> None:
        self._items = items
        self._rulesets: dict[int, Ruleset] = {}

    def fired(self, item: int, met: tuple[int, ...]) -> tuple[int, ...]:
        ruleset = self._rulesets.get(item)
        if ruleset is None:
            ruleset = self._rulesets[item] = self._compile(item)
        fact = "{" + "".join([f'"{group_key(number)}":1,' for number in met]) + '"id":1,"sid":1}'
        handle = ruleset._handle
        code, state = durable_rules_engine.assert_fact(handle, fact)
        found: list[int] = []
        if code == _HANDLED:
            answer = durable_rules_engine.start_action_for_state(handle, state)
            message = answer[1] if answer else None
            while message:
                found.append(int(message[3 : message.index('"', 3)]))  # {"r17":{"m":…}}
                message = durable_rules_engine.complete_and_start_action(handle, state)
        durable_rules_engine.retract_fact(handle, fact)
        return tuple(found)

    def _compile(self, item: int) -> Ruleset:
        definition = compile_ruleset(self._items[item])
        for rule in definition.values():
            rule["run"] = _noted
        return Ruleset(f"z{item}", _Host(), definition)


def _noted(_: object) -> None:
    """The action of every rule: firing is noted by the loop that asks."""
