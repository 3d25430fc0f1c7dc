"""PostgreSQL tables by URL, against a real server that the test starts for itself."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.batch import Options, run_batch
from engine.errors import BatchError, InputError
from tests.batch.conftest import orders, read_jsonl

psycopg = pytest.importorskip("psycopg")
PACK = str(Path(__file__).resolve().parent.parent / "data" / "demo")
BIN = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if Path("/usr/lib/postgresql").is_dir() else []
pytestmark = pytest.mark.skipif(not BIN, reason="needs a PostgreSQL server")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server of its own on a socket, as the user postgres when the test is root."""
    folder = Path(tempfile.mkdtemp(prefix="zb-pg-"))
    as_user: list[str] = []
    if os.getuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        as_user = ["runuser", "-u", "postgres", "--"]
    data = folder / "data"

    def run(*args: object) -> None:
        subprocess.run([*as_user, *map(str, args)], check=True, capture_output=True, cwd="/")

    run(BIN[-1] / "initdb", "-D", data, "-A", "trust", "-U", "tester", "-E", "UTF8", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    run(BIN[-1] / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start")
    try:
        yield f"postgresql://tester@/postgres?host={folder}"
    finally:
        run(BIN[-1] / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def batch(source: str, target: str, query: str | None = None) -> None:
    """A batch with the small pack, by rules alone."""
    run_batch(Options(source=source, target=target, query=query, pack=PACK, rules_only=True))


def test_table_to_table(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are streamed from one table into another, which appears whole; a second run replaces it."""
    monkeypatch.chdir(tmp_path)
    with psycopg.connect(server) as connection:
        connection.execute("create table orders (n int, 诉求内容 text, 金额 numeric)")
        with connection.cursor().copy("copy orders from stdin") as copy:
            for number, row in enumerate(orders(5_000)):
                copy.write_row([number, row["诉求内容"], "1.50"])
    batch(f"{server}&table=orders", str(tmp_path / "out.jsonl"))
    wanted = {row["n"]: row["item_id"] for row in read_jsonl(tmp_path / "out.jsonl")}
    assert len(wanted) == 5_000
    for _ in range(2):
        batch(f"{server}&table=orders", f"{server}&table=routed")
        with psycopg.connect(server) as connection:
            found = dict(connection.execute("select n::int, item_id from routed").fetchall())
            assert found == wanted
            assert connection.execute("select count(*) from routed where 金额 = '1.50'").fetchone() == (5_000,)
            assert connection.execute("select count(*) from routed where confidence > 0").fetchone()[0] > 0
    batch(server, str(tmp_path / "few.jsonl"), "select * from orders where n < 5 order by n")
    assert len(read_jsonl(tmp_path / "few.jsonl")) == 5
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_mistakes_are_one_sentence(server: str, tmp_path: Path) -> None:
    """No server, no table, a query that fails; a password is never shown."""
    with pytest.raises(InputError, match="连不上 PostgreSQL") as caught:
        batch("postgresql://u:geheim@127.0.0.1:1/x?table=t", str(tmp_path / "x.csv"))
    assert "geheim" not in str(caught.value)
    with pytest.raises(InputError, match="查询不成"):
        batch(f"{server}&table=nowhere", str(tmp_path / "x.csv"))
    with pytest.raises(BatchError, match="table=表名"):
        batch(server, str(tmp_path / "x.csv"))
    assert list(tmp_path.iterdir()) == []
