"""`zhuban demo`: route the sample work orders, as `make run` does."""

from __future__ import annotations

from pathlib import Path

import click

from commands.shared import pack_option


@click.command()
@click.option("--samples", type=click.Path(path_type=Path), default=None, help="样例文件 / sample file")
@pack_option
def demo(samples: Path | None, pack: str) -> None:
    """路由样例工单 / route the sample work orders."""
    import engine
    from commands.route import card
    from engine import Router, load_pack
    from engine.cases import read_cases

    file = samples or Path(engine.__file__).resolve().parent.parent / "cases" / "samples.jsonl"
    cases = read_cases(file)
    router = Router(load_pack(pack))
    for number, case in enumerate(cases, start=1):
        click.echo(click.style(f"── 样例 {number}/{len(cases)} " + "─" * 40, dim=True))
        click.echo(card(router.route(case.text), case.text))
    click.echo(click.style("─" * 56, dim=True))
    click.echo(f"已路由 {len(cases)} 条样例工单（{file.name}）。")
    click.echo("试一条：  .venv/bin/zhuban route 村东头有人烧苞谷杆子，烟大得睁不开眼")
    click.echo("打开网页：make desk（或 .venv/bin/zhuban desk），然后访问 http://127.0.0.1:8000")
