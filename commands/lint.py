"""`zhuban lint`: all faults of a pack at once."""

from __future__ import annotations

from pathlib import Path

import click

from commands.shared import pack_option


@click.command()
@click.option("--warnings/--no-warnings", default=False, help="也列出警告 / list warnings too")
@pack_option
def lint(warnings: bool, pack: str) -> None:
    """检查规则包，一次列出全部错误 / all the pack's faults, with file:line.

    例：zhuban lint --pack azhatebage
    """
    from engine.lint import lint_folder
    from engine.pack import find_pack

    folder: Path = find_pack(pack)
    problems = lint_folder(folder)
    errors = [p for p in problems if p.severity == "error"]
    for problem in problems if warnings else errors:
        click.echo(str(problem) if problem.severity == "error" else f"{problem}（警告）")
    click.echo(f"{folder.name}：{len(errors)} 处错误，{len(problems) - len(errors)} 处警告")
    if errors:
        raise SystemExit(1)
