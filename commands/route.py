"""`zhuban route`: one text, one verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from commands.shared import pack_option, read_text

if TYPE_CHECKING:
    from engine.explain import ClauseState, WhyNot
    from engine.router import Router
    from engine.verdict import Verdict

_COLOURS = {"lead": "green", "support": "cyan", "reclaimed": "yellow", "abolished": "magenta", "unlisted": "white"}


def _mark(text: str, verdict: Verdict) -> str:
    """The text's words that decided, highlighted."""
    spans = sorted({(e.start, e.end) for e in verdict.evidence})
    shown, cursor = "", 0
    for start, end in spans:
        if start >= cursor:
            shown += text[cursor:start] + click.style(text[start:end], bold=True, fg="red")
            cursor = end
    return (shown + text[cursor:]).strip()[:600]


def card(verdict: Verdict, text: str) -> str:
    """A verdict as a dispatcher reads it."""
    from engine.reasons import VERDICT_NAMES

    lines: list[str] = []

    def put(label: str, value: str) -> None:
        lines.append(click.style(f"{label}：", bold=True) + value)

    if verdict.urgent:
        lines.append(click.style(f"【紧急】{verdict.urgent_note}", fg="white", bg="red", bold=True))
    head = VERDICT_NAMES[verdict.verdict]
    name = f"  {verdict.item_id} {verdict.item_name}" if verdict.item_id else ""
    lines.append(click.style(f"{head}{name}", fg=_COLOURS[verdict.verdict], bold=True))
    put("诉求", _mark(text, verdict))
    if verdict.lead_units:
        put("主办", "、".join(verdict.lead_units))
    if verdict.support_units:
        put("协办", "、".join(verdict.support_units))
    if verdict.hint_unit:
        put("通常由", f"{verdict.hint_unit}（非清单内容，仅供参考）")
    put("理由", verdict.reason)
    if verdict.evidence:
        words = "、".join(f"「{e.phrase}」→{e.concept}" for e in verdict.evidence)
        put("依据", f"{words}（{verdict.evidence[0].clause}）")
    for number, duty in enumerate(verdict.town_duties):
        lines.append(click.style("本镇职责：", bold=True) + duty if number == 0 else f"          {duty}")
    for further in verdict.also:
        put("另有事项", f"{further.item_id} {further.item_name[:30]}（{'、'.join(further.lead_units)}）")
    for i, other in enumerate(verdict.alternatives[:3]):
        put("也可能是" if i == 0 else "　　　　", f"{other.item_id} {other.item_name[:30]}（{other.why}）")
    sure = f"{verdict.confidence:.0%}"
    if verdict.needs_review:
        sure += click.style("  请人工复核", fg="yellow")
    put("把握", sure)
    if verdict.truncated:
        put("注意", "文本过长，只读了前面部分")
    lines.append(click.style(f"规则包 {verdict.pack} {verdict.pack_version} {verdict.pack_hash[:12]}", dim=True))
    return "\n".join(lines)


def state_line(state: ClauseState) -> str:
    """One clause against the text, in one line."""
    name = f"{state.item}/{state.clause}"
    met = "、".join(state.met) or "无"
    if state.fired:
        return f"  ✓ {name}：{met}"
    parts = [f"有 {met}"]
    for group, words in zip(state.missing, state.words, strict=True):
        shown = "／".join(group[:4]) + ("…" if len(group) > 4 else "")
        parts.append(f"缺 {shown}（如「{words}」）")
    if state.blocked:
        parts.append(f"被 {'、'.join(state.blocked)} 排除")
    return f"  ✗ {name}：{'；'.join(parts)}"


def why_not_lines(answer: WhyNot) -> list[str]:
    """Why an item is not the answer, in a few lines."""
    lines = [f"为何不是 {answer.item}："]
    if answer.answer:
        return [f"{answer.item} 就是结论。"]
    if answer.beaten:
        lines.append(f"  条款成立，但{answer.beaten}")
    if answer.nearest:
        lines.append(state_line(answer.nearest))
    return lines


def explanation(router: Router, text: str, category: str | None, item: str | None) -> str:
    """The lines of `--explain` and `--why-not`, from the same trace that decided."""
    from engine.explain import explain, why_not

    trace = router.trace(text, category=category)
    lines: list[str] = []
    if item is not None:
        return "\n".join(why_not_lines(why_not(router, trace, item)))
    lines.append("成立与差一点成立的条款：")
    lines.extend(state_line(state) for state in explain(router, trace))
    for ranked in trace.ranked[:8]:
        beaten = f"，{ranked.beaten}" if ranked.beaten else ""
        lines.append(f"  {router.items[ranked.item].item} 具体度 {ranked.score:.2f}{beaten}")
    if trace.chances is not None:
        top = sorted(enumerate(trace.chances[:-1].tolist()), key=lambda pair: -pair[1])[:5]
        said = "、".join(f"{router.items[i].item} {chance:.0%}" for i, chance in top)
        said += f"；清单外 {float(trace.chances[-1]):.0%}"
        lines.append(f"第二读者：{said}")
    return "\n".join(lines)


@click.command()
@click.argument("text", required=False)
@click.option("-f", "--file", help="从文件读取，- 为标准输入 / read from a file")
@click.option("--category", help="已知类别，如 城乡建设 / known category")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象 / one JSON object")
@click.option("--explain", "with_explain", is_flag=True, help="成立与差一点成立的条款 / clauses that fired or nearly did")
@click.option("--why-not", metavar="ITEM", help="为何不是某项，如 C60 / why not this item")
@pack_option
def route(
    text: str | None,
    file: str | None,
    category: str | None,
    as_json: bool,
    with_explain: bool,
    why_not: str | None,
    pack: str,
) -> None:
    """判断一条诉求归谁管 / route one text.

    例：zhuban route 村东头有人烧苞谷杆子，烟大得睁不开眼
    """
    from engine import Router, load_pack
    from engine.explain import known_item

    content = read_text(text, file)
    router = Router(load_pack(pack))
    if why_not is not None:
        known_item(router, why_not)  # a wrong id is said before anything is printed
    verdict = router.route(content, category=category)
    if as_json:
        click.echo(verdict.model_dump_json(indent=2))
    else:
        click.echo(card(verdict, content))
    if with_explain:
        click.echo(explanation(router, content, category, None), err=as_json)
    if why_not is not None:
        click.echo(explanation(router, content, category, why_not), err=as_json)
