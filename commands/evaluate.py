"""`zhuban evaluate`: how right the routes are, on labelled texts."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.shared import echo_table, pack_option

if TYPE_CHECKING:
    from engine.cases import Case
    from engine.evaluate import Scores

_COLUMNS = {
    "zh": ("范围", "清单内", "清单外", "结论", "首选", "前三", "主办", "清单外保留", "误报收回", "给出事项", "需复核"),
    "en": ("group", "listed", "unlisted", "verdict", "top-1", "top-3", "lead", "kept", "false R", "said", "review"),
}


# Folders of `cases/` whose labels are findings of `zhuban check`, not routes.
_OTHER_LABELS = frozenset({"check", "notices"})


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value:.3f}"


def _row(name: str, s: Scores) -> tuple[str, ...]:
    shares = (s.verdict, s.top1, s.top3, s.lead, s.kept, s.false_reclaimed, s.said, s.review)
    return (name, str(s.listed), str(s.unlisted), *map(_share, shares))


def _cases(paths: tuple[str, ...]) -> list[Case]:
    from engine.cases import read_cases
    from engine.errors import CaseError

    found: list[Case] = []
    for given in paths:
        path = Path(given)
        files = sorted(f for f in path.rglob("*.jsonl") if not _OTHER_LABELS.intersection(f.parts)) if path.is_dir() else [path]
        if not files:
            raise CaseError(f"{given}: 没有 .jsonl 案例文件")
        for file in files:
            found.extend(read_cases(file))
    return found


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--show", "most", default=0, metavar="N", help="列出 N 条错误 / show N wrong ones")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
@click.option("--rules-only", is_flag=True, help="不用第二读者 / without the second reader")
@click.option("--report", metavar="FILE.html", help="写出自包含的报告页 / write a self-contained page")
@click.option("--check", is_flag=True, help="衡量来文核对（cases/check、cases/notices）/ measure `zhuban check`")
@pack_option
@click.pass_obj
def evaluate(
    lang: str, paths: tuple[str, ...], most: int, as_json: bool, rules_only: bool, report: str | None, check: bool, pack: str
) -> None:
    """用带标签的文本衡量结论 / measure on labelled JSONL files or folders.

    例：zhuban evaluate cases --show 10
    """
    from engine import Router, load_pack
    from engine.evaluate import calibration_table, confusions, coverage_table, score
    from engine.evaluate import evaluate as judge_all

    if check:
        from commands.check_figures import check_figures

        check_figures(paths, pack, most, as_json)
        return
    cases = _cases(paths)
    router = Router(load_pack(pack), reader=False if rules_only else None)
    outcomes = judge_all(router, cases)
    scores = score(outcomes)
    if report:
        from engine.evaluation_page import write_page

        write_page(Path(report), router, outcomes, scores)
        click.echo(f"报告：{report}", err=True)
    if as_json:
        wrong = [
            {"id": o.case.id, "item": o.case.item, "said": o.verdict.item_id, "confidence": o.verdict.confidence}
            for o in outcomes
            if not o.right
        ]
        figures = {
            "scores": asdict(scores),
            "confusions": confusions(outcomes),
            "calibration": calibration_table(outcomes),
            "coverage": coverage_table(outcomes),
            "wrong": wrong,
            "pack_hash": router.pack.hash,
        }
        click.echo(json.dumps(figures, ensure_ascii=False))
        return
    groups = [_row("全部" if lang == "zh" else "all", scores)]
    groups += [_row(name, s) for name, s in scores.by_group.items()]
    echo_table(_COLUMNS[lang], groups)
    pairs = [(wanted, said, n) for wanted, said, n in confusions(outcomes) if n > 1]
    if pairs:
        echo_table(("应为", "说成", "次数") if lang == "zh" else ("wanted", "said", "times"), pairs)
    bands = [(f"{low:.1f}–{high:.1f}", n, _share(right)) for low, high, n, right in calibration_table(outcomes) if n]
    echo_table(("把握", "条数", "正确") if lang == "zh" else ("confidence", "texts", "right"), bands)
    covered = [(f"{share:.0%}", _share(right)) for share, right in coverage_table(outcomes)]
    echo_table(("最有把握的", "正确") if lang == "zh" else ("coverage", "right"), covered)
    wrong_ones = [o for o in outcomes if not o.right]
    for outcome in wrong_ones[:most]:
        wanted, said = outcome.case.item or "清单外", outcome.verdict.item_id or "清单外"
        sure = f"{outcome.verdict.confidence:.2f}"
        click.echo(f"{outcome.case.id}  应为 {wanted}，说成 {said}（{sure}）：{outcome.case.text[:80]}")
