"""What `zhuban evaluate --check` prints: the table of docs/check.md, on labelled clauses and notices."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from commands.shared import echo_table

__all__ = ["check_figures"]

_TARGETS = {"violation": 0.92, "exact": 0.85, "item": 0.85, "found": 0.90, "notice_exact": 0.80, "boilerplate": 0.03}


def check_figures(paths: tuple[str, ...], pack: str, most: int, as_json: bool) -> None:
    """Measure and print.

    Args:
        paths: JSONL files of clauses or notices, or folders of them.
        pack: The pack.
        most: How many wrong ones to list.
        as_json: Print JSON instead of tables.
    """
    from engine import Router, load_pack
    from engine.check import Checker
    from engine.check.evaluate import ClauseCase, NoticeCase, evaluate_clauses, evaluate_notices, read_check_cases
    from engine.errors import CaseError

    clauses: list[ClauseCase] = []
    notices: list[tuple[NoticeCase, Path]] = []
    for given in paths:
        path = Path(given)
        files = sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]
        for file in files:
            if path.is_dir() and not {"check", "notices"} & {*file.parts}:
                continue
            some, whole = read_check_cases(file)
            clauses += some
            notices += whole
    if not clauses and not notices:
        raise CaseError(f"{'、'.join(paths)}: 没有带标签的条款或来文")
    checker = Checker(Router(load_pack(pack)))
    single = evaluate_clauses(checker, clauses)
    whole_notices = evaluate_notices(checker, notices)
    if as_json:
        figures = {"clauses": asdict(single), "notices": asdict(whole_notices), "pack_hash": checker.router.pack.hash}
        click.echo(json.dumps(figures, ensure_ascii=False))
        return
    rows: list[tuple[str, str, str, str]] = []
    if clauses:
        rows += [
            ("单条：是否有问题", str(single.clauses), f"{single.violation:.3f}", f"≥ {_TARGETS['violation']}"),
            ("单条：结论完全正确", str(single.clauses), f"{single.exact:.3f}", f"≥ {_TARGETS['exact']}"),
            ("单条：结论对者事项正确", str(single.clauses), f"{single.item:.3f}", f"≥ {_TARGETS['item']}"),
        ]
    if notices:
        rows += [
            ("来文：条款找到", str(whole_notices.clauses), f"{whole_notices.found:.3f}", f"≥ {_TARGETS['found']}"),
            ("来文：找到者结论正确", str(whole_notices.clauses), f"{whole_notices.exact:.3f}", f"≥ {_TARGETS['notice_exact']}"),
            ("来文：结论对者事项正确", str(whole_notices.clauses), f"{whole_notices.item:.3f}", "—"),
            ("来文：套话误判", str(whole_notices.notices), f"{whole_notices.boilerplate:.3f}", f"≤ {_TARGETS['boilerplate']}"),
            ("来文：发文单位正确", str(whole_notices.notices), f"{whole_notices.issuers:.3f}", "—"),
        ]
    echo_table(("指标", "数量", "实测", "目标"), rows)
    confusions = sorted(single.confusions.items(), key=lambda pair: -pair[1])
    if confusions:
        echo_table(("应为 → 说成", "次数"), confusions)
    for wrong in (single.wrong + whole_notices.wrong)[:most]:
        said = f"{wrong['said'] or '未找到'} {wrong['said_item'] or ''}"
        click.echo(f"{wrong['id']}  应为 {wrong['expect']} {wrong['item'] or ''}，说成 {said}：{str(wrong['text'])[:80]}")
