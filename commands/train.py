"""`zhuban train`: build the second reader."""

from __future__ import annotations

import click

from commands.shared import pack_option
from engine.errors import ZhubanError


@click.command()
@click.option("--quiet", is_flag=True, help="不输出 / say nothing")
@pack_option
def train(quiet: bool, pack: str) -> None:
    """由 cases/ 与官方用语训练第二读者 / train the second reader from cases/.

    只在案例或官方用语变化时重建；需要 pip install 'zhuban[train]'。
    """
    from engine import load_pack

    try:
        from engine.training import train_reader
    except ModuleNotFoundError as error:
        raise ZhubanError(f"缺少 {error.name}；请先 pip install 'zhuban[train]'") from None
    loaded = load_pack(pack)
    folder = train_reader(loaded)
    if not quiet:
        click.echo(f"第二读者：{folder}")
