"""Reach the database: SQLite in WAL mode or PostgreSQL, reading and writing transactions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DataError, DBAPIError, OperationalError

from desk.errors import BadRequest, DeskError, Unavailable
from engine.errors import InputError

__all__ = ["Database", "explain_failure"]

_LOCK = 0x7A687562  # any fixed number: one migration at a time


def explain_failure(error: DBAPIError) -> DeskError:
    """The sentence for a database that refused or is away."""
    if isinstance(error, DataError):
        return BadRequest("内容里有数据库不能保存的字符或数字，请检查后再试")
    said = str(error.orig).lower()
    if "full" in said or "no space" in said or "disk i/o" in said:
        failure = Unavailable("磁盘已满或无法写入，这次的内容没有保存；请清出空间后重试")
        failure.status = 507
        return failure
    if "locked" in said:
        return Unavailable("数据库正忙，这次的内容没有保存；请稍后重试")
    if "readonly" in said or "read-only" in said:
        return Unavailable("数据库只读，这次的内容没有保存；请检查文件权限")
    return Unavailable("数据库暂时连不上，这次的内容没有保存；请稍后重试")


class Database:
    """One database and its connection pool.

    Args:
        url: `sqlite:///PATH` or `postgresql://…`.

    Raises:
        InputError: The folder of a SQLite file cannot be made.
    """

    def __init__(self, url: str) -> None:
        if url.startswith(("postgresql://", "postgres://")):
            url = "postgresql+psycopg://" + url.split("://", 1)[1]
        self.url = url
        self.sqlite = url.startswith("sqlite")
        # Threads of one process queue here instead of polling SQLite's file lock.
        self._writing = threading.Lock() if self.sqlite else nullcontext()
        options: dict[str, Any] = {"pool_size": 20, "max_overflow": 30, "pool_timeout": 30}
        if self.sqlite:
            path = Path(url.removeprefix("sqlite:///"))
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise InputError(f"{path}：无法建立数据库目录（{error.strerror}）") from None
        else:
            options["pool_pre_ping"] = True
            options["connect_args"] = {"connect_timeout": 5}
        try:
            self.engine: Engine = create_engine(url, **options)
        except Exception as error:
            raise InputError(f"数据库地址不对：{error}") from None
        if self.sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    def migrate(self) -> None:
        """Bring the tables to the newest revision; several desks may start at once.

        Raises:
            InputError: The database cannot be reached or is newer than this program.
        """
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        try:
            with self.write() as connection:
                if not self.sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except OperationalError as error:
            raise InputError(f"数据库打不开：{str(error.orig).strip().splitlines()[0]}") from None
        except DBAPIError as error:
            raise InputError(f"数据库无法建表：{str(error.orig).strip().splitlines()[0]}") from None
        except CommandError as error:
            raise InputError(f"数据库版本与程序不符：{error}") from None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: all of it is on disk when the block ends, or none of it."""
        with self._writing, self.engine.connect().execution_options(zhuban_write=True) as connection, connection.begin():
            yield connection

    def ready(self) -> bool:
        """The database answers."""
        try:
            with self.read() as connection:
                connection.execute(text("SELECT 1"))
        except DBAPIError:
            return False
        return True

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see below
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # 201 means on disk, also when the power fails
        "busy_timeout=30000",
        "foreign_keys=ON",
        "cache_size=-65536",
        "mmap_size=1073741824",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once: two readers that both turn into writers would deadlock.
    write = connection.get_execution_options().get("zhuban_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
