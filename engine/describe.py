"""One item in readable form: official text, departments, rule, neighbours."""

from __future__ import annotations

from engine.explain import entries, known_item
from engine.model import Clause, When
from engine.reasons import VERDICT_NAMES, table_name
from engine.rendering import verdict_kind
from engine.router import Router

__all__ = ["describe_clause", "describe_item", "describe_raw", "neighbours"]


def describe_clause(clause: Clause) -> str:
    """A clause as a sentence that can be read aloud."""
    parts: list[str] = []
    if clause.all:
        parts.append(f"有 {entries(clause.all)}")
    for label, group in (("任一", clause.any), ("要求", clause.acts), ("地点", clause.at), ("对象", clause.who)):
        if group:
            parts.append(f"{label} {'／'.join(group)}")
    if clause.none:
        parts.append(f"没有 {'／'.join(clause.none)}")
    if clause.support:
        parts.append(f"旁证 {'／'.join(clause.support)}")
    weak = "（弱依据）" if clause.evidence == "supporting" else ""
    return f"{clause.id}{weak}：{'；'.join(parts)}" + (f"　※{clause.note}" if clause.note else "")


def _when(when: When) -> str:
    parts = []
    if when.all:
        parts.append(entries(when.all))
    if when.any:
        parts.append("／".join(when.any))
    if when.none:
        parts.append(f"没有 {'／'.join(when.none)}")
    return "；".join(parts)


def neighbours(router: Router, number: int) -> list[tuple[str, str]]:
    """Items that border on this one by a declared override, with the reason."""
    item = router.items[number]
    found = [(o.item, f"先于它：{o.because}") for o in item.over]
    for other in router.items:
        found.extend((other.item, f"它先于本项：{o.because}") for o in other.over if o.item == item.item)
    return found


def describe_item(router: Router, item: str) -> str:
    """Everything about one item, as text.

    Raises:
        UnknownItemError: The pack has no such item.
    """
    number = known_item(router, item)
    row, rule = router.official[number], router.items[number]
    lines = [
        f"{row.id}  {table_name(row.kind)}第{row.number}项  {row.category}  {VERDICT_NAMES[verdict_kind(row)]}",
        f"事项：{row.name}",
    ]
    if row.departments:
        lines.append(f"部门：{'、'.join(row.departments)}")
    for duty in row.duties:
        lines.append(f"  ［{'、'.join(duty.units) if len(duty.units) < 4 else '各部门'}］{duty.text}")
    if row.takeover:
        lines.append(f"承接：{row.takeover}")
    if row.town_duties:
        lines.append("本镇职责：")
        lines.extend(f"  {duty}" for duty in row.town_duties)
    for cell in row.truncated:
        lines.append(f"（来源在此截断：{cell}）")
    lines.append("规则：" + (rule.note or ""))
    lines.extend(f"  {describe_clause(clause)}" for clause in rule.match)
    for department in rule.departments:
        condition = "其余" if department.otherwise else _when(department.condition())
        lines.append(f"  主办 {'、'.join(department.units)} ← {condition}")
    found = neighbours(router, number)
    if found:
        lines.append("近邻：")
        lines.extend(f"  {other} {router.official[router.number[other]].name[:24]}　{why}" for other, why in found)
    return "\n".join(lines)


def describe_raw(router: Router, item: str) -> str:
    """The cells as published, with the repairs recorded for them.

    Raises:
        UnknownItemError: The pack has no such item.
    """
    row = router.official[known_item(router, item)]
    lines = [f"{cell}\t{text}" for cell, text in row.raw.items()]
    for repair in router.pack.repairs:
        if repair.item == row.id:
            what = "截断" if repair.truncated else f"「{repair.find}」→「{repair.replace}」"
            lines.append(f"修补 {repair.field}：{what}（{repair.why}）")
    return "\n".join(lines)
