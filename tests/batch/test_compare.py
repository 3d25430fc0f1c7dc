"""`zhuban diff`: what changes, how often, and the rule that did it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.batch.conftest import read_csv, read_jsonl, write_jsonl

Zhuban = Callable[..., CompletedProcess[str]]
TEXTS = ["没主的狗咬了人", "邻居家的狗半夜一直叫", "今天天气真好", "大狼狗扑人"]


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A few orders."""
    return write_jsonl(tmp_path / "in.jsonl", [{"id": str(n), "text": text} for n, text in enumerate(TEXTS)])


def diff(zhuban: Zhuban, *args: object) -> dict[str, object]:
    result = zhuban("diff", *args, "--json")
    assert result.returncode == 0, result.stderr
    found: dict[str, object] = json.loads(result.stdout)
    return found


def test_two_packs_and_the_clause_that_did_it(zhuban: Zhuban, demo_pack: Path, tmp_path: Path, given: Path) -> None:
    """Taking a phrase away changes exactly the orders that lived on it; the lost clause is named."""
    changed = tmp_path / "changed"
    changed.mkdir()
    for path in demo_pack.rglob("*"):
        if path.is_file():
            target = changed / path.relative_to(demo_pack)
            target.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_text(encoding="utf-8")
            target.write_text(text.replace("扑人", "扑倒过人") if "lexicon" in path.parts else text, encoding="utf-8")
    found = diff(zhuban, demo_pack, changed, "--input", given, "--rules-only")
    assert found["changed"] == 1
    assert found["same"] == 3
    (change,) = found["changes"]  # type: ignore[misc]
    assert change[1] == "大狼狗扑人"
    assert "不再成立" in change[-1]


def test_two_results_in_any_order(zhuban: Zhuban, demo_pack: Path, tmp_path: Path, given: Path) -> None:
    """Rows are matched by number; Chinese workbook headings read like the English ones."""
    pytest.importorskip("openpyxl")
    for target in ("old.jsonl", "new.xlsx"):
        assert zhuban("batch", given, "-o", tmp_path / target, "--pack", demo_pack, "--rules-only").returncode == 0
    rows = read_jsonl(tmp_path / "old.jsonl")[::-1]
    same = diff(zhuban, tmp_path / "old.jsonl", tmp_path / "new.xlsx")
    assert same["changed"] == 0
    assert same["same"] == 4
    rows[0].update(verdict="unlisted", item_id=None, lead_units=[])
    (tmp_path / "old.jsonl").write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows[:-1]), encoding="utf-8"
    )
    found = diff(zhuban, tmp_path / "old.jsonl", tmp_path / "new.xlsx", "-o", tmp_path / "changes.csv")
    assert (found["changed"], found["only_old"], found["only_new"]) == (1, 0, 1)
    (row,) = read_csv(tmp_path / "changes.csv")
    assert row["编号"] == "3"
    assert row["旧结论"] == "清单外"


def test_mistakes_are_one_sentence(zhuban: Zhuban, demo_pack: Path, given: Path) -> None:
    """A pack against a file, or a file that is no result."""
    for args, said in (((demo_pack, given), "两边须同是"), ((given, given), "不是 zhuban batch 的结果")):
        result = zhuban("diff", *args)
        assert result.returncode == 2
        assert said in result.stderr
