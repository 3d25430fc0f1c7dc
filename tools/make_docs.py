"""Write docs/cli.md from the help of every command.

python tools/make_docs.py          write
python tools/make_docs.py --check  exit 1 when the file is stale
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import cli

TARGET = Path(__file__).resolve().parent.parent / "docs" / "cli.md"
HEAD = """# The command line

Written by `make docs` from the help of each command; do not edit.

Shell completion: `eval "$(_ZHUBAN_COMPLETE=bash_source zhuban)"` in `~/.bashrc` (`zsh_source`, `fish_source` likewise).
`python -m engine` is the same command.
Exit status: 0 for any verdict, 1 when `lint` finds errors, 2 for a mistake of the user, 130 when interrupted.
"""


def pages(command: click.Command, path: str, parent: click.Context | None) -> list[str]:
    """The help page of a command and of all below it."""
    context = click.Context(
        command, info_name=path if parent is None else path.split()[-1], parent=parent, max_content_width=100
    )
    found = [f"## {path}\n\n```\n{command.get_help(context)}\n```\n"]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                found += pages(below, f"{path} {name}", context)
    return found


def main() -> None:
    written = "\n".join([HEAD, *pages(cli.cli, "zhuban", None)])
    if "--check" in sys.argv:
        if not TARGET.is_file() or TARGET.read_text(encoding="utf-8") != written:
            raise SystemExit("docs/cli.md is stale: run make docs")
        return
    TARGET.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
