"""Logging in, roles, CSRF, lockout, tokens, single sign-on, audit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.desk.conftest import BITE, PASSWORD, Server, zhuban

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_every_page_asks_who_is_there(lite: Server) -> None:
    """Without a session: to the login page, and nothing is told."""
    for path in (
        "/",
        "/orders",
        "/orders/1",
        "/inbox",
        "/items",
        "/stats",
        "/admin",
        "/audit",
        "/check",
        "/import",
        "/orders/export.csv",
    ):
        answer = httpx.get(f"{lite.base}{path}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login"), path


@pytest.mark.parametrize(
    ("name", "allowed", "refused"),
    [
        ("小陈", ("/", "/orders", "/stats", "/import", "/check", "/items"), ("/admin", "/audit", "/inbox")),
        ("公安", ("/inbox", "/items"), ("/orders", "/stats", "/admin", "/audit", "/import", "/check")),
        ("审计", ("/orders", "/stats", "/audit", "/check", "/items"), ("/admin", "/import", "/inbox")),
        ("管理", ("/", "/orders", "/stats", "/admin", "/audit", "/import"), ("/inbox",)),
    ],
)
def test_roles_see_their_pages(lite: Server, name: str, allowed: tuple[str, ...], refused: tuple[str, ...]) -> None:
    """A page is either in a role's reach or answers 403 with a sentence."""
    client = lite.session(name)
    assert [client.get(path).status_code for path in allowed] == [200] * len(allowed)
    assert [client.get(path).status_code for path in refused] == [403] * len(refused)


