"""办单 in a real browser: paste, verdict, decide by keyboard, saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.desk.conftest import BARK, BITE, OTHER_UNIT, UNIT, WEATHER, Server

if TYPE_CHECKING:
    from playwright.sync_api import Page

Visit = Callable[..., "Page"]


def paste(page: Page, text: str) -> None:
    """Put a text into the field and wait for its verdict."""
    page.fill("#text", text)
    page.wait_for_function("t => document.querySelector('#said .said-text')?.innerText === t", arg=text)


def saved(page: Page) -> str:
    """What the page says after saving, and the field is empty for the next caller."""
    page.wait_for_selector("#result .good")
    page.wait_for_function("() => document.querySelector('#text').value === ''")
    return page.inner_text("#result")


def test_paste_shows_verdict_and_ctrl_enter_sends_it(server: Server, visit: Visit) -> None:
    """Verdict, unit, marked phrases; one key later the order is with the unit."""
    page = visit(server, "小陈")
    paste(page, BITE)

    assert page.inner_text("#said .verdict") == "县级主办、本镇协办"
    assert UNIT in page.inner_text("#said")
    assert page.locator("#said mark").all_inner_texts() == ["没主的狗", "咬了"]
    page.keyboard.press("Control+Enter")
    said = saved(page)
    assert "已派" in said
    assert UNIT in said
    assert page.evaluate("document.activeElement.id") == "text"
    page.click("#result a")
    assert "采纳并派出" in page.inner_text(".history")


def test_two_keys_overrule_the_engine(server: Server, visit: Visit) -> None:
    """Alt+O and Ctrl+Enter: 清单外, with the reason, kept as an override."""
    page = visit(server, "小陈")
    paste(page, BARK)
    page.keyboard.press("Alt+o")
    page.keyboard.type("是商铺的音响，不是狗")
    page.keyboard.press("Control+Enter")
    saved(page)
    page.click("#result a")

    assert "改判" in page.inner_text("h1")
    assert "定为清单外" in page.inner_text(".history")
    assert "是商铺的音响" in page.inner_text(".history")


def test_another_item_and_unit_can_be_typed(server: Server, visit: Visit) -> None:
    """清单里的另一项: item by id, unit from the list; an unknown unit is refused and nothing is lost."""
    page = visit(server, "小陈")
    paste(page, BARK)
    page.check("input[value=other]")
    page.fill("#item", "C1")
    page.fill("#unit", "没有的单位")
    page.click("button[data-accept]")
    page.wait_for_selector("#result .bad")
    assert "没有单位「没有的单位」" in page.inner_text("#result")
    assert page.input_value("#text") == BARK
    page.fill("#unit", OTHER_UNIT)
    page.click("button[data-accept]")
    assert OTHER_UNIT in saved(page)


def test_return_to_the_county_makes_a_letter(server: Server, visit: Visit) -> None:
    """A reclaimed matter goes back with a letter in the list's words."""
    page = visit(server, "小陈")
    paste(page, "在哪里办狗证")
    assert page.inner_text("#said .verdict") == "上级收回，转县级"
    page.keyboard.press("Alt+r")
    page.keyboard.press("Control+Enter")
    saved(page)
    page.click("text=打印退回／转办函")
    letter = page.inner_text(".note")
    assert "上级收回第1项“养犬登记”" in letter
    assert "甲县乙镇人民政府" in letter


def test_several_matters_are_split(server: Server, visit: Visit) -> None:
    """Alt+S, one line each: as many orders."""
    page = visit(server, "小陈")
    paste(page, f"{BITE}。{BARK}")
    page.keyboard.press("Alt+s")
    page.fill("#parts", f"{BITE}\n{BARK}")
    page.click("text=按行拆单保存")
    assert "已拆成 2 件" in saved(page)
    assert page.locator("#result a").count() == 2


def test_same_words_are_hinted(server: Server, visit: Visit) -> None:
    """A caller who rings twice, and a neighbour who tells of the same place."""
    page = visit(server, "小陈")
    text = "英巴格村3组没主的狗咬了两个孩子"
    paste(page, text)
    page.keyboard.press("Control+Enter")
    saved(page)
    paste(page, text)
    assert "原话相同" in page.inner_text("#said .notice")
    paste(page, "我也反映英巴格村3组没主的狗咬了人，没人管")
    assert "同一地点同一事项" in page.inner_text("#said .notice")


def test_script_in_a_text_is_text(server: Server, visit: Visit) -> None:
    """Markup is shown as it was written, on every page that shows it."""
    page = visit(server, "小陈")
    text = "没主的狗咬了人<script>document.title='x'</script><img src=x onerror=\"document.title='y'\">"
    paste(page, text)
    page.keyboard.press("Control+Enter")
    saved(page)
    for path in (page.get_attribute("#result a", "href"), "/orders", "/items/C1"):
        page.goto(f"{server.base}{path}")
        assert page.title() not in ("x", "y")
        assert page.locator("main img").count() == 0


def test_outside_the_list_goes_to_nobody_by_itself(server: Server, visit: Visit) -> None:
    """清单外 without a unit is returned, and can be kept as 待办 instead."""
    page = visit(server, "小陈")
    paste(page, WEATHER)
    assert page.inner_text("#said .verdict") == "清单外"
    page.click("text=存为待办")
    assert "已存为待办" in saved(page)


def test_phone_can_do_it_too(server: Server, visit: Visit) -> None:
    """At 390 pixels nothing sticks out sideways and the button can be pressed."""
    page = visit(server, "小陈", 390, 844)
    paste(page, BITE)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.click("button[data-accept]")
    assert "已派" in saved(page)


def test_decision_belongs_to_the_text_that_was_shown(lite: Server) -> None:
    """Changed text, old verdict on the page: the answer is to look again, and nothing is stored."""
    clerk = lite.session("小陈")
    shown = clerk.post("/say", data={"text": BITE}).text
    seen = shown.split('name="seen" value="')[1].split('"')[0]
    late = clerk.post("/desk", data={"text": BARK, "seen": seen, "choice": "engine", "unit": UNIT})
    assert late.status_code == 409
    assert "没有跟上" in late.text
    assert "没有符合条件" in clerk.get("/orders").text
    assert clerk.post("/desk", data={"text": f"{BITE}\r\n", "seen": seen, "choice": "engine"}).status_code == 200


def test_awkward_forms_are_answered(lite: Server) -> None:
    """NUL bytes, huge numbers, wrong types: a sentence with 4xx, never a failure of the program."""
    clerk = lite.session("小陈")
    forms = (
        ("/desk", {"text": "\0"}, 400),
        ("/desk", {"text": BITE, "choice": "C999"}, 400),
        ("/desk", {"text": BITE, "act": "split", "parts": "只有一件"}, 400),
        ("/orders/1/decide", {"version": "9" * 30}, 422),
        ("/orders/1/decide", {"version": "1", "act": "explode"}, 400),
        ("/orders/99999999999999999999999/decide", {"version": "1"}, 404),
        ("/import/store", {"key": "x", "text": "0"}, 404),
        ("/import/store", {"key": "x", "text": "0", "when": "abc"}, 400),
    )
    for path, form, status in forms:
        answer = clerk.post(path, data=form)
        assert answer.status_code == status, (path, form, answer.text[:300])
        assert "程序内部出错" not in answer.text
