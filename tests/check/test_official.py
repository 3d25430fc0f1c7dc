"""The columns of the list as acts and words."""

from __future__ import annotations

import re

import pytest

from engine.check import Checker, Finding
from engine.model import Kind

_NUMBER = re.compile(r"^\d{1,2}[.．、]\s*")


def test_columns_tell_whose_act_it_is(checker: Checker):
    """A duty that the town only reports on is not the town's."""
    columns = checker.judge.duties.columns
    reclaimed = next(c for c in columns.values() if c.official.kind is Kind.RECLAIMED and "处罚" in c.official.name)

    assert "punish" in reclaimed.own


def test_closeness_is_a_share(checker: Checker):
    duties = checker.judge.duties

    assert duties.closeness("宣传保护水源", "开展保护水源的宣传") > 0.5
    assert duties.closeness("宣传保护水源", "发放碘盐") == pytest.approx(0.0)
    assert duties.closeness("", "发放碘盐") == 0.0


def test_the_towns_own_sentences_are_no_violation(checker: Checker):
    """What the list itself gives to the town is not flagged, but for cells that speak of somebody else."""
    said: list[bool] = []
    for row in checker.router.pack.official:
        if row.kind is Kind.COOPERATING:
            for duty in row.town_duties:
                text = "请各镇" + _NUMBER.sub("", duty).strip("；;")
                if len(text) > 12:
                    said.append(checker.clause(text, row.departments[0]).finding is Finding.COMPLIANT)

    assert sum(said) / len(said) > 0.95
