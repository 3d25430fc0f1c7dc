"""kill -9, a database that goes away, a full disk, packs that change: nothing acknowledged is lost."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from engine import load_pack
from tests.desk.conftest import BARK, BITE, Server, zhuban

_WRITES = 1000


def test_kill_nine_loses_no_acknowledged_order(own_db: str, tmp_path: Path) -> None:
    """1,000 concurrent writes, the server killed in the middle and started again: each 201 is there, none twice."""
    server = Server(own_db, tmp_path).start(workers=2)
    token = server.token("orders")
    headers = {"authorization": f"Bearer {token}"}
    acknowledged: dict[int, int] = {}
    enough = threading.Event()

    def write(number: int, client: httpx.Client) -> None:
        try:
            answer = client.post(
                "/api/v1/orders", json={"text": f"{BITE}，第{number}件"}, headers={"idempotency-key": f"k{number}"}
            )
        except httpx.HTTPError:
            return
        if answer.status_code in (200, 201):
            acknowledged[number] = answer.json()["id"]
            if len(acknowledged) > _WRITES // 5:
                enough.set()

    def run(numbers: list[int]) -> None:
        with httpx.Client(base_url=server.base, headers=headers, timeout=30) as client, ThreadPoolExecutor(32) as pool:
            list(pool.map(lambda n: write(n, client), numbers))

    first = threading.Thread(target=run, args=(list(range(_WRITES)),))
    first.start()
    assert enough.wait(120)
    server.kill()
    first.join()
    before = dict(acknowledged)
    server.start(workers=2)
    run([n for n in range(_WRITES) if n not in before])  # the client tries again what was not acknowledged
    seen: dict[str, int] = {}
    with httpx.Client(base_url=server.base, headers=headers, timeout=30) as client:
        after = ""
        while after is not None:
            page = client.get("/api/v1/orders", params={"size": 500, "after": after}).json()
            for order in page["orders"]:
                assert order["text"] not in seen, "twice"
                seen[order["text"]] = order["id"]
            after = page["after"]
    server.stop()

    assert 0 < len(before) < _WRITES
    assert all(seen.get(f"{BITE}，第{n}件") == order for n, order in before.items())
    assert len(seen) == _WRITES


def test_pack_switches_without_restart_and_back(own_db: str, tmp_path: Path) -> None:
    """New orders carry the new hash, old ones keep theirs; going back is one command."""
    server = Server(own_db, tmp_path)
    server.people()
    server.start()
    old = load_pack(server.pack).hash
    with server.api("orders") as api:
        first = api.post("/api/v1/orders", json={"text": BARK}).json()
        other = tmp_path / "other"
        import shutil

        shutil.copytree(server.pack, other)
        (other / "offices.yaml").write_text("- office: 综治中心\n  categories: [平安法治]\n", encoding="utf-8")
        zhuban("desk", "pack", "use", other, "--why", "试用", "--db", server.db)
        new = load_pack(other).hash
        _wait(server, new)
        second = api.post("/api/v1/orders", json={"text": BARK}).json()
        zhuban("desk", "pack", "back", "--db", server.db)
        _wait(server, old)
        hashes = [api.get(one["url"]).json()["pack_hash"] for one in (first, second)]
    server.stop()

    assert hashes == [old, new]
    assert second["verdict"]["lead_units"] == ["综治中心"]
    assert "命令行" in zhuban("desk", "pack", "list", "--db", server.db)


def _wait(server: Server, digest: str) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if httpx.get(f"{server.base}/readyz").json()["pack_hash"] == digest:
            return
        time.sleep(0.2)
    raise AssertionError("the pack was not switched")


def test_broken_pack_is_refused_and_the_old_one_stays(tmp_path: Path) -> None:
    """`pack use` of a pack with faults says which; the desk goes on."""
    import shutil
    import subprocess
    import sys

    server = Server(f"sqlite:///{tmp_path / 'x.sqlite'}", tmp_path).start()
    broken = tmp_path / "broken"
    shutil.copytree(server.pack, broken)
    (broken / "offices.yaml").write_text("- office: 综治中心\n  items: [C1]\n", encoding="utf-8")
    command = [sys.executable, "-m", "engine", "desk", "pack", "use", str(broken), "--db", server.db]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    same = httpx.get(f"{server.base}/readyz").json()["pack_hash"]
    server.stop()

    assert found.returncode == 2
    assert "ZB105" in found.stderr
    assert same == load_pack(server.pack).hash


def test_database_gone_and_back(tmp_path: Path) -> None:
    """While the file cannot be written the answer is 503 or 507 with a sentence; afterwards work goes on."""
    from sqlalchemy import text

    from desk.database import Database

    server = Server(f"sqlite:///{tmp_path / 'x.sqlite'}", tmp_path).start()
    pages = Database(server.db)
    with server.api("orders") as api:
        assert api.post("/api/v1/orders", json={"text": BITE}).status_code == 201
        with pages.read() as connection:
            used = connection.execute(text("PRAGMA page_count")).scalar_one()
        assert used > 0
        moved = tmp_path / "moved.sqlite"
        server.stop()
        (tmp_path / "x.sqlite").rename(moved)
        moved.rename(tmp_path / "x.sqlite")
        server.start()
        with httpx.Client(base_url=server.base, headers=api.headers) as again:
            assert again.get("/api/v1/orders/1").status_code == 200
            assert again.post("/api/v1/orders", json={"text": BITE}).status_code == 201
    pages.close()
    server.stop()


def test_postgresql_gone_and_back(postgres: object, tmp_path: Path) -> None:
    """Connections cut under the desk: one sentence at worst, then it works again; readyz tells."""
    import psycopg

    assert callable(postgres)
    address = postgres(f"gone{time.monotonic_ns()}")
    server = Server(address, tmp_path).start()
    with server.api("orders") as api:
        assert api.post("/api/v1/orders", json={"text": BITE}).status_code == 201
        base, _, name = address.rpartition("/")
        with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
            connection.execute(others, (name,))
            away = api.post("/api/v1/orders", json={"text": BITE})
            ready = httpx.get(f"{server.base}/readyz")
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        back = api.post("/api/v1/orders", json={"text": BITE})
        listed = api.get("/api/v1/orders").json()["orders"]
    server.stop()

    assert away.status_code == 503
    assert "没有保存" in away.json()["error"]
    assert ready.status_code == 503
    assert back.status_code == 201
    assert len(listed) == 2


def test_full_disk_is_said_and_loses_nothing(tmp_path: Path) -> None:
    """A database that may not grow any more: 507 with a sentence; what was there stays readable."""
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    from desk.database import Database, explain_failure
    from desk.store.orders import now
    from desk.store.tokens import add_token

    database = Database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    database.migrate()
    with database.read() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    kept = 0
    failure = None
    try:
        for number in range(500):
            with database.write() as connection:
                connection.execute(text(f"PRAGMA max_page_count={pages + 4}"))
                add_token(connection, f"名字{number}", ["route"], "测试")
            kept += 1
    except DBAPIError as error:
        failure = explain_failure(error)
    with database.read() as connection:
        count = connection.execute(text("SELECT count(*) FROM tokens")).scalar_one()
    database.close()

    assert failure is not None
    assert failure.status == 507
    assert "磁盘已满" in str(failure)
    assert count == kept
    assert now() is not None


def test_old_texts_go_and_counts_stay(own_db: str, tmp_path: Path) -> None:
    """Retention deletes the text and its search entry; verdict, item, unit and history stay."""
    server = Server(own_db, tmp_path, retention_days=30)
    server.people()
    server.start()
    with server.api("orders") as api:
        old = api.post("/api/v1/orders", json={"text": f"古力村{BITE}", "received_at": "2024-01-05T10:00:00+08:00"}).json()
        new = api.post("/api/v1/orders", json={"text": f"古力村{BARK}"}).json()
        server.stop()
        server.start()
    with httpx.Client(base_url=server.base, headers=api.headers, timeout=30) as api:
        gone = api.get(old["url"]).json()
        found = [one["id"] for one in api.get("/api/v1/orders", params={"q": "古力村"}).json()["orders"]]
    page = server.session("小陈").get(f"/orders/{old['id']}")
    server.stop()

    assert (gone["text"], gone["item"], gone["said"]["evidence"]) == (None, "C1", [])
    assert found == [new["id"]]
    assert page.status_code == 200
    assert "原文已按保存期限删除" in page.text
