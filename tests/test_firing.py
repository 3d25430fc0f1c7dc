"""durable-rules decides, and its known faults are fenced off."""

from __future__ import annotations

import resource

import pytest
from durable.engine import MessageNotHandledException, Ruleset
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Router
from engine.errors import PackError
from engine.firing import Firing
from engine.model import Clause, Place
from engine.rulesets import (
    MAX_CLAUSES,
    CompiledClause,
    CompiledItem,
    DurableEvaluator,
    PlainEvaluator,
    compile_ruleset,
    name_hash,
)
from tests.strategies import facts_of

NUMBERS = st.integers(0, 12)
PLACE = Place(file="demo/items/animals.yaml", line=3, column=5)


class _NoHost:
    def get_action(self, name: str) -> None:
        raise KeyError(name)


def clause(index: int, groups: list[set[int]], none: set[int] = frozenset()) -> CompiledClause:  # type: ignore[assignment]
    source = Clause(id=f"c{index}", all=("x",), place=PLACE)
    return CompiledClause.of(index, 0, tuple(frozenset(g) for g in groups), frozenset(none), frozenset(), source)


def item(*clauses: CompiledClause) -> CompiledItem:
    return CompiledItem.of("C1", clauses)


def met(compiled: CompiledItem, facts: frozenset[int]) -> tuple[int, ...]:
    return tuple(number for number, group in enumerate(compiled.groups) if not group.isdisjoint(facts))


def test_durable_rules_fires_what_the_plain_evaluation_fires(rules: Router) -> None:
    """Over random facts, every item's ruleset answers as boolean logic does."""
    durable, plain = DurableEvaluator(rules.firing.items), PlainEvaluator(rules.firing.items)

    @settings(max_examples=300, deadline=None)
    @given(facts_of(rules))
    def same(facts: frozenset[int]) -> None:
        for number in rules.firing.candidates(facts):
            conditions = met(rules.firing.items[number], facts)
            assert sorted(durable.fired(number, conditions)) == list(plain.fired(number, conditions))

    same()


def test_prefilter_never_loses_a_clause(rules: Router) -> None:
    """Asking only the items whose positive conditions are met finds every clause that holds."""

    @settings(max_examples=200, deadline=None)
    @given(facts_of(rules))
    def same(facts: frozenset[int]) -> None:
        everything = tuple(c.index for c in rules.firing.clauses if c.holds(facts))
        assert rules.firing.held(facts) == everything

    same()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.sets(NUMBERS, min_size=1, max_size=4), min_size=1, max_size=4), min_size=1, max_size=6), st.data())
def test_random_rules_agree_with_boolean_logic(shapes: list[list[set[int]]], data: st.DataObject) -> None:
    """Also rules nobody wrote: any groups, any exclusions, any facts."""
    clauses = [clause(i, groups, data.draw(st.sets(NUMBERS, max_size=2))) for i, groups in enumerate(shapes)]
    compiled = item(*clauses)
    durable, plain = DurableEvaluator([compiled]), PlainEvaluator([compiled])
    for facts in data.draw(st.lists(st.frozensets(NUMBERS), min_size=1, max_size=6)):
        conditions = met(compiled, facts)
        held = [c.index for c in clauses if c.holds(facts)]
        assert sorted(durable.fired(0, conditions)) == list(plain.fired(0, conditions)) == held


def test_a_clause_with_only_an_absence_is_refused() -> None:
    """durable-rules fires such a clause for ever; compiling it says so, with the place."""
    with pytest.raises(PackError, match=r"animals.yaml:3:5: ZB204"):
        compile_ruleset(item(clause(0, [], {1})))


def test_two_names_with_one_hash_are_refused() -> None:
    """durable-rules compares only hashes: the rule on one name fires for the other."""
    first, second = "costarring", "liquid"
    assert name_hash(first) == name_hash(second)
    ruleset = Ruleset("demo", _NoHost(), {"r0": {"all": [{"m": {"$ex": {first: 1}}}], "run": lambda _: None}})
    state = ruleset.assert_fact({"id": 1, "sid": 1, second: 1})  # no MessageNotHandledException: it matched
    assert state is not None

    compiled = item(clause(0, [{1}, {2}]))
    with pytest.raises(PackError, match="ZB203"):
        compile_ruleset(compiled, lambda number: (first, second)[number])


def test_an_or_fires_once_for_each_alternative() -> None:
    """Why any-of groups are folded into one property: durable-rules fires an `$or` twice when both hold."""
    count: list[int] = []
    either = {"$or": [{"$ex": {"a": 1}}, {"$ex": {"b": 1}}]}
    ruleset = Ruleset("either", _NoHost(), {"r0": {"all": [{"m": either}], "run": lambda _: count.append(1)}})
    state = ruleset.assert_fact({"id": 1, "sid": 1, "a": 1, "b": 1})
    ruleset.do_actions(state, lambda error, result: None)
    assert len(count) == 2

    assert DurableEvaluator([item(clause(0, [{1, 2}]))]).fired(0, (0,)) == (0,)


def test_reserved_names_are_refused() -> None:
    """`id` and `sid` are durable-rules' own."""
    with pytest.raises(PackError, match="ZB203"):
        compile_ruleset(item(clause(0, [{1}])), lambda _: "sid")


def test_too_many_clauses_or_concepts_are_refused() -> None:
    """Both would overflow durable-rules' fixed tables."""
    many = item(*(clause(i, [{1}]) for i in range(MAX_CLAUSES + 1)))
    with pytest.raises(PackError, match="ZB201"):
        compile_ruleset(many)
    wide = item(*(clause(i, [{5 * i + j} for j in range(5)]) for i in range(60)))
    with pytest.raises(PackError, match="ZB202"):
        compile_ruleset(wide)


def test_no_match_is_an_answer_not_an_error() -> None:
    """durable-rules raises when nothing matches; a text without a rule is ordinary."""
    compiled = item(clause(0, [{1}, {2}]))
    evaluator = DurableEvaluator([compiled])
    assert evaluator.fired(0, (0,)) == ()
    bare = compile_ruleset(compiled)
    for rule in bare.values():
        rule["run"] = lambda _: None
    with pytest.raises(MessageNotHandledException):
        Ruleset("bare", _NoHost(), bare).assert_fact({"id": 1, "sid": 1})


def test_memory_stays_flat_over_many_texts() -> None:
    """200,000 facts through one ruleset leave nothing behind."""
    compiled = item(*(clause(i, [{i}, {i + 1}]) for i in range(20)))
    evaluator = DurableEvaluator([compiled])
    facts = [met(compiled, frozenset({i % 20, (i + 1) % 20, (i * 7) % 20})) for i in range(20)]
    for _ in range(500):
        for fact in facts:
            evaluator.fired(0, fact)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(10_000):
        for fact in facts:
            evaluator.fired(0, fact)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 4096  # KiB


def test_the_cache_is_bounded(rules: Router) -> None:
    """Remembered results never grow past the limit."""
    firing = Firing(rules.firing.items, rules.index, PlainEvaluator(rules.firing.items), cache_size=10)
    for clause in firing.clauses[:100]:
        firing.held(frozenset(min(group) for group in clause.groups))
    assert 0 < firing.remembered() <= 10
