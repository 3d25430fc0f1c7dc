"""The command `zhuban`: parse, call, print. Each command is a module of `commands/`, loaded when used."""

from __future__ import annotations

import importlib
import os
import sys
from typing import NoReturn

import click

from engine._version import __version__
from engine.errors import ZhubanError

COMMANDS = {
    "route": "commands.route:route",
    "batch": "commands.batch:batch",
    "diff": "commands.diff:diff",
    "list": "commands.items:list_items",
    "show": "commands.items:show",
    "search": "commands.items:search",
    "lint": "commands.lint:lint",
    "check": "commands.check:check",
    "evaluate": "commands.evaluate:evaluate",
    "train": "commands.train:train",
    "schema": "commands.info:schema",
    "version": "commands.info:version",
    "desk": "commands.desk:desk",
    "cases": "commands.cases:cases",
    "demo": "commands.demo:demo",
}


class LazyGroup(click.Group):
    """Imports a command's module only when that command is used: start-up stays short."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        target = COMMANDS.get(cmd_name)
        if target is None:
            return None
        module, _, name = target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


_LANG = click.Choice(["zh", "en"])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--lang", type=_LANG, default="zh", envvar="ZHUBAN_LANG", help="表头语言 / language of headings")
@click.version_option(__version__, "-V", "--version", message="zhuban %(version)s")
@click.pass_context
def cli(context: click.Context, lang: str) -> None:
    """主办：这件事归谁管，按乡镇履职事项清单来说。

    zhuban routes a complaint, an archive or a notice by a township's duty list.
    """
    context.obj = lang


def main() -> NoReturn:
    """Run the command line; a user's mistake is one sentence and exit status 2."""
    try:
        code = cli.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except ZhubanError as error:
        click.echo(f"错误：{error}", err=True)
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("已中断", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output went away (`zhuban list | head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.exit(2)


if __name__ == "__main__":
    main()
