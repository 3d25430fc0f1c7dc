"""Load figures of the desk: verdicts a second, time of one paste, lists and searches over a million orders.

    python -m bench.desk route            # POST /route, two workers, 40-character texts
    python -m bench.desk paste            # one user, the page's own request
    python -m bench.desk list [--rows N] [--db postgresql://…]

Texts are cut and joined from the sample cases, so that none repeats and the
memory of short texts does not help.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import orjson
from sqlalchemy import insert, text

from desk.database import Database
from desk.schema import order_events, order_verdicts, orders
from desk.store.listing import Filters, count_orders, list_orders
from desk.store.places import place_of
from desk.store.rows import Actor, Role
from desk.store.stats import overview
from desk.store.tokens import add_token
from desk.store.users import add_user
from desk.store.words import document, ts_vector
from engine import Router, load_pack
from engine.cases import read_cases

ROOT = Path(__file__).resolve().parent.parent
SENTENCES = [case.text for file in sorted((ROOT / "cases").glob("rounds/*.jsonl")) for case in read_cases(file)]
_WARM = 4000  # every item has been asked once in each worker


def percentiles(label: str, seconds: list[float]) -> None:
    """Print p50, p95, p99."""
    ranked = sorted(seconds)
    p50, p95, p99 = (ranked[min(int(len(ranked) * q), len(ranked) - 1)] * 1000 for q in (0.5, 0.95, 0.99))
    print(f"{label:<44} p50 {p50:8.2f} ms  p95 {p95:8.2f} ms  p99 {p99:8.2f} ms", flush=True)


def texts(count: int, length: int = 40) -> list[str]:
    """Different texts of about `length` characters: whole sentences first, cut to length."""
    dice = random.Random(7)
    return [f"{dice.choice(SENTENCES)}，{dice.choice(SENTENCES)}"[: length - 4] + f"{i % 9973:04d}" for i in range(count)]


class Running:
    """A desk in a process group of its own."""

    def __init__(self, workers: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.db = f"sqlite:///{self.folder.name}/desk.sqlite"
        database = Database(self.db)
        database.migrate()
        with database.write() as connection:
            self.token = add_token(connection, "bench", ["route", "orders"], "bench", rate=1e6)
            add_user(connection, "bench", "clerk", "a-long-password", None, "bench")
        database.close()
        self.base = "http://127.0.0.1:8765"
        command = [sys.executable, "-m", "engine", "desk", "--port", "8765", "--db", self.db, "--workers", str(workers)]
        self.process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)
        for _ in range(600):
            try:
                if httpx.get(self.base + "/readyz").status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.1)
        time.sleep(3)  # the second worker

    def cpu(self) -> float:
        """Seconds of processor time that its processes have used."""
        total = 0.0
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == self.process.pid:  # the process group
                total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return total

    def stop(self) -> None:
        """Stop it."""
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()
        self.folder.cleanup()


async def _connection(bodies: list[bytes], head: bytes, times: list[float]) -> None:
    """One keep-alive connection that asks one thing after the other; plain sockets, so that the client costs little."""
    reader, writer = await asyncio.open_connection("127.0.0.1", 8765)
    for body in bodies:
        started = time.perf_counter()
        writer.write(head + b"content-length: %d\r\n\r\n" % len(body) + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200"), answer
        length = int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        times.append(time.perf_counter() - started)
    writer.close()


def route(count: int, connections: int) -> None:
    """POST /route with two workers, every text new."""
    running = Running(2)
    try:
        head = b"POST /api/v1/route HTTP/1.1\r\nhost: x\r\nauthorization: Bearer %s\r\n" % running.token.encode()
        bodies = [orjson.dumps({"text": one}) for one in texts(count + _WARM)]

        async def run(some: list[bytes]) -> list[float]:
            times: list[float] = []
            await asyncio.gather(*(_connection(some[i::connections], head, times) for i in range(connections)))
            return times

        asyncio.run(run(bodies[:_WARM]))
        started, used = time.perf_counter(), running.cpu()
        times = asyncio.run(run(bodies[_WARM:]))
        took, used = time.perf_counter() - started, running.cpu() - used
        print(f"POST /route, {connections} connections, 2 workers: {count / took:,.0f} requests/s")
        print(
            f"processor time {used / count * 1000:.3f} ms a request: {2 * count / used:,.0f} requests/s when two cores are free"
        )
        percentiles("POST /route", times)
        again = bodies[_WARM : _WARM + 1000]
        started = time.perf_counter()
        asyncio.run(run(again * 5))
        print(f"the same, texts seen before: {5 * len(again) / (time.perf_counter() - started):,.0f} requests/s")
    finally:
        running.stop()


def paste(count: int) -> None:
    """The page's own request, one user."""
    running = Running(1)
    try:
        with httpx.Client(base_url=running.base) as client:
            client.post("/login", data={"name": "bench", "password": "a-long-password"})
            csrf = client.get("/items").text.split('"X-CSRF-Token":"')[1].split('"')[0]
            times = []
            for one in texts(count + 50):
                started = time.perf_counter()
                assert client.post("/say", data={"text": one}, headers={"x-csrf-token": csrf}).status_code == 200
                times.append(time.perf_counter() - started)
            percentiles("paste → verdict (with duplicate hint)", times[50:])
    finally:
        running.stop()


