"""The command as a user runs it: real processes, real files."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import click
import pytest
from click.testing import CliRunner

import cli
from engine.verdict import Verdict

Run = Callable[..., "CompletedProcess[str]"]
STRAW = "村东头有人烧苞谷杆子，烟大得睁不开眼"


def test_route_prints_a_card(zhuban: Run) -> None:
    """Verdict, units, reason with the deciding words, duties, pack revision."""
    result = zhuban("route", STRAW)
    assert result.returncode == 0, result.stderr
    for said in ("县级主办、本镇协办", "主办：莎车县农业农村局", "协办：莎车县阿扎特巴格镇", "依据：", "本镇职责：", "把握："):
        assert said in result.stdout
    assert "规则包 azhatebage" in result.stdout


def test_route_json_is_the_verdict(zhuban: Run) -> None:
    """One object that validates against the schema of `zhuban schema`."""
    result = zhuban("route", "--json", STRAW)
    verdict = Verdict.model_validate_json(result.stdout)
    assert verdict.item_id == "C60"
    assert set(json.loads(zhuban("schema").stdout)["required"]) <= set(json.loads(result.stdout))


def test_explaining_leaves_the_json_alone(zhuban: Run) -> None:
    """--explain and --why-not go to standard error beside --json."""
    plain = zhuban("route", "--json", STRAW)
    told = zhuban("route", "--json", "--explain", "--why-not", "C41", STRAW)
    assert told.stdout == plain.stdout
    assert "✓ C60/" in told.stderr
    assert "为何不是 C41" in told.stderr


def test_route_reads_files_and_standard_input(zhuban: Run, tmp_path: Path) -> None:
    """UTF-8 with BOM and GB18030 alike."""
    (tmp_path / "a.txt").write_bytes(STRAW.encode("utf-8-sig"))
    (tmp_path / "b.txt").write_bytes(STRAW.encode("gb18030"))
    for result in (zhuban("route", "-f", "a.txt"), zhuban("route", "-f", "b.txt"), zhuban("route", "-", stdin=STRAW.encode())):
        assert result.returncode == 0, result.stderr
        assert "C60" in result.stdout


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("route", ""), "文本为空"),
        (("route", " \n"), "文本为空"),
        (("route",), "没有文本"),
        (("route", "-f", "nowhere.txt"), "nowhere.txt：无法读取"),
        (("route", "路坏了", "--why-not", "C999"), "清单中没有「C999」"),
        (("route", "路坏了", "--pack", "nosuch"), "缺少 pack.yaml"),
        (("show", "X1"), "清单中没有「X1」"),
        (("list", "--category", "没有这类"), "清单中没有类别"),
        (("evaluate", "nowhere.jsonl"), "nowhere.jsonl"),
        (("search", "  "), "文本为空"),
    ],
)
def test_a_mistake_is_one_sentence(zhuban: Run, args: tuple[str, ...], said: str) -> None:
    """Exit status 2, the sentence on standard error, no traceback, nothing on standard output."""
    result = zhuban(*args)
    assert result.returncode == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_bytes_that_are_no_text_are_refused(zhuban: Run) -> None:
    """Neither UTF-8 nor GB18030."""
    result = zhuban("route", "-", stdin=b"\xff\xfe\x80\x80")
    assert result.returncode == 2
    assert "既不是 UTF-8 也不是 GB18030" in result.stderr


def test_list_in_three_forms(zhuban: Run) -> None:
    """A table, JSON lines, CSV."""
    assert "生活垃圾" in zhuban("list", "--kind", "B", "--category", "城乡建设").stdout
    rows = [json.loads(line) for line in zhuban("list", "--format", "jsonl").stdout.splitlines()]
    assert len(rows) == 261
    assert zhuban("list", "--kind", "R", "--format", "csv").stdout.count("\n") == 48


def test_audit_names_the_contradictions_of_the_introduction(zhuban: Run) -> None:
    """Computed from the data: 49 departments claimed, the category 人民武装 without a row, cut-off cells."""
    said = zhuban("list", "--audit").stdout
    assert "说明称涉及 49 个部门" in said
    assert "人民武装" in said
    assert "截断" in said


def test_show_tells_all_of_an_item(zhuban: Run) -> None:
    """Official text, duty clauses by department, rule, neighbours; --raw the published cells and repairs."""
    said = zhuban("show", "c56").stdout
    for part in ("莎车县卫生健康委员会］负责医疗废物", "本镇职责", "规则："):
        assert part in said
    assert "<p>" in zhuban("show", "C66", "--raw").stdout


def test_search_finds_by_official_words(zhuban: Run) -> None:
    """The item whose name holds the word comes first."""
    first = zhuban("search", "宅基地").stdout.split("│")[1]
    assert first.strip() == "B93"


def test_version_names_program_pack_and_hash(zhuban: Run) -> None:
    """So that a decision can be traced to the rules it was made with."""
    said = zhuban("version").stdout
    assert "zhuban 0." in said
    assert "azhatebage" in said
    assert len(said.split()[-1]) == 64


def test_lint_passes_on_the_real_pack_and_fails_on_a_broken_one(zhuban: Run, demo_pack: Path) -> None:
    """Exit status 1 with every fault's place."""
    assert zhuban("lint").returncode == 0
    rules = demo_pack / "items" / "animals.yaml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("犬吠", "犬废"), encoding="utf-8")
    result = zhuban("lint", "--pack", demo_pack)
    assert result.returncode == 1
    assert "items/animals.yaml:19:7: ZB103" in result.stdout


def test_evaluate_prints_tables_and_json(zhuban: Run, tmp_path: Path) -> None:
    """Shares by table and category, confusions, calibration."""
    rows = [{"id": "1", "text": STRAW, "item": "C60"}, {"id": "2", "text": "彩票在哪兑奖", "item": None}]
    (tmp_path / "c.jsonl").write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
    assert "清单外保留" in zhuban("evaluate", "c.jsonl", "--show", "3").stdout
    scores = json.loads(zhuban("evaluate", "c.jsonl", "--json").stdout)["scores"]
    assert scores["top1"] == 1.0
    assert scores["unlisted"] == 1
    (tmp_path / "c.jsonl").write_text('{"id": "1"}\n', encoding="utf-8")
    assert "c.jsonl:1: text" in zhuban("evaluate", "c.jsonl").stderr


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        found.append((*path, name))
        if isinstance(command, click.Group):
            found += commands(command, (*path, name))
    return found


@pytest.mark.parametrize("path", commands(cli.cli), ids=" ".join)
def test_every_command_has_help_and_is_documented(path: tuple[str, ...]) -> None:
    """--help works, says something, and docs/cli.md names the command."""
    result = CliRunner().invoke(cli.cli, [*path, "--help"])
    assert result.exit_code == 0, result.output
    assert len(result.output.splitlines()) > 3
    reference = (Path(__file__).parent.parent / "docs" / "cli.md").read_text(encoding="utf-8")
    assert f"zhuban {' '.join(path)}" in reference


def test_the_command_reference_is_fresh() -> None:
    """docs/cli.md is what the commands' help says now."""
    root = Path(__file__).parent.parent
    result = subprocess.run(
        [sys.executable, root / "tools" / "make_docs.py", "--check"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
