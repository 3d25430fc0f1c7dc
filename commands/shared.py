"""What several commands share: options, texts from files, tables."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from engine.errors import InputError
from engine.pack import DEFAULT_PACK

__all__ = ["echo_table", "pack_option", "read_text"]

_MOST_BYTES = 16 * 1024 * 1024


def pack_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--pack`: the name of a pack under rules/ or a folder."""
    return click.option(
        "--pack", default=DEFAULT_PACK, show_default=True, envvar="ZHUBAN_PACK", metavar="NAME|DIR", help="规则包 / rule pack"
    )(function)


def decode(data: bytes, source: str) -> str:
    """Text from bytes that are UTF-8 (with or without BOM) or GB18030.

    Raises:
        InputError: Neither; names the source.
    """
    if len(data) > _MOST_BYTES:
        raise InputError(f"{source}：{len(data):,} 字节，超过上限 {_MOST_BYTES:,} 字节；大批文本请用 zhuban batch")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(f"{source}：既不是 UTF-8 也不是 GB18030 文本")


def read_text(text: str | None, file: str | None) -> str:
    """The text to work on: an argument, a file, or standard input for `-`.

    Raises:
        InputError: Nothing given, or the file cannot be read.
    """
    if text is not None and file is not None:
        raise InputError("文本和 -f 只能给一个")
    if text == "-" or file == "-":
        return decode(sys.stdin.buffer.read(_MOST_BYTES + 1), "标准输入")
    if file is not None:
        try:
            with Path(file).open("rb") as handle:
                return decode(handle.read(_MOST_BYTES + 1), file)
        except OSError as error:
            raise InputError(f"{file}：无法读取（{error.strerror}）") from None
    if text is None:
        raise InputError("没有文本：请写在命令后，或用 -f 文件，或用 - 读标准输入")
    return text


def echo_table(columns: Sequence[str], rows: Sequence[Sequence[object]], title: str | None = None) -> None:
    """Print a table that fits the terminal, wide characters included."""
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    table = Table(title=title, title_justify="left", header_style="bold", expand=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    console.print(table)
