"""工单: lists, decisions by two clerks, units, export and import."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest

from tests.desk.conftest import BARK, BITE, OTHER_UNIT, UNIT, Server

if TYPE_CHECKING:
    from playwright.sync_api import Page

Visit = Callable[..., "Page"]


def new_order(server: Server, text: str = BITE) -> int:
    """An order that waits at the desk."""
    with server.api("orders") as api:
        return int(api.post("/api/v1/orders", json={"text": text, "source": "12345"}).json()["id"])


def accept(page: Page, server: Server, order: int) -> None:
    """Open an order and send it where the engine says."""
    page.goto(f"{server.base}/orders/{order}")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("h1:has-text('已派')")


def test_unit_refuses_and_the_desk_sends_it_elsewhere(server: Server, visit: Visit) -> None:
    """不属于我单位 brings the order back with who and where to; ping-pong is counted."""
    order = new_order(server)
    clerk, unit = visit(server, "小陈"), visit(server, "公安")
    accept(clerk, server, order)
    for turn in (1, 2):
        unit.goto(f"{server.base}/inbox")
        unit.click(f"td a:text-is('{order}')")
        unit.fill("#why", "狗有主人，属防疫")
        unit.fill("#unit", OTHER_UNIT)
        unit.click("text=不属于我单位")
        unit.wait_for_url("**/inbox")
        assert unit.locator(f"td a:text-is('{order}')").count() == 0
        clerk.goto(f"{server.base}/orders?status=open&flag=refused")
        assert f"退单 {turn} 次" in clerk.inner_text("table")
        clerk.click(f"td a:text-is('{order}')")
        assert f"认为应由 {OTHER_UNIT}" in clerk.inner_text(".history")
        assert "狗有主人" in clerk.inner_text(".history")
        clerk.fill("#unit", UNIT if turn == 1 else OTHER_UNIT)
        clerk.keyboard.press("Control+Enter")
        clerk.wait_for_selector("h1:has-text('已派')")
    other = visit(server, "农业")
    other.goto(f"{server.base}/orders/{order}")
    other.fill("#why", "已办")
    other.click("text=已办结")
    other.wait_for_url("**/inbox")
    clerk.goto(f"{server.base}/orders/{order}")
    assert "办结" in clerk.inner_text("h1")
    assert clerk.locator(".history li").count() == 7


def test_unit_does_not_see_other_units(server: Server) -> None:
    """Another unit's order, or one not yet handed out, is refused by number and by list."""
    order = new_order(server)
    clerk = server.session("小陈")
    assert server.session("公安").get(f"/orders/{order}").status_code == 403
    clerk.post(f"/orders/{order}/decide", data={"version": 1, "choice": "engine"})
    assert server.session("公安").get(f"/orders/{order}").status_code == 200
    stranger = server.session("农业")
    answer = stranger.get(f"/orders/{order}")
    assert answer.status_code == 403
    assert "不在您单位名下" in answer.text
    assert stranger.post(f"/inbox/{order}", data={"version": 2, "act": "close"}).status_code == 403
    assert stranger.get("/orders").status_code == 403
    assert stranger.get("/orders/export.csv").status_code == 403
    assert f"/orders/{order}" not in stranger.get("/inbox?status=").text


def test_second_of_two_clerks_is_told(server: Server, visit: Visit) -> None:
    """Both have the order open; the later decision is not taken and says who was first."""
    order = new_order(server)
    first, second = visit(server, "小陈"), visit(server, "小林")
    for page in (first, second):
        page.goto(f"{server.base}/orders/{order}")
    first.keyboard.press("Control+Enter")
    first.wait_for_selector("h1:has-text('已派')")
    second.check("input[value=unlisted]")
    second.click("button[data-accept]")
    second.wait_for_selector(".bad")
    assert "小陈" in second.inner_text(".bad")
    first.goto(f"{server.base}/orders/{order}")
    assert first.locator(".history li").count() == 2


def test_every_change_stays_in_the_history(server: Server) -> None:
    """Remark, close, reopen, decide: new entries, old ones untouched even for SQL."""
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    from desk.database import Database

    order = new_order(server, BARK)
    clerk = server.session("小陈")
    for version, form in enumerate(
        (
            {"act": "remark", "why": "已电话核实13812345678"},
            {"act": "close"},
            {"act": "reopen"},
            {"choice": "unlisted", "why": "不是狗"},
        ),
        start=1,
    ):
        assert clerk.post(f"/orders/{order}/decide", data={"version": version, **form}).status_code == 303
    with server.api("orders") as api:
        entries = api.get(f"/api/v1/orders/{order}").json()["history"]
    assert [e["action"] for e in entries] == ["received", "remark", "closed", "reopened", "unlisted"]
    assert entries[1]["why"] == "已电话核实［电话］"
    assert all(len(e["pack_hash"]) == 64 for e in entries)
    database = Database(server.db)
    for statement in ("UPDATE order_events SET why = ''", "DELETE FROM order_events", "DELETE FROM audit_log"):
        with pytest.raises(DBAPIError, match="append-only"), database.write() as connection:
            connection.execute(text(statement))
    database.close()