def fill(database: Database, count: int) -> None:
    """Orders of three years, spread over verdicts, units, items and states as routed samples are."""
    pack = load_pack()
    router = Router(pack, reader=False)
    dice = random.Random(11)
    verdicts = [(one, router.route(one)) for one in dice.sample(SENTENCES, 1500)]
    zone, last = ZoneInfo("Asia/Shanghai"), datetime.now(UTC)
    started = time.perf_counter()
    for base in range(0, count, 20_000):
        rows, bodies, events, whole = [], [], [], []
        for i in range(base, min(base + 20_000, count)):
            words, said = dice.choice(verdicts)
            content = f"{dice.choice(SENTENCES)[:25]}，{words}（第{i}号）"
            moment = last - timedelta(seconds=(count - i) * 94_608_000 / count)
            status = (
                "open" if i > count - 3000 else dice.choice(("assigned", "assigned", "closed", "closed", "closed", "returned"))
            )
            unit = said.lead_units[0] if said.lead_units else None
            state = {"verdict": said.verdict.value, "item": said.item_id, "category": said.category, "unit": unit}
            rows.append(
                {
                    **state,
                    "id": i + 1,
                    "received_at": moment,
                    "created_at": moment,
                    "day": moment.astimezone(zone).date().isoformat(),
                    "source": dice.choice(("12345", "人民网", "来访")),
                    "text": content,
                    "text_hash": f"{i:032x}",
                    "place": place_of(content),
                    "said_verdict": said.verdict.value,
                    "said_item": said.item_id,
                    "said_unit": unit,
                    "confidence": said.confidence,
                    "pack_hash": said.pack_hash,
                    "status": status,
                    "urgent": said.urgent,
                    "needs_review": said.needs_review,
                    "overridden": dice.random() < 0.05,
                    "refusals": int(dice.random() < 0.01),
                    "decided_by": None if status == "open" else "甲",
                    "decided_at": None if status == "open" else moment,
                    "version": 2,
                }
            )
            whole.append({"order_id": i + 1, "said": said.model_dump(mode="json")})
            bodies.append({"id": i + 1, "body": document(content) if database.sqlite else ts_vector(content)})
            entry = {"order_id": i + 1, "at": moment, "actor": "甲", "action": "received", "status": "open", "why": ""}
            events.append(
                entry | {"verdict": said.verdict.value, "item": said.item_id, "unit": unit, "pack_hash": said.pack_hash}
            )
        with database.write() as connection:
            connection.execute(insert(orders), rows)
            connection.execute(insert(order_verdicts), whole)
            connection.execute(insert(order_events), events)
            if database.sqlite:
                connection.execute(text("INSERT INTO orders_fts (rowid, body) VALUES (:id, :body)"), bodies)
            else:
                connection.execute(text("UPDATE orders SET search = CAST(:body AS tsvector) WHERE id = :id"), bodies)
        print(f"\r{base + len(rows):,} orders, {time.perf_counter() - started:.0f} s", end="", flush=True)
    print()
    with database.write() as connection:
        connection.execute(text("ANALYZE"))


