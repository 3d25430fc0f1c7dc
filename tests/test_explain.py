"""Explaining reads the run that decided; it never is a second path."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from engine import Router
from engine.errors import InputError, UnknownItemError
from engine.explain import explain, why_not
from tests.strategies import texts


def test_why_not_names_what_was_missing_and_a_word_that_would_do(rules: Router) -> None:
    """The nearest clause, the missing condition, and phrases that meet it."""
    answer = why_not(rules, rules.trace("苞谷杆子堆在地头"), "C60")
    assert not answer.answer
    assert answer.nearest is not None
    assert answer.nearest.missing
    assert answer.nearest.words[0]


def test_why_not_of_the_answer_says_it_is_the_answer(rules: Router) -> None:
    """Asking about the verdict itself."""
    assert why_not(rules, rules.trace("村东头有人烧苞谷杆子，烟大得睁不开眼"), "c60").answer


def test_an_unknown_item_is_one_sentence(rules: Router) -> None:
    """With the form that ids have."""
    with pytest.raises(UnknownItemError, match="B1–B117"):
        why_not(rules, rules.trace("路坏了"), "C999")


def test_every_item_can_be_asked_about_any_text(rules: Router) -> None:
    """A reason for each of the items, and explaining changes no verdict."""

    @settings(max_examples=15, deadline=None)
    @given(texts(rules))
    def check(text: str) -> None:
        try:
            trace = rules.trace(text)
        except InputError:
            return
        before = rules.verdict(trace, text)
        explain(rules, trace)
        for item in rules.items:
            answer = why_not(rules, trace, item.item)
            assert answer.answer or answer.beaten or (answer.nearest and (answer.nearest.missing or answer.nearest.blocked))
        assert rules.verdict(trace, text) == before == rules.route(text)

    check()
