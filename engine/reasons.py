"""Say a verdict in Chinese, in the list's own words.

Texts only: everything decided is already decided. `route`, the desk and the
letters of `check` take their sentences from here.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.model import Kind, OfficialItem, VerdictKind

__all__ = ["VERDICT_NAMES", "because", "clip", "reason_unlisted", "ruling", "table_name"]

VERDICT_NAMES = {
    VerdictKind.LEAD: "本镇主办",
    VerdictKind.SUPPORT: "县级主办、本镇协办",
    VerdictKind.RECLAIMED: "上级收回，转县级",
    VerdictKind.ABOLISHED: "已取消",
    VerdictKind.UNLISTED: "清单外",
}

_TABLES = {Kind.BASIC: "基本履职", Kind.COOPERATING: "配合履职", Kind.RECLAIMED: "上级收回"}


def table_name(kind: Kind) -> str:
    """The Chinese name of one of the three tables."""
    return _TABLES[kind]


def clip(text: str, length: int = 60) -> str:
    """The beginning of an official text, marked where it is shortened."""
    return text if len(text) <= length else text[: length - 1] + "…"


def because(phrases: Sequence[str], by_reader: bool) -> str:
    """How the text came to its item: the first half of a reason.

    Args:
        phrases: The deciding words of the text.
        by_reader: No rule decided; the second reader did.
    """
    if by_reader:
        return "规则未命中，按相似案例建议："
    return f"文中「{'」、「'.join(phrases)}」，属" if phrases else "属"


def ruling(official: OfficialItem, leads: Sequence[str], duty: str | None) -> str:
    """What the list says of an item: its table, its number, its words; the second half of a reason.

    Args:
        official: The item's row.
        leads: Lead units as printed.
        duty: The department's duty clause that covers the text, if known.
    """
    if official.abolished:
        said = f"{clip(official.takeover, 50)}"
    elif official.kind is Kind.BASIC:
        said = "由本镇负责。"
    elif official.kind is Kind.COOPERATING:
        said = f"由{'、'.join(leads)}主办，本镇按清单协办。"
        if duty:
            said += f"部门职责：{clip(duty, 80)}"
    else:
        said = f"已由上级收回，转{'、'.join(leads)}。{clip(official.takeover.replace(chr(10), ' '), 90)}"
    return f"{table_name(official.kind)}第{official.number}项「{clip(official.name)}」，{said}"


def reason_unlisted(has_matter: bool, nearest: Sequence[str]) -> str:
    """Why a text stays off the list."""
    if not has_matter:
        return "未见具体事项，请补充要办的事。"
    if nearest:
        return f"三张清单均未见对应事项；最接近的{'、'.join(nearest)}条件不足，请人工判断，新增工作须经准入。"
    return "三张清单均未见对应事项，请人工判断，新增工作须经准入。"