def test_list_filters_and_searches(server: Server, visit: Visit) -> None:
    """Filters narrow the list, the address can be kept, a number opens the order."""
    order = new_order(server, "托万村的大狼狗扑人，吓坏老人")
    page = visit(server, "审计")
    page.goto(f"{server.base}/orders")
    page.fill("#f-q", "托万村")
    page.select_option("#f-status", "open")
    page.click("text=筛选")
    rows = page.locator("tbody tr")
    assert rows.count() == 1
    assert "扑人" in rows.first.inner_text()
    page.goto(f"{server.base}/orders?q=托万村&status=closed")
    assert "没有符合条件的工单" in page.inner_text("table")
    page.goto(f"{server.base}/orders?q={order}")
    assert f"工单 {order}" in page.inner_text("h1")
    assert page.locator("button[data-accept]").count() == 0, "an auditor decides nothing"


@pytest.mark.parametrize("query", ["since=gestern", "flag=x", "after=abc", "after=9~9~9", "q=%22%27", "since=2025-13-01"])
def test_nonsense_in_the_address_is_answered(server: Server, query: str) -> None:
    """A sentence, no failure of the program."""
    answer = server.session("小陈").get(f"/orders?{query}")
    assert answer.status_code in (200, 400)
    assert "出错" not in answer.text


def test_export_holds_no_formulas(server: Server) -> None:
    """csv and xlsx: what begins like a formula stays text."""
    new_order(server, '=HYPERLINK("http://x","点我") 没主的狗咬了人')
    clerk = server.session("小陈")
    table = list(csv.reader(io.StringIO(clerk.get("/orders/export.csv").content.decode("utf-8-sig"))))
    book = openpyxl.load_workbook(io.BytesIO(clerk.get("/orders/export.xlsx?q=点我").content))
    cells = [str(cell.value) for row in book.active.iter_rows(min_row=2) for cell in row if cell.value is not None]

    assert table[0][:5] == ["编号", "来源", "来源编号", "收到时间", "诉求"]
    texts = [cell for row in table[1:] for cell in row] + cells
    assert any("HYPERLINK" in cell for cell in texts)
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in texts)
    assert book.active["E2"].data_type == "s"


def test_import_previews_and_stores_what_can_be_stored(server: Server, visit: Visit, tmp_path: Path) -> None:
    """Columns are guessed, shown and kept to; faults are listed by row."""
    file = tmp_path / "工单 <b>.csv"
    rows = [
        "工单编号,来电时间,联系人,诉求内容",
        f"K1,2025-05-01 10:00,张三,{BITE}",
        "K2,前天,李四,狗叫",
        "K3,2025-05-02,王五,",
        f"K4,2025/5/3,赵六,{BARK}",
    ]
    file.write_bytes("\r\n".join(rows).encode("gb18030"))
    page = visit(server, "小陈")
    page.goto(f"{server.base}/import")
    page.set_input_files("#file", str(file))
    page.click("text=预览")
    assert page.locator("#c-text option:checked").inner_text() == "诉求内容"
    assert page.locator("#c-when option:checked").inner_text() == "来电时间"
    assert "张三" not in page.inner_text("main")
    page.click("text=导入这 4 行")
    assert "已导入 2 件" in page.inner_text("main")
    faults = page.inner_text(".warn")
    assert "第 3 行：时间「前天」看不懂" in faults
    assert "第 4 行：文本为空" in faults
    page.goto(f"{server.base}/orders?source=导入")
    assert page.locator("tbody tr").count() == 2


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xlsx", b"PK\x03\x04broken", "xlsx 文件已损坏"),
        ("../../etc/passwd", b"x", "只能导入"),
        ("a.csv", b"\xff\xfe\xff\xff\xfe", "既不是 UTF-8"),
        ("a.csv", "列名\n".encode(), "没有数据行"),
        ("a.jsonl", b'{"text": "a"}\nnot json', "第 2 行不是 JSON"),
        ("a.csv", b"", "没有数据行"),
    ],
)
def test_broken_uploads_are_refused(server: Server, name: str, content: bytes, said: str) -> None:
    """Each broken file has its sentence and status 400."""
    answer = server.session("小陈").post("/import", files={"file": (name, content)})
    assert answer.status_code == 400
    assert said in re.sub(r"\s+", " ", answer.text)