def multiply(database: Database, base: int, count: int) -> None:
    """In PostgreSQL, copy the first `base` orders inside the server until there are `count`; times move a little."""
    with database.write() as connection:
        names = ", ".join(column.name for column in orders.c if column.name not in ("id", "received_at")) + ", search"
        connection.execute(text("DROP INDEX ix_orders_search"))
        for turn in range(1, -(-count // base)):
            later = f"received_at + interval '{turn * 97} seconds'"
            copied = f"SELECT id + {base * turn}, {later}, {names} FROM orders WHERE id <= {base}"
            connection.execute(text(f"INSERT INTO orders (id, received_at, {names}) {copied}"))
        connection.execute(text("CREATE INDEX ix_orders_search ON orders USING gin (search)"))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE orders"))


def listing(count: int, db: str | None) -> None:
    """Lists, filters, pages and searches over `count` orders."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(db or f"sqlite:///{folder}/desk.sqlite")
        database.migrate()
        with database.read() as connection:
            have = connection.execute(text("SELECT count(*) FROM orders")).scalar_one()
        if have < count and database.sqlite:
            fill(database, count)
        elif have < count:
            base = min(count, 50_000)
            fill(database, base)
            multiply(database, base, count)
        clerk, dice = Actor("甲", Role.CLERK), random.Random(5)
        with database.read() as connection:
            units = [
                row[0] for row in connection.execute(text("SELECT DISTINCT unit FROM orders WHERE unit IS NOT NULL LIMIT 20"))
            ]
            items = [
                row[0] for row in connection.execute(text("SELECT DISTINCT item FROM orders WHERE item IS NOT NULL LIMIT 60"))
            ]

        def some(make: object, label: str, turns: int = 60) -> None:
            assert callable(make)
            times = []
            for turn in range(turns):
                filters = make()
                with database.read() as connection:
                    started = time.perf_counter()
                    list_orders(connection, filters, clerk)
                    count_orders(connection, filters, clerk)
                    if turn:  # the first one warms the cache
                        times.append(time.perf_counter() - started)
            percentiles(label, times)

        def day() -> str:
            return (datetime.now(UTC) - timedelta(days=dice.randrange(1000))).date().isoformat()

        def deep() -> Filters:
            moment = datetime.now(UTC) - timedelta(days=dice.randrange(1000))
            return Filters(after=f"{int(moment.timestamp() * 1e6)}~1")

        def piece(length: int) -> str:
            one = dice.choice(SENTENCES)
            start = dice.randrange(max(len(one) - length, 1))
            return "".join(c for c in one[start : start + length] if c.isalnum()) or "路"

        some(Filters, "newest")
        some(deep, "any page")
        some(lambda: Filters(status=dice.choice(("open", "assigned", "closed"))), "by status")
        some(lambda: Filters(unit=dice.choice(units), status="assigned"), "by unit and status")
        some(lambda: Filters(item=dice.choice(items)), "by item")
        some(lambda: Filters(since=day(), verdict="support"), "since a day, by verdict")
        some(lambda: Filters(q=piece(2)), "search, two characters")
        some(lambda: Filters(q=piece(4)), "search, four characters")
        some(lambda: Filters(q=piece(1)), "search, one character")
        some(lambda: Filters(q=f"{piece(3)} {piece(2)}"), "search, two words")
        some(lambda: Filters(q=piece(2), status="open"), "search with a filter")
        some(lambda: Filters(q=f"第{dice.randrange(count)}号"), "search, one order of all")
        times = []
        for _ in range(10):
            with database.read() as connection:
                started = time.perf_counter()
                overview(connection, datetime.now(UTC).date(), 30)
                times.append(time.perf_counter() - started)
        percentiles("overview, 30 days", times)
        database.close()


def main() -> None:
    """Run one measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["route", "paste", "list"])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--count", type=int, default=6000)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--db")
    given = parser.parse_args()
    if given.what == "route":
        route(given.count, given.connections)
    elif given.what == "paste":
        paste(min(given.count, 1000))
    else:
        listing(given.rows, given.db)


if __name__ == "__main__":
    main()
