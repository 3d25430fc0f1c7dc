"""Which column holds the text, and what the added columns are called.

Names only: nothing here reads a file. The choice is always printed, because a
wrong guess would be wrong for every row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import BatchError

__all__ = [
    "ADDED",
    "CHINESE",
    "TextChoice",
    "choose_column",
    "choose_text",
    "find_by_name",
    "unique_names",
    "unit_like",
]

ADDED = (
    "verdict",
    "item_id",
    "item_name",
    "category",
    "lead_units",
    "support_units",
    "reason",
    "confidence",
    "alternatives",
    "needs_review",
    "urgent",
    "clause",
    "error",
)
"""The columns that a batch adds, in this order."""

CHINESE = dict(
    zip(
        ADDED,
        (
            "结论",
            "事项编号",
            "事项名称",
            "事项类别",
            "主办单位",
            "协办单位",
            "理由",
            "把握",
            "其他可能",
            "需人工复核",
            "紧急",
            "依据条款",
            "错误",
        ),
        strict=True,
    )
)

_TEXT_NAMES = (
    "text",
    "诉求内容",
    "工单内容",
    "问题描述",
    "留言详情",
    "诉求详情",
    "诉求描述",
    "投诉内容",
    "反映内容",
    "反映问题",
    "来电内容",
    "来信内容",
    "信访内容",
    "举报内容",
    "留言内容",
    "事件描述",
    "事项描述",
    "工单描述",
    "主要内容",
    "具体内容",
    "诉求",
    "内容",
    "详情",
    "描述",
    "正文",
    "文本",
    "content",
    "description",
    "message",
    "body",
)
_TITLE_OF = {
    "内容": ("标题", "主题"),
    "content": ("title", "subject"),
    "description": ("title",),
    "body": ("title", "subject"),
}
_DATES = (
    "受理时间",
    "受理日期",
    "来电时间",
    "登记时间",
    "诉求时间",
    "反映时间",
    "创建时间",
    "工单时间",
    "提交时间",
    "留言时间",
    "日期",
    "时间",
    "date",
    "time",
    "created_at",
    "created",
)
_PLACES = (
    "所属村",
    "村社区",
    "村（社区）",
    "村(社区)",
    "村",
    "村名",
    "行政村",
    "社区",
    "街道",
    "村居",
    "所属社区",
    "所属街道",
    "事发地",
    "village",
    "street",
    "community",
)
_UNIT_ENDINGS = (
    "局",
    "委",
    "办",
    "厅",
    "部",
    "院",
    "所",
    "站",
    "队",
    "中心",
    "镇",
    "乡",
    "政府",
    "公司",
    "街道",
    "协会",
    "联合会",
    "办公室",
    "银行",
    "妇联",
    "残联",
)


@dataclass(frozen=True, slots=True)
class TextChoice:
    """The columns that make the text, by position, and how the choice reads."""

    positions: tuple[int, ...]
    said: str


def _plain(name: str) -> str:
    return "".join(name.split()).strip("*：:").lower()


def find_by_name(columns: Sequence[str], names: Sequence[str]) -> int | None:
    """Position of the first of `names` that is a column; names earlier in the list win."""
    plain = [_plain(column) for column in columns]
    for name in names:
        if name in plain:
            return plain.index(name)
    return None


def choose_text(columns: Sequence[str], wanted: str | None, place: str) -> TextChoice:
    """The columns that hold the text.

    Args:
        columns: The input's columns.
        wanted: What the user named: a column, or several joined by `+`.
        place: File or table, for the error.

    Raises:
        BatchError: No such column, or none is known by name.
    """
    if wanted is not None:
        if wanted in columns:
            return TextChoice((columns.index(wanted),), wanted)
        parts = [part.strip() for part in wanted.replace("＋", "+").split("+")]
        if all(part in columns for part in parts):
            return TextChoice(tuple(columns.index(part) for part in parts), "+".join(parts))
        missing = next(part for part in parts if part not in columns)
        raise BatchError(f"{place}：没有「{missing}」这一列；现有：{_listed(columns)}")
    found = find_by_name(columns, _TEXT_NAMES)
    if found is None:
        raise BatchError(f"{place}：找不到文本列，请用 --text-column 指明；现有：{_listed(columns)}")
    name = _plain(columns[found])
    titles = _TITLE_OF.get(name, ())
    if name.endswith("内容") and len(name) > 2:
        titles = (name[:-2] + "标题",)
    title = find_by_name(columns, titles)
    if title is not None:
        return TextChoice((title, found), f"{columns[title]}+{columns[found]}")
    return TextChoice((found,), columns[found])


def choose_column(columns: Sequence[str], wanted: str | None, kind: str, place: str) -> int | None:
    """Position of another column: `category`, `handled`, `date` or `place`.

    Raises:
        BatchError: The user named a column that is not there.
    """
    if wanted is not None:
        if wanted not in columns:
            raise BatchError(f"{place}：没有「{wanted}」这一列；现有：{_listed(columns)}")
        return columns.index(wanted)
    names: tuple[str, ...] = {"date": _DATES, "place": _PLACES}.get(kind, ())
    return find_by_name(columns, names)


def _listed(columns: Sequence[str]) -> str:
    shown = "、".join(f"「{c[:20]}」" for c in columns[:20])
    return shown + (f"等 {len(columns)} 列" if len(columns) > 20 else "") if columns else "（没有列）"


def unique_names(columns: Sequence[str], taken: Sequence[str] = ()) -> list[str]:
    """Column names without blanks or doubles; one that an added column needs gets `_in`.

    Args:
        columns: As read.
        taken: Names of the added columns.
    """
    found: list[str] = []
    seen = set(taken)
    for number, column in enumerate(columns, start=1):
        base = column.strip() or f"列{number}"
        name = f"{base}_in" if base in taken else base
        count = 2
        while name in seen:
            name = f"{base}_{count}"
            count += 1
        seen.add(name)
        found.append(name)
    return found


def unit_like(name: str) -> bool:
    """Whether a cell reads as an office: anything else might be a person and is not shown."""
    return 2 < len(name) <= 40 and name.endswith(_UNIT_ENDINGS)
