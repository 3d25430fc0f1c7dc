"""The report: the figures of the run, in a page and a workbook, without persons."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.batch.conftest import orders, read_jsonl, write_csv

openpyxl = pytest.importorskip("openpyxl")
PACK = Path(__file__).resolve().parent.parent / "data" / "demo"
Zhuban = Callable[..., CompletedProcess[str]]


@pytest.fixture
def reported(zhuban: Zhuban, tmp_path: Path) -> Path:
    """A run with both reports, with a column of who handled each order."""
    rows = orders(400)
    units = ("甲县公安局", "乙镇", "县城管局", "张三", "")
    for number, row in enumerate(rows):
        row["承办"] = units[number % len(units)]
        if number % 9 == 0:
            row["诉求内容"] = f"{number}号，希望给村里<b>装路灯</b>，电话13812345678"
    source = write_csv(tmp_path / "in.csv", rows)
    args = ("--report", tmp_path / "r.html", "--report", tmp_path / "r.xlsx", "--handled-by", "承办")
    result = zhuban("batch", source, "-o", tmp_path / "out.jsonl", "--pack", PACK, "--rules-only", *args)
    assert result.returncode == 0, result.stderr
    return tmp_path


def test_page_shows_the_figures_and_no_person(reported: Path) -> None:
    """Counts match the output; the page is whole in itself, escaped, and names nobody."""
    page = (reported / "r.html").read_text(encoding="utf-8")
    rows = read_jsonl(reported / "out.jsonl")
    led = sum(row["verdict"] == "lead" for row in rows)
    assert f"本镇主办（{led}）" in page
    assert "<svg" in page
    assert "路灯" in page
    assert "2025-01" in page
    assert "6村" in page
    assert "<b>装路灯" not in page
    assert "13812345678" not in page
    assert "张三" not in page
    assert not re.search(r"""(src|href)=["'](?!#)""", page)
    assert "<script" not in page


def test_handling_is_held_against_the_list(reported: Path) -> None:
    """Orders the town handled though the county leads them, and orders sent to a unit that does not lead."""
    page = (reported / "r.html").read_text(encoding="utf-8")
    rows = read_jsonl(reported / "out.jsonl")
    did = [row for row in rows if row["承办"] == "乙镇" and row["verdict"] in ("support", "reclaimed")]
    assert f"<b>{len(did)}</b><span>清单归县级、实际由本镇办" in page
    book = openpyxl.load_workbook(reported / "r.xlsx")
    assert sum(row[3] for row in book["本镇代办"].iter_rows(min_row=2, values_only=True)) == len(did)


def test_workbook_has_excel_charts(reported: Path) -> None:
    """Real charts, and the same counts as the output."""
    book = openpyxl.load_workbook(reported / "r.xlsx")
    assert len(book["结论"]._charts) == 1
    assert len(book["按月"]._charts) == 1
    counted = {row[0]: row[1] for row in book["结论"].iter_rows(min_row=2, values_only=True)}
    rows = read_jsonl(reported / "out.jsonl")
    assert sum(counted.values()) == sum(row["verdict"] is not None for row in rows)


def test_report_is_the_same_for_any_number_of_workers(zhuban: Zhuban, tmp_path: Path) -> None:
    """Samples and themes do not depend on who counted what."""
    source = write_csv(tmp_path / "in.csv", orders(9_000))
    pages = []
    for workers in (1, 3):
        args = ("--pack", PACK, "--rules-only", "--workers", workers, "--report", tmp_path / "r.html")
        assert zhuban("batch", source, "-o", tmp_path / "out.csv", *args).returncode == 0
        pages.append((tmp_path / "r.html").read_text(encoding="utf-8"))
    assert pages[0] == pages[1]


def test_reports_of_other_kinds_are_refused_before_work(zhuban: Zhuban, tmp_path: Path, orders_csv: Path) -> None:
    """A report that cannot be written is refused first."""
    result = zhuban("batch", orders_csv, "-o", tmp_path / "out.csv", "--report", tmp_path / "r.pdf")
    assert result.returncode == 2
    assert "报告只能是 .html 或 .xlsx" in result.stderr
    assert not (tmp_path / "out.csv").exists()
