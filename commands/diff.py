"""`zhuban diff`: which orders change between two results or two packs."""

from __future__ import annotations

import csv
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.shared import echo_table

if TYPE_CHECKING:
    from engine.batch.compare import Change, Comparison

_HEADS = ("编号", "文本", "旧结论", "旧事项", "旧主办", "新结论", "新事项", "新主办", "起因")


def _own_cases() -> str:
    import engine

    cases = Path(engine.__file__).resolve().parent.parent / "cases"
    return str(cases / "rounds" if (cases / "rounds").is_dir() else cases)


def _pairs(
    old: str, new: str, source: str | None, text_column: str | None, key: str | None, rules_only: bool
) -> Iterator[tuple[Comparison, Change | None]]:
    from engine.batch.compare import compare_packs, compare_results, is_pack, text_rows
    from engine.batch.options import Options
    from engine.errors import BatchError
    from engine.pack import load_pack

    packs = is_pack(old), is_pack(new)
    if all(packs):
        given = source or _own_cases()
        rows = text_rows(given, Options(source=given, target="", text_column=text_column))
        return compare_packs(load_pack(old), load_pack(new), rows, rules_only=rules_only)
    if any(packs):
        raise BatchError("要比较的两边须同是规则包，或同是 zhuban batch 的结果文件")
    if source is not None:
        raise BatchError("--input 只用于比较两个规则包")
    return compare_results(old, new, key)


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--input", "source", metavar="IN", help="比较两个规则包时所用的工单，不写则用自带案例 / orders for two packs")
@click.option("--text-column", metavar="COL", help="文本列 / text column")
@click.option("--key", metavar="COL", help="编号列，不写则按列名找 / key column of result files")
@click.option("--rules-only", is_flag=True, help="不用第二读者 / without the second reader")
@click.option("--show", "most", default=20, show_default=True, metavar="N", help="列出 N 条变化 / list N changes")
@click.option("-o", "--output", metavar="FILE.csv", help="把全部变化写成 csv / write all changes")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def diff(
    old: str,
    new: str,
    source: str | None,
    text_column: str | None,
    key: str | None,
    rules_only: bool,
    most: int,
    output: str | None,
    as_json: bool,
) -> None:
    """比较两份结果或两个规则包：哪些工单变了 / what changes between results or packs.

    例：zhuban diff azhatebage ./新规则包 --input 工单.csv -o 变化.csv
    """
    from engine.batch.compare import Comparison, change_cells, verdict_name
    from engine.batch.encoding import safe_cell
    from engine.batch.sinks import check_target
    from engine.batch.state import disk_errors

    total = Comparison()
    shown: list[Change] = []
    target = check_target(output) if output else None
    with tempfile.TemporaryDirectory(dir=target.parent if target else None, prefix=".zhuban-") as folder:
        fresh = Path(folder) / "changes.csv"
        with disk_errors(output or "临时文件"), fresh.open("w", encoding="utf-8-sig", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(_HEADS)
            for total, change in _pairs(old, new, source, text_column, key, rules_only):  # noqa: B007 the last one counts
                if change is None:
                    continue
                if len(shown) < most:
                    shown.append(change)
                if target is not None:
                    writer.writerow([safe_cell(cell) for cell in change_cells(change)])
        if target is not None:
            with disk_errors(str(target)):
                os.replace(fresh, target)
    if as_json:
        figures = {
            "same": total.same,
            "changed": total.changed,
            "only_old": total.only_old,
            "only_new": total.only_new,
            "verdict": [[*pair, n] for pair, n in total.verdict.most_common()],
            "item": [[*pair, n] for pair, n in total.item.most_common()],
            "unit": [[*pair, n] for pair, n in total.unit.most_common()],
            "causes": total.causes.most_common(),
            "changes": [list(change_cells(change)) for change in shown],
        }
        click.echo(json.dumps(figures, ensure_ascii=False))
        return
    compared = total.same + total.changed
    click.echo(f"比较 {compared:,} 条：相同 {total.same:,}，变化 {total.changed:,}（{total.changed / max(compared, 1):.2%}）")
    if total.only_old or total.only_new:
        click.echo(f"只在旧的里有 {total.only_old:,} 条，只在新的里有 {total.only_new:,} 条")
    if not total.changed:
        return
    if total.verdict:
        echo_table(
            ("旧结论", "新结论", "件数"), [(verdict_name(a), verdict_name(b), n) for (a, b), n in total.verdict.most_common()]
        )
    if total.item:
        echo_table(
            ("旧事项", "新事项", "件数"), [(a or "清单外", b or "清单外", n) for (a, b), n in total.item.most_common(30)]
        )
    if total.unit:
        echo_table(("旧主办", "新主办", "件数"), [(a, b, n) for (a, b), n in total.unit.most_common(20)])
    echo_table(("起因", "件数"), total.causes.most_common(20))
    rows = [[cell[:40] for cell in change_cells(change)] for change in shown]
    echo_table(_HEADS, rows, f"变化（前 {len(rows)} 条）")
    if target is not None:
        click.echo(f"全部变化：{output}")
