"""`zhuban list`, `show` and `search`: the list itself."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import click

from commands.shared import echo_table, pack_option

_HEADINGS = {
    "zh": ("编号", "类别", "事项", "主办"),
    "en": ("id", "category", "item", "lead units"),
}


def _rows(items: Any, town: str) -> list[tuple[str, str, str, str]]:
    return [(row.id, row.category, row.name, "、".join(row.departments) or ("—" if row.abolished else town)) for row in items]


@click.command("list")
@click.option("--kind", type=click.Choice(["B", "C", "R"]), help="表：B 基本、C 配合、R 收回 / table")
@click.option("--category", help="类别 / category")
@click.option("--format", "form", type=click.Choice(["table", "jsonl", "csv"]), default="table", show_default=True)
@click.option("--audit", is_flag=True, help="核对说明中的数字与三张表 / check the introduction's figures against the tables")
@pack_option
@click.pass_obj
def list_items(lang: str, kind: str | None, category: str | None, form: str, audit: bool, pack: str) -> None:
    """列出清单事项 / the items of the list.

    例：zhuban list --kind R --category 城乡建设
    """
    from engine import load_pack
    from engine.audit import audit_pack
    from engine.errors import InputError

    loaded = load_pack(pack)
    if audit:
        findings = audit_pack(loaded)
        click.echo("\n".join(findings) if findings else "说明与三张表一致")
        return
    if category and category not in {row.category for row in loaded.official}:
        raise InputError(f"清单中没有类别「{category}」；可选：{'、'.join(dict.fromkeys(r.category for r in loaded.official))}")
    chosen = [r for r in loaded.official if (not kind or r.kind == kind) and (not category or r.category == category)]
    if form == "jsonl":
        for row in chosen:
            click.echo(json.dumps(row.model_dump(mode="json", exclude={"raw"}), ensure_ascii=False))
    elif form == "csv":
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow(_HEADINGS[lang])
        writer.writerows(_rows(chosen, loaded.info.town))
        click.echo(buffer.getvalue(), nl=False)
    else:
        echo_table(_HEADINGS[lang], _rows(chosen, loaded.info.town), f"{loaded.info.title}（{len(chosen)} 项）")


@click.command()
@click.argument("item")
@click.option("--raw", is_flag=True, help="显示修补前的原文 / the cells as published")
@pack_option
def show(item: str, raw: bool, pack: str) -> None:
    """一项的官方原文、部门职责、规则与近邻 / one item: official text, departments, rule, neighbours.

    例：zhuban show C56
    """
    from engine import Router, load_pack
    from engine.describe import describe_item, describe_raw

    router = Router(load_pack(pack), reader=False)
    click.echo(describe_raw(router, item) if raw else describe_item(router, item))


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--most", default=10, show_default=True, help="最多几项 / how many")
@pack_option
@click.pass_obj
def search(lang: str, words: tuple[str, ...], most: int, pack: str) -> None:
    """按官方用语查事项 / find items by official text.

    例：zhuban search 宅基地 审批
    """
    from engine import load_pack
    from engine.search import search_official

    loaded = load_pack(pack)
    found = search_official(loaded, " ".join(words), most)
    if not found:
        click.echo("官方用语中没有这些词")
        return
    echo_table(_HEADINGS[lang], _rows(found, loaded.info.town))
