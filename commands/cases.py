"""`zhuban cases`: candidate cases from overridden decisions, and taking in what a person has reviewed."""

from __future__ import annotations

import json
from pathlib import Path

import click

from engine.errors import CaseError
from engine.files import write_whole

__all__ = ["cases"]


def _write(path: Path, lines: list[str]) -> None:
    write_whole(path, "".join(line + "\n" for line in lines).encode())


@click.group()
def cases() -> None:
    """案例：从改判中学习 / cases learnt from overrides.

    例：zhuban cases from-desk -o 候选.jsonl
    """


@cases.command("from-desk")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="候选案例 / candidates")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="只取此日起的决定 / decided since")
@click.option("--db", metavar="URL", help="数据库 / database")
def from_desk(output: Path, since: object, db: str | None) -> None:
    """把改判的工单写成待审的候选案例 / overridden decisions as candidates.

    文本已脱敏；每行要由人审过，在 reviewed_by 写上谁审的，再用 zhuban cases accept 收入。

    例：zhuban cases from-desk -o 候选.jsonl --since 2025-07-01
    """
    from datetime import datetime

    from commands.desk import open_database
    from desk.store.candidates import candidates

    moment = since.astimezone() if isinstance(since, datetime) else None
    database = open_database(db)
    with database.read() as connection:
        rows = candidates(connection, moment)
    _write(output, [json.dumps(row, ensure_ascii=False) for row in rows])
    click.echo(f"{len(rows)} 条候选案例写入 {output}；请逐条审核，在 reviewed_by 写上谁审的")


@cases.command("accept")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--into", required=True, type=click.Path(path_type=Path), help="收入的案例文件，如 cases/desk.jsonl")
def accept(file: Path, into: Path) -> None:
    """把审过的候选案例收入案例库 / take reviewed candidates in.

    只收 reviewed_by 不为空的行；编号已有的不再收。

    例：zhuban cases accept 候选.jsonl --into cases/desk.jsonl
    """
    from engine.cases import read_cases

    read_cases(file)  # every fault with its line, before anything is written
    kept = into.read_text(encoding="utf-8").splitlines() if into.exists() else []
    known = {case.id for case in read_cases(into)} if into.exists() else set()
    taken, waiting = 0, 0
    for number, line in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not line.strip():
            continue
        row = json.loads(line)
        reviewer = row.pop("reviewed_by", "")
        if not isinstance(reviewer, str):
            raise CaseError(f"{file}:{number}: reviewed_by：应为文字")
        if not reviewer.strip():
            waiting += 1
        elif row["id"] not in known:
            row.pop("said", None)
            row["note"] = f"{row.get('note', '')}（审核：{reviewer.strip()}）".strip()
            kept.append(json.dumps(row, ensure_ascii=False))
            known.add(row["id"])
            taken += 1
    _write(into, kept)
    click.echo(f"收入 {taken} 条，{waiting} 条还没有审核")
