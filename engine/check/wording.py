"""Say a finding in one sentence, in the list's own words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.check.model import Finding
from engine.model import CheckWord, Kind, OfficialItem

__all__ = ["names", "reason"]

_TABLES = {Kind.BASIC: "基本履职", Kind.COOPERATING: "配合履职", Kind.RECLAIMED: "上级收回"}


def names(words: Mapping[str, CheckWord]) -> tuple[str, ...]:
    """Acts as printed."""
    return tuple(word.name for word in words.values())


def reason(
    finding: Finding,
    row: OfficialItem,
    units: Sequence[str],
    sentence: str,
    town: str,
    contrary: Mapping[str, CheckWord],
    signs: Iterable[str],
) -> str:
    """Why a passage has its finding.

    Args:
        finding: Not `unlisted`.
        row: The item.
        units: Who answers for it.
        sentence: The official sentence that decided.
        town: The nearest sentence of the town's column.
        contrary: Acts that the item gives to somebody else.
        signs: Evasions seen, as printed.
    """
    where = f"{_TABLES[row.kind]}第 {row.number} 项"
    by = "、".join(units)
    if finding is Finding.COMPLIANT:
        return f"{where}，属本镇职责" if row.kind is Kind.BASIC else f"{where}乡镇配合职责：{sentence}"
    if finding is Finding.ABOLISHED:
        return f"{where}，已取消：{sentence}"
    if finding is Finding.RECLAIMED:
        seen = "、".join(signs)
        return f"{where}，由{by}承接，不应再交乡镇办理" + (f"（{seen}）" if seen else "")
    what = "、".join(names(contrary)) or "整项工作"
    return f"{where}，{what}属{by}职责：{sentence}；乡镇一栏最接近的只是：{town}"
