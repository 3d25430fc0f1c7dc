"""`zhuban version` and `zhuban schema`."""

from __future__ import annotations

import json

import click

from commands.shared import pack_option


@click.command()
@pack_option
def version(pack: str) -> None:
    """程序、规则包与哈希 / program, pack, hash."""
    from engine import __version__, load_pack

    loaded = load_pack(pack)
    click.echo(f"zhuban {__version__}")
    click.echo(f"规则包 {loaded.info.id} {loaded.info.version}（{loaded.info.title}，{loaded.info.published}）")
    click.echo(f"哈希 {loaded.hash}")


@click.command()
def schema() -> None:
    """Verdict 的 JSON Schema / JSON schema of a verdict."""
    from engine.verdict import Verdict

    click.echo(json.dumps(Verdict.model_json_schema(mode="serialization"), ensure_ascii=False, indent=2))
