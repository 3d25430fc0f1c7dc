"""The desk as its users meet it: a server process, an SQLite or PostgreSQL database, a real Chromium."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent.parent
DEMO = ROOT / "tests" / "data" / "demo"
PASSWORD = "a-long-password"
UNIT = "甲县公安局"
OTHER_UNIT = "甲县农业农村局"
BITE = "巷子口没主的狗咬了我娃的腿"
BARK = "隔壁的狗一直叫，说了也不听"
WEATHER = "今天天气不错，想问问有没有集市"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def zhuban(*args: object, stdin: str = "") -> str:
    """Run the command line; gives what it printed."""
    found = subprocess.run(
        [sys.executable, "-m", "engine", *map(str, args)],
        input=stdin,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    return found.stdout.strip()


class Server:
    """One `zhuban desk` process over a database that outlives it."""

    def __init__(self, db: str, folder: Path, **settings: Any) -> None:
        self.db, self.folder = db, folder
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.pack: Path | str = settings.pop("pack", folder / "pack")
        if isinstance(self.pack, Path) and not self.pack.exists():
            shutil.copytree(DEMO, self.pack)
        self.config = folder / "desk.toml"
        lines = [f"{k} = {str(v).lower() if isinstance(v, (bool, int)) else repr(v)}" for k, v in settings.items()]
        self.config.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, workers: int = 1) -> Server:
        """Start and wait until it is ready."""
        options = ["--port", self.port, "--db", self.db, "--pack", self.pack, "--config", self.config, "--workers", workers]
        log = (self.folder / "server.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "engine", "desk", *map(str, options)],
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.base}/readyz", timeout=2).status_code == 200:
                    return self
            except httpx.HTTPError:
                pass
            assert self.process.poll() is None, (self.folder / "server.log").read_text()
            time.sleep(0.1)
        raise AssertionError((self.folder / "server.log").read_text())

    def kill(self) -> None:
        """kill -9: no good-byes."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Stop as an administrator would."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def token(self, *scopes: str) -> str:
        """A new API token."""
        options = [part for scope in scopes for part in ("--scope", scope)]
        return zhuban("desk", "token", "add", f"t{time.monotonic_ns()}", *options, "--rate", 100000, "--db", self.db)

    def api(self, *scopes: str) -> httpx.Client:
        """A client with a token of these scopes."""
        headers = {"authorization": f"Bearer {self.token(*scopes)}"}
        return httpx.Client(base_url=self.base, headers=headers, timeout=60)

    def people(self) -> None:
        """One user of each role, and a second clerk and unit."""
        from desk.database import Database
        from desk.store.users import add_user

        database = Database(self.db)
        database.migrate()
        with database.write() as connection:
            for name, role, unit in (
                ("管理", "admin", None),
                ("小陈", "clerk", None),
                ("小林", "clerk", None),
                ("公安", "unit", UNIT),
                ("农业", "unit", OTHER_UNIT),
                ("审计", "auditor", None),
            ):
                add_user(connection, name, role, PASSWORD, unit, "测试")
        database.close()

    def session(self, name: str) -> httpx.Client:
        """A logged-in client without a browser; its `csrf` header is set."""
        client = httpx.Client(base_url=self.base, timeout=60)
        answer = client.post("/login", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        page = client.get("/items").text
        client.headers["x-csrf-token"] = page.split('"X-CSRF-Token":"')[1].split('"')[0]
        return client


def _postgres_bin() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    near = shutil.which("initdb")
    return Path(near).parent if near else None


def _as_postgres(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """A PostgreSQL server of our own; call it with a name for a new, empty database."""
    programs = _postgres_bin()
    if programs is None:
        pytest.skip("没有 PostgreSQL：apt-get install postgresql 后这些测试才会运行")
    folder = Path("/tmp") / f"zhuban-pg-{os.getpid()}"  # a short path: sockets allow 107 bytes
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o755)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    port = free_port()
    data = folder / "data"
    initdb = [str(programs / "initdb"), "-D", str(data), "-U", "desk", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
    subprocess.run(_as_postgres(initdb), check=True, capture_output=True, cwd="/tmp")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
    control = [str(programs / "pg_ctl"), "-D", str(data), "-w", "-o", options, "-l", str(folder / "log")]
    subprocess.run(_as_postgres([*control, "start"]), check=True, capture_output=True, cwd="/tmp")

    def database(name: str) -> str:
        import psycopg

        with psycopg.connect(f"postgresql://desk@127.0.0.1:{port}/postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return f"postgresql://desk@127.0.0.1:{port}/{name}"

    yield database
    subprocess.run(
        _as_postgres([str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"]),
        check=False,
        capture_output=True,
        cwd="/tmp",
    )
    shutil.rmtree(folder, ignore_errors=True)


def _empty(kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if kind == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('db') / 'desk.sqlite'}"
    found: str = request.getfixturevalue("postgres")(f"d{time.monotonic_ns()}")
    return found


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of an empty database, of both kinds, for the tests of one file."""
    return _empty(request.param, request, tmp_path_factory)


@pytest.fixture(params=["sqlite", "postgresql"])
def own_db(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of an empty database, of both kinds, for one test."""
    return _empty(request.param, request, tmp_path_factory)


@pytest.fixture(scope="module")
def server(db: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running desk with its people."""
    running = Server(db, tmp_path_factory.mktemp("desk"))
    running.people()
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def lite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running desk over SQLite only, for what does not depend on the database."""
    running = Server(f"sqlite:///{tmp_path_factory.mktemp('db') / 'desk.sqlite'}", tmp_path_factory.mktemp("desk"))
    running.people()
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("没有 Chromium：apt-get install chromium 后浏览器测试才会运行")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Log a user in in a browser of their own; fails when a page logs a script error."""
    contexts = []
    errors: list[str] = []

    def log_in(server: Server, name: str, width: int = 1366, height: int = 768) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN", accept_downloads=True)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{server.base}/login")
        page.fill("#name", name)
        page.fill("#password", PASSWORD)
        page.click("main button.main")
        page.wait_for_selector("header nav")
        return page

    yield log_in
    for context in contexts:
        context.close()
    assert errors == []
