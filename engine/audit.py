"""Hold the introduction's figures against the tables.

The published introduction counts items, categories and departments; the
tables do not always agree. Everything is computed from the data.
"""

from __future__ import annotations

import re
from collections import Counter

from engine.model import Kind, OfficialItem, Pack

__all__ = ["audit_pack"]

_NAMES = {Kind.BASIC: "基本履职事项", Kind.COOPERATING: "配合履职事项", Kind.RECLAIMED: "上级部门收回事项"}
_PARAGRAPH = re.compile(
    r"主要包括(?P<categories>[^。]*?)\s*(?P<count>\d+)\s*个类别，共有(?P<kind>[^0-9。]*?)\s*(?P<items>\d+)\s*项"
    r"(?:，涉及\s*(?P<departments>\d+)\s*个部门)?"
)


def _figures(pack: Pack) -> dict[Kind, dict[str, str]]:
    text = re.sub(r"\s+", "", pack.introduction)
    found: dict[Kind, dict[str, str]] = {}
    for match in _PARAGRAPH.finditer(text):
        for kind, name in _NAMES.items():
            if match["kind"].startswith(name):
                found[kind] = match.groupdict()
    return found


def audit_pack(pack: Pack) -> list[str]:
    """Contradictions between the introduction and the tables, one sentence each."""
    findings: list[str] = []
    for kind, said in _figures(pack).items():
        rows = [row for row in pack.official if row.kind is kind]
        name = _NAMES[kind]
        if int(said["items"]) != len(rows):
            findings.append(f"{name}：说明称 {said['items']} 项，表中 {len(rows)} 项")
        categories = list(dict.fromkeys(row.category for row in rows))
        listed = said["categories"].split("、")
        # A paragraph may repeat another table's sentence before its own.
        listed = [part.rpartition("主要包括")[2] for part in listed]
        if int(said["count"]) != len(categories):
            findings.append(f"{name}：说明称 {said['count']} 个类别，表中 {len(categories)} 个")
        missing = [c for c in listed if c and c not in categories]
        extra = [c for c in categories if c not in listed]
        if missing:
            findings.append(f"{name}：说明列出而表中没有的类别：{'、'.join(missing)}")
        if extra:
            findings.append(f"{name}：表中有而说明未列的类别：{'、'.join(extra)}")
        if said["departments"]:
            findings.extend(_departments(pack, name, rows, int(said["departments"])))
    for row in pack.official:
        for cell in row.truncated:
            findings.append(f"{row.id}「{row.name[:20]}」的 {cell} 在来源中被截断")
    for row in pack.official:
        dutiless = set(row.departments) - {unit for duty in row.duties for unit in duty.units}
        if row.kind is Kind.COOPERATING and dutiless:
            findings.append(f"{row.id}「{row.name[:20]}」列有 {'、'.join(sorted(dutiless))}，但职责栏没有其职责")
        stray = {unit for duty in row.duties for unit in duty.units} - set(row.departments)
        if stray:
            findings.append(f"{row.id}「{row.name[:20]}」职责栏写到 {'、'.join(sorted(stray))}，但对应部门栏未列")
    repaired = Counter(repair.item for repair in pack.repairs if not repair.truncated)
    if repaired:
        findings.append(f"已记录的文字修补：{sum(repaired.values())} 处，涉及 {len(repaired)} 项（official/repairs.yaml）")
    return findings


def _departments(pack: Pack, name: str, rows: list[OfficialItem], said: int) -> list[str]:
    units = {unit for row in rows for unit in row.departments}
    if len(units) == said:
        return []
    spellings: set[str] = set()
    for row in rows:
        cell = row.raw.get("departments", "")
        if not cell and (match := re.search(r"承接部门[：:]\s*([^：:]+?)\s*(?:[：:]|工作方式|$)", row.raw.get("takeover", ""))):
            cell = match[1]
        spellings.update(part for part in re.split(r"[、，,\s]+", cell) if part)
    return [f"{name}：说明称涉及 {said} 个部门，表中实有 {len(units)} 个单位（{len(spellings)} 种写法）"]