def test_change_without_csrf_token_is_refused(lite: Server) -> None:
    """The cookie alone changes nothing; a request from another site neither."""
    client = lite.session("小陈")
    token = client.headers.pop("x-csrf-token")
    assert client.post("/desk", data={"text": BITE}).status_code == 403
    assert client.post("/desk", data={"text": BITE, "csrf": "wrong"}).status_code == 403
    foreign = client.post("/desk", data={"text": BITE, "csrf": token}, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    assert "其他网站" in foreign.text
    assert client.post("/desk", data={"text": BITE, "csrf": token}).status_code == 200


def test_auditor_and_unit_cannot_decide(lite: Server) -> None:
    """Reading roles change nothing."""
    with lite.api("orders") as api:
        order = api.post("/api/v1/orders", json={"text": BITE}).json()["id"]
    for name in ("审计", "公安"):
        client = lite.session(name)
        assert client.post(f"/orders/{order}/decide", data={"version": 1}).status_code == 403
        assert client.post("/desk", data={"text": BITE}).status_code == 403
        assert client.post("/say", data={"text": BITE}).status_code == 403


def test_wrong_passwords_lock_the_account(lite: Server) -> None:
    """After five failures even the right password waits; the administrator unlocks."""
    zhuban("desk", "user", "add", "锁锁", "--role", "clerk", "--password-stdin", "--db", lite.db, stdin=PASSWORD)

    def log_in(password: str) -> httpx.Response:
        return httpx.post(f"{lite.base}/login", data={"name": "锁锁", "password": password})

    said = {log_in("wrong-password").status_code for _ in range(5)}
    locked = log_in(PASSWORD)
    zhuban("desk", "user", "password", "锁锁", "--password-stdin", "--db", lite.db, stdin="another-long-one")

    assert said == {401}
    assert (locked.status_code, "锁定" in locked.text) == (429, True)
    assert log_in("another-long-one").status_code == 303
    assert "用户名或密码不对" in httpx.post(f"{lite.base}/login", data={"name": "nobody", "password": "x"}).text


def test_stopped_user_and_logged_out_session_are_gone(lite: Server) -> None:
    """Stopping ends sessions at once; so does logging out."""
    zhuban("desk", "user", "add", "短工", "--role", "clerk", "--password-stdin", "--db", lite.db, stdin=PASSWORD)
    client = lite.session("短工")
    assert client.get("/orders").status_code == 200
    zhuban("desk", "user", "stop", "短工", "--db", lite.db)
    assert client.get("/orders").status_code == 303
    other = lite.session("小林")
    assert other.post("/logout").status_code == 303
    assert other.get("/orders").status_code == 303


def test_revoked_token_stops_working(lite: Server) -> None:
    """Within the five seconds that a token is remembered, never longer."""
    import time

    secret = zhuban("desk", "token", "add", "旧平台", "--scope", "route", "--db", lite.db)
    ask = {"headers": {"authorization": f"Bearer {secret}"}, "json": {"text": BITE}}
    assert httpx.post(f"{lite.base}/api/v1/route", **ask).status_code == 200
    zhuban("desk", "token", "revoke", "旧平台", "--db", lite.db)
    deadline = time.monotonic() + 8
    while time.monotonic() < deadline and httpx.post(f"{lite.base}/api/v1/route", **ask).status_code == 200:
        time.sleep(0.5)
    assert httpx.post(f"{lite.base}/api/v1/route", **ask).status_code == 401


def test_token_over_its_rate_is_told_to_wait(lite: Server) -> None:
    """429 with Retry-After, and the sentence names the rate."""
    secret = zhuban("desk", "token", "add", "慢平台", "--scope", "route", "--rate", 1, "--db", lite.db)
    with httpx.Client(headers={"authorization": f"Bearer {secret}"}) as client:
        answers = [client.post(f"{lite.base}/api/v1/route", json={"text": BITE}) for _ in range(6)]
    last = answers[-1]
    assert (answers[0].status_code, last.status_code, last.headers["retry-after"]) == (200, 429, "1")
    assert "请求过快" in last.json()["error"]


def test_single_sign_on_only_when_turned_on(lite: Server, tmp_path: Path) -> None:
    """The header means nothing by default; when on, a known user is let in and an unknown one is not."""
    assert httpx.get(f"{lite.base}/login", headers={"x-user": "xiaochen"}).status_code == 200
    office = Server(f"sqlite:///{tmp_path / 'sso.sqlite'}", tmp_path, sso_header="x-user")
    zhuban("desk", "user", "add", "xiaochen", "--role", "clerk", "--no-password", "--db", office.db)
    office.start()
    try:
        with httpx.Client(base_url=office.base, headers={"x-user": "xiaochen"}) as client:
            assert client.get("/login").status_code == 303
            assert client.get("/").status_code == 200
            assert client.get("/", headers={"x-user": "someone"}).status_code == 303
        assert httpx.get(f"{office.base}/login", headers={"x-user": "someone"}).status_code == 403
    finally:
        office.stop()


def test_administration_in_the_browser(lite: Server, visit: Callable[..., Page]) -> None:
    """Add a user, make and revoke a token; the audit log tells all of it without any text."""
    page = visit(lite, "管理")
    page.goto(f"{lite.base}/admin")
    page.fill("#u-name", "新来的")
    page.fill("#u-password", PASSWORD)
    page.click("text=新增用户")
    assert "新来的" in page.inner_text("main")
    page.fill("#t-name", "热线")
    page.check("input[value=orders]")
    page.click("text=新增令牌")
    secret = page.inner_text(".good code")
    assert secret.startswith("zb_")
    page.click("[aria-label='吊销 热线']")
    assert secret not in page.content()
    page.goto(f"{lite.base}/audit")
    log = page.inner_text("table")
    assert all(word in log for word in ("新增用户", "新增令牌", "吊销令牌", "登录"))


def test_first_run_says_what_to_do(tmp_path: Path) -> None:
    """A new database has nobody; the page and the terminal name the command."""
    fresh = Server(f"sqlite:///{tmp_path / 'new.sqlite'}", tmp_path).start()
    try:
        assert "zhuban desk user add" in httpx.get(f"{fresh.base}/login").text
    finally:
        fresh.stop()
    assert "zhuban desk user add" in (tmp_path / "server.log").read_text()


def test_expired_token_and_session_are_refused(lite: Server) -> None:
    """What was valid yesterday is not today: 401 for the API, the login page for the browser."""
    from datetime import timedelta

    from sqlalchemy import update

    from desk.database import Database
    from desk.schema import sessions, tokens
    from desk.store.orders import now

    secret = zhuban("desk", "token", "add", "短期", "--scope", "route", "--days", 1, "--db", lite.db)
    client = lite.session("小林")
    database = Database(lite.db)
    with database.write() as connection:
        connection.execute(update(tokens).where(tokens.c.name == "短期").values(expires_at=now() - timedelta(seconds=1)))
        connection.execute(update(sessions).values(expires_at=now() - timedelta(seconds=1)))
    database.close()
    answer = httpx.post(f"{lite.base}/api/v1/route", json={"text": BITE}, headers={"authorization": f"Bearer {secret}"})

    assert answer.status_code == 401
    assert "已过期" in answer.json()["error"]
    assert client.get("/orders").status_code == 303
    assert "请先登录" in client.post("/say", data={"text": BITE}, headers={"hx-request": "true"}).text
