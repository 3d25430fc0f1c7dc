"""Measuring: the labelled notices of the repository stay above the targets."""

from __future__ import annotations

import pytest

from engine.check.evaluate import evaluate_notices, read_check_cases
from engine.errors import CaseError


def test_the_labelled_notices_stay_above_the_targets(checker, notices):
    _, cases = read_check_cases(notices / "labels.jsonl")
    scores = evaluate_notices(checker, cases)

    assert scores.notices >= 20
    assert scores.found >= 0.90
    assert scores.exact >= 0.80
    assert scores.boilerplate <= 0.03


def test_a_bad_label_is_named(tmp_path):
    file = tmp_path / "a.jsonl"
    file.write_text('{"id":"1","text":"x","expect":"nonsense","item":null}', encoding="utf-8")
    with pytest.raises(CaseError, match=r"a\.jsonl:1"):
        read_check_cases(file)
