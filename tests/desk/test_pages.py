"""清单, 核查, 统计 in the browser, and every page against axe-core at two sizes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.desk.conftest import BARK, BITE, ROOT, WEATHER, Server

if TYPE_CHECKING:
    from playwright.sync_api import Page

Visit = Callable[..., "Page"]
AXE = ROOT / "tests" / "desk" / "vendor" / "axe-4.10.2.min.js"
NOTICE = (
    "关于做好秸秆禁烧工作的通知\n\n各乡镇人民政府：\n\n一、各乡镇要开展秸秆禁烧宣传，落实网格员巡查，发现火点及时上报。\n\n"
    "二、各乡镇要对焚烧秸秆的农户依法实施行政处罚，于9月30日前完成。\n\n莎车县农业农村局\n2025年9月1日\n"
)


@pytest.fixture(scope="module", autouse=True)
def some_orders(lite: Server) -> None:
    """Something to list and count."""
    with lite.api("orders") as api:
        ids = [
            api.post("/api/v1/orders", json={"text": text, "source": "12345"}).json()["id"]
            for text in (BITE, BARK, WEATHER, "在哪里办狗证")
        ]
    clerk = lite.session("小陈")
    clerk.post(f"/orders/{ids[0]}/decide", data={"version": 1, "choice": "engine"})
    clerk.post(f"/orders/{ids[1]}/decide", data={"version": 1, "choice": "other", "item": "C1"})


def test_list_is_searched_and_linked(lite: Server, visit: Visit) -> None:
    """Words find items; an item's page has official text, rule, neighbours, orders and agreement."""
    page = visit(lite, "公安")
    page.goto(f"{lite.base}/items?q=犬只")
    page.click("td a:text-is('C1')")
    text = page.inner_text("main")
    assert page.url.endswith("/items/C1")
    for word in ("犬只管理", "甲县公安局", "处置伤人犬只", "开展宣传", "犬只 + 伤人", "已有人受伤", "采纳率"):
        assert word in text, word
    assert page.goto(f"{lite.base}/items/B999").status == 404
    assert page.goto(f"{lite.base}/items/c1").status == 200


def test_overview_shows_what_the_rules_get_wrong(lite: Server, visit: Visit) -> None:
    """Counts, charts with names for screen readers, and the override by item."""
    page = visit(lite, "审计")
    page.goto(f"{lite.base}/stats?days=7")
    assert page.locator("svg[role=img][aria-label]").count() >= 7
    overrides = page.inner_text("section:has-text('改判最多') table")
    assert "B1" in overrides
    assert "C1" in overrides
    assert page.goto(f"{lite.base}/stats?days=8").status == 400
    assert "改判" in lite.session("审计").get("/stats.csv?days=7").text


def test_notice_is_marked_and_answered(visit: Visit, tmp_path: Path) -> None:
    """Findings beside the text, a decision for each clause, the letter as docx."""
    office = Server(f"sqlite:///{tmp_path / 'x.sqlite'}", tmp_path, pack="azhatebage")
    office.people()
    office.start()
    try:
        file = tmp_path / "通知.txt"
        file.write_text(NOTICE, encoding="utf-8")
        page = visit(office, "小陈")
        page.goto(f"{office.base}/check")
        page.set_input_files("#file", str(file))
        page.click("button:text-is('核查')")
        page.wait_for_selector("section[aria-label='逐条结论'] .panel")
        findings = page.locator("section[aria-label='逐条结论'] .panel").all_inner_texts()
        assert any("处罚" in one and "疑似主责倒置" in one for one in findings)
        assert page.locator("section[aria-label='来文'] mark").count() >= 1
        page.select_option("#d1", "drop")
        with page.expect_download() as download:
            page.click("text=下载复函")
        assert Path(download.value.path()).read_bytes()[:2] == b"PK"
        assert office.session("小陈").post("/check", files={"file": ("a.docx", b"nonsense")}).status_code == 422
        assert office.session("小林").post("/check/take", data={"key": "not-mine", "act": "letter"}).status_code == 404
    finally:
        office.stop()


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_no_serious_accessibility_violation(lite: Server, visit: Visit, width: int, height: int) -> None:
    """axe-core finds nothing serious or critical on any page, and no page scrolls sideways."""
    page = visit(lite, "管理", width, height)
    paths = (
        "/",
        "/orders",
        "/orders/1",
        "/orders/2",
        "/orders/4/note",
        "/import",
        "/items",
        "/items/C1",
        "/check",
        "/stats",
        "/admin",
        "/audit",
        "/orders/999",
    )
    found: list[str] = []
    for path in paths:
        page.goto(f"{lite.base}{path}")
        if path == "/":
            page.fill("#text", BITE)
            page.wait_for_selector("#said .verdict")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        for violation in page.evaluate(
            "axe.run(document).then(r => r.violations.map(v => ({id: v.id, impact: v.impact, at: v.nodes[0].html})))"
        ):
            if violation["impact"] in ("serious", "critical"):
                found.append(f"{path}: {violation['id']} {violation['at']}")
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(f"{path}: scrolls sideways")
    page.context.clear_cookies()
    page.goto(f"{lite.base}/login")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found += page.evaluate(
        "axe.run(document).then(r => r.violations.filter(v => /serious|critical/.test(v.impact)).map(v => v.id))"
    )
    assert found == []


def test_nothing_comes_from_outside(lite: Server, visit: Visit) -> None:
    """Every request of every page goes to the desk itself."""
    page = visit(lite, "管理")
    foreign: list[str] = []
    page.on(
        "request", lambda request: foreign.append(request.url) if not request.url.startswith((lite.base, "data:")) else None
    )
    for path in ("/", "/orders", "/items/C1", "/stats", "/check", "/admin"):
        page.goto(f"{lite.base}{path}", wait_until="networkidle")
    assert foreign == []
