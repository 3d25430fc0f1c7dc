"""The report as a workbook with Excel's own charts, made by XlsxWriter."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.batch.extras import need
from engine.batch.figures import Figures, Row
from engine.batch.report_page import COLOURS

__all__ = ["write_book"]


class _Book:
    def __init__(self, path: Path) -> None:
        self.book = need("xlsxwriter", "写报告").Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
        self.head = self.book.add_format({"bold": True, "bottom": 2})
        self.title = self.book.add_format({"bold": True, "font_size": 16})
        self.number = self.book.add_format({"num_format": "#,##0"})
        self.figure = self.book.add_format({"num_format": "0.0"})
        self.share = self.book.add_format({"num_format": "0.0%"})
        self.wrap = self.book.add_format({"text_wrap": True, "valign": "top"})

    def sheet(
        self, name: str, heads: Sequence[str], widths: Sequence[int], rows: Sequence[Sequence[Any]], shares: int = -1
    ) -> Any:
        """A sheet with one table; the column `shares` holds shares, other figures are counts."""
        sheet = self.book.add_worksheet(name)
        for column, (head, width) in enumerate(zip(heads, widths, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, head, self.head)
        for r, row in enumerate(rows, start=1):
            for c, value in enumerate(row):
                if value is None:
                    continue
                if isinstance(value, str):
                    sheet.write_string(r, c, value, self.wrap)
                else:
                    kind = self.share if c == shares else self.figure if isinstance(value, float) else self.number
                    sheet.write_number(r, c, value, kind)
        sheet.freeze_panes(1, 0)
        if rows:
            sheet.autofilter(0, 0, len(rows), len(heads) - 1)
        return sheet

    def chart(
        self, sheet: Any, name: str, kind: str, rows: int, place: str, title: str, *, column: int = 1, label: int = 0
    ) -> None:
        """A bar chart over the first rows of a sheet's table."""
        if not rows:
            return
        chart = self.book.add_chart({"type": kind})
        chart.add_series(
            {
                "name": title,
                "categories": [name, 1, label, rows, label],
                "values": [name, 1, column, rows, column],
                "fill": {"color": COLOURS[1]},
                "data_labels": {"value": True, "num_format": "#,##0"},
                "gap": 40,
            }
        )
        chart.set_title({"name": title, "name_font": {"size": 13}})
        chart.set_legend({"none": True})
        if kind == "bar":
            chart.set_y_axis({"reverse": True})
        chart.set_size({"width": 720, "height": max(240, 26 * rows + 90)})
        sheet.insert_chart(place, chart)

    def stacked(self, sheet: Any, name: str, kind: str, rows: int, kinds: Sequence[str], place: str, title: str) -> None:
        """A chart stacked by verdict, whose counts stand in columns 2 to 6."""
        if not rows:
            return
        chart = self.book.add_chart({"type": kind, "subtype": "stacked"})
        for i, colour in enumerate(COLOURS):
            chart.add_series(
                {
                    "name": kinds[i],
                    "categories": [name, 1, 0, rows, 0],
                    "values": [name, 1, 2 + i, rows, 2 + i],
                    "fill": {"color": colour},
                    "gap": 40,
                }
            )
        chart.set_title({"name": title, "name_font": {"size": 13}})
        chart.set_legend({"position": "bottom"})
        if kind == "bar":
            chart.set_y_axis({"reverse": True})
        chart.set_size({"width": 760, "height": max(320, 24 * rows + 120) if kind == "bar" else 360})
        sheet.insert_chart(place, chart)


def _counted(rows: Sequence[Row], total: int) -> list[list[Any]]:
    return [[row.name, row.count, row.count / total if total else 0.0] for row in rows]


def write_book(path: Path, f: Figures, about: dict[str, str]) -> None:
    """The workbook.

    Args:
        path: Where to write.
        f: The figures.
        about: `title`, `source`, `pack`, `made`, `handled_by`.
    """
    book = _Book(path)
    front = book.book.add_worksheet("概况")
    front.set_column(0, 0, 26)
    front.set_column(1, 1, 44)
    front.write_string(0, 0, "工单分析报告", book.title)
    facts: list[tuple[str, Any]] = [
        ("清单", about["title"]),
        ("来源", about["source"]),
        ("规则包", about["pack"]),
        ("日期", about["made"]),
        ("工单总数", f.rows),
        ("需人工复核", f.review),
        ("涉及人身安全", f.urgent),
        ("无法读取的行", f.bad),
    ]
    for row, (name, value) in enumerate(facts, start=2):
        front.write_string(row, 0, name)
        if isinstance(value, str):
            front.write_string(row, 1, value)
        else:
            front.write_number(row, 1, value, book.number)
    counted = ("件数", "占比")
    for name, head, rows, shown in (
        ("结论", "结论", f.verdicts, 5),
        ("类别", "类别", f.categories, 20),
        ("主办单位", "单位", f.units, 20),
    ):
        sheet = book.sheet(name, (head, *counted), (36, 10, 10), _counted(rows, f.good), 2)
        book.chart(sheet, name, "bar", min(len(rows), shown), "E2", f"按{name}")
    items = [[row.name, row.detail, f.kinds[row.split[0]], row.count, row.count / f.good] for row in f.items]
    sheet = book.sheet("事项", ("事项", "名称", "结论", "件数", "占比"), (8, 60, 20, 10, 10), items, 4)
    book.chart(sheet, "事项", "bar", min(len(items), 20), "G2", "最多的事项", column=3)
    for name, rows, kind in (("按月", f.months, "column"), ("村社区", f.places, "bar")):
        if rows:
            table = [[row.name, row.count, *row.split] for row in rows]
            sheet = book.sheet(name, (name, "合计", *f.kinds), (18, 9, 10, 18, 16, 9, 9), table)
            book.stacked(sheet, name, kind, min(len(rows), 36), f.kinds, "I2", name)
    if f.grown:
        table = [[g.item, g.name, g.before, g.now, g.times if g.times else "新出现"] for g in f.grown]
        book.sheet("增长", ("事项", "名称", "此前月均", "近期月均", "倍数"), (8, 60, 10, 10, 10), table)
    if f.themes:
        table = [["、".join(t.phrases), t.count, t.example] for t in f.themes]
        book.sheet("清单外话题", ("说法", "约件数", "例"), (40, 10, 70), table)
    if f.handled:
        names = {
            "agree": "与清单一致",
            "town": "清单归县级、实际由本镇办",
            "other": "转给了不主办的单位",
            "open": "清单外或已取消，不比对",
            "unknown": "未识别的单位",
            "blank": "空白",
        }
        table = [[said, f.handled.get(key, 0)] for key, said in names.items()]
        sheet = book.sheet("承办比对", ("情形", "件数"), (30, 10), table)
        book.chart(sheet, "承办比对", "bar", len(table), "D2", "实际承办与清单")
        heads = ("事项", "名称", "清单上的主办单位", "件数")
        book.sheet("本镇代办", heads, (8, 50, 40, 10), [list(row) for row in f.town_did])
        heads5 = ("事项", "名称", "实际承办", "清单上的主办单位", "件数")
        book.sheet("转错单位", heads5, (8, 50, 30, 40, 10), [list(row) for row in f.other_did])
    book.book.close()
