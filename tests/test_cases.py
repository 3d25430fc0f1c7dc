"""What the rules are held to, by figures and not by single texts."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from pathlib import Path

import pytest

from engine import Pack, Router
from engine.cases import read_cases
from engine.errors import CaseError
from engine.evaluate import evaluate, score
from engine.units import UnitRegister

CASES = Path(__file__).parent.parent / "cases"
ROUNDS = sorted((CASES / "rounds").glob("*.jsonl"))


def test_the_samples_go_where_they_should(router: Router) -> None:
    """The sample work orders of `make run`, all of them."""
    outcomes = evaluate(router, read_cases(CASES / "samples.jsonl"))
    wrong = [(o.case.text, o.case.item, o.verdict.item_id) for o in outcomes if not o.right]
    assert wrong == []


def test_every_item_has_own_texts(pack: Pack) -> None:
    """At least twenty for each item, and three hundred that are on none."""
    count = Counter(case.item for path in ROUNDS for case in read_cases(path))
    assert min(count[row.id] for row in pack.official) >= 20
    assert count[None] >= 300
    assert sum(bool(case.also) for path in ROUNDS for case in read_cases(path)) >= 150


def test_labels_name_items_and_units_that_exist(pack: Pack) -> None:
    """Ids are unique, items are on the list, units are in the register, texts differ."""
    register = UnitRegister(pack.units)
    known = {row.id for row in pack.official}
    ids: Counter[str] = Counter()
    for path in ROUNDS:
        for case in read_cases(path):
            ids[case.id] += 1
            assert {case.item, *case.accept, *case.also} - {None} <= known, case.id
            assert all(register.resolve(unit) for unit in case.lead_units), (case.id, case.lead_units)
    assert max(ids.values()) == 1


def test_figures_on_texts_never_used_for_rules(rules: Router) -> None:
    """The tenth of each round that no rule author saw: rules alone, floors well below what is measured."""
    held = [case for path in ROUNDS for case in read_cases(path) if zlib.crc32(case.id.encode()) % 10 == 0]
    scores = score(evaluate(rules, held), groups=False)
    assert scores.verdict is not None
    assert scores.top1 is not None
    assert scores.false_reclaimed is not None
    assert scores.verdict >= 0.60
    assert scores.top1 >= 0.45
    assert scores.false_reclaimed <= 0.05


def test_a_broken_case_names_its_line(tmp_path: Path) -> None:
    """File, line and field."""
    path = tmp_path / "cases.jsonl"
    path.write_text(json.dumps({"id": "1", "text": "路坏了", "item": "B95"}) + "\n{broken\n", encoding="utf-8")
    with pytest.raises(CaseError, match=r"cases\.jsonl:2"):
        read_cases(path)
