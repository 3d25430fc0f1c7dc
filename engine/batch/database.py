"""SQLite and PostgreSQL tables by URL: read a query, write a table.

    sqlite:///orders.db?table=orders
    postgresql://user@host/base?table=orders

Reading streams through a cursor; writing fills a new table and puts it in the
place of the old one in the same transaction.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

from engine.batch.columns import ADDED, choose_column, choose_text, unique_names
from engine.batch.detect import is_url
from engine.batch.extras import need
from engine.batch.layout import Layout
from engine.batch.options import Options
from engine.batch.spool import frames
from engine.batch.tables import PartInfo, Position, Task, cell_text, unpack_cells
from engine.errors import BatchError, InputError, OutputError

__all__ = ["DatabasePart", "database_part", "shown_url", "write_table"]

ROWS = 2_000
"""Rows of one task."""

_TYPES = {"confidence": "double precision", "needs_review": "boolean", "urgent": "boolean"}


@dataclass(frozen=True, slots=True)
class Address:
    """A database URL taken apart; `table` and `schema` are ours, the rest is the driver's."""

    kind: str
    where: str
    table: str | None

    @property
    def shown(self) -> str:
        """For messages: without the password."""
        return shown_url(self.where) if self.kind == "postgresql" else f"sqlite:///{self.where}"


def shown_url(url: str) -> str:
    """A URL without its password."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":***@")))


def address(url: str) -> Address:
    """Take a database URL apart.

    Raises:
        BatchError: It is not one we can use.
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    table = query.pop("table", None)
    if parts.scheme == "sqlite":
        path = unquote(parts.netloc + parts.path)
        # sqlite:///relative.db and sqlite:////absolute.db
        path = path[1:] if path.startswith("/") else path
        if not path:
            raise BatchError(f"{url}：没有写数据库文件；例 sqlite:///orders.db?table=orders")
        return Address("sqlite", path, table)
    rest = "&".join(f"{key}={value}" for key, value in query.items())
    return Address("postgresql", urlunsplit(parts._replace(scheme="postgresql", query=rest)), table)


@contextlib.contextmanager
def _connected(place: Address, *, create: bool = False) -> Iterator[Any]:
    if place.kind == "sqlite":
        if not create and not Path(place.where).is_file():
            raise InputError(f"{place.where}：没有这个数据库文件")
        try:
            connection: Any = sqlite3.connect(place.where)
            connection.execute("select count(*) from sqlite_master")
        except sqlite3.Error as error:
            raise InputError(f"{place.where}：打不开 SQLite 数据库（{error}）") from None
        with contextlib.closing(connection):
            yield connection
        return
    psycopg = need("psycopg", "连接 PostgreSQL ")
    try:
        connection = psycopg.connect(place.where)
    except psycopg.Error as error:
        raise InputError(f"{place.shown}：连不上 PostgreSQL（{str(error).strip().splitlines()[-1][:160]}）") from None
    with contextlib.closing(connection):
        yield connection


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _table(name: str) -> str:
    return ".".join(_quoted(part) for part in name.split("."))


def _select(place: Address, query: str | None) -> str:
    if query:
        return query
    if place.table is None:
        raise BatchError(f"{place.shown}：请在 URL 后写 ?table=表名，或用 --query 写查询")
    return f"select * from {_table(place.table)}"  # noqa: S608 quoted above


@contextlib.contextmanager
def _rows(place: Address, query: str) -> Iterator[Any]:
    """An executed cursor that fetches as it goes."""
    with _connected(place) as connection:
        try:
            if place.kind == "sqlite":
                connection.text_factory = lambda data: data.decode("utf-8", "replace")
                cursor = connection.execute(query)
            else:
                cursor = connection.cursor(name="zhuban")
                cursor.itersize = ROWS
                cursor.execute(query)
        except Exception as error:  # both drivers have their own exceptions
            raise InputError(f"{place.shown}：查询不成（{str(error).strip().splitlines()[0][:160]}）") from None
        if cursor.description is None:
            raise InputError(f"{place.shown}：这条语句没有结果行，请写 select 查询")
        yield cursor


@dataclass(slots=True)
class DatabasePart:
    """The rows of a query. Going on from a row needs a query with a fixed order."""

    info: PartInfo
    place: Address
    query: str

    def size(self) -> int:
        """Unknown: counting would run the query twice."""
        return 0

    def tasks(self, start: Position) -> Iterator[Task]:
        row = start.get("row", 0)
        with _rows(self.place, self.query) as cursor:
            skipped = 0
            while skipped < row and (data := cursor.fetchmany(min(ROWS, row - skipped))):
                skipped += len(data)
            while data := cursor.fetchmany(ROWS):
                cells = [list(values) for values in data]
                yield Task(self.info.number, cells, row, 0, {"row": row + len(cells)})
                row += len(cells)


def database_part(options: Options) -> DatabasePart:
    """The part of a database source.

    Raises:
        InputError: It cannot be reached or queried.
        BatchError: No table named, or no text column.
    """
    place = address(options.source)
    query = _select(place, options.query)
    with _rows(place, query) as cursor:
        columns = unique_names([str(column[0]) for column in cursor.description])
    name = place.table or "查询"
    info = PartInfo(
        0,
        name,
        "rows",
        tuple(columns),
        choose_text(columns, options.text_column, name),
        category=choose_column(columns, options.category_column, "category", name),
        handled=choose_column(columns, options.handled_by, "handled", name),
        date=choose_column(columns, options.date_column, "date", name),
        place=choose_column(columns, options.place_column, "place", name),
    )
    return DatabasePart(info, place, query)


def check_table(options: Options) -> None:
    """Refuse a database target that could not be written in the end, before any work is done for it.

    Raises:
        BatchError: It names no table, or the table that is being read.
    """
    place = address(options.target)
    if place.table is None:
        raise BatchError(f"{place.shown}：请在 URL 后写 ?table=表名，说明写进哪张表")
    if is_url(options.source) and address(options.source) == place:
        raise BatchError(f"{place.shown}：输出不能就是输入的表 {place.table}")
    if place.kind == "postgresql":
        with _connected(place):
            pass  # better to learn now that it cannot be reached


def write_table(spool: Path, options: Options, form: str, layout: Layout) -> None:
    """The output table from the spool: all of it appears at once, or nothing.

    Raises:
        OutputError: The database refuses.
    """
    place = address(options.target)
    assert place.table is not None
    names = layout.names()
    fresh = f"{place.table}__zhuban"
    first_added = len(names) - len(ADDED)
    try:
        with _connected(place, create=True) as connection:
            cursor = connection.cursor()
            cursor.execute(f"drop table if exists {_table(fresh)}")
            columns = ", ".join(map(_quoted, names)) if form == "sqlite" else _typed(layout)
            cursor.execute(f"create table {_table(fresh)} ({columns})")
            if form == "sqlite":
                marks = ", ".join("?" * len(names))
                insert = f"insert into {_table(fresh)} values ({marks})"  # noqa: S608 quoted above
                for _, data in frames(spool):
                    cursor.executemany(insert, [[_sqlite_cell(cell) for cell in row] for row in unpack_cells(data)])
            else:
                listed = ", ".join(map(_quoted, names))
                with cursor.copy(f"copy {_table(fresh)} ({listed}) from stdin") as copy:
                    for _, data in frames(spool):
                        for row in unpack_cells(data):
                            copy.write_row([_postgres_cell(cell, i >= first_added) for i, cell in enumerate(row)])
            cursor.execute(f"drop table if exists {_table(place.table)}")
            cursor.execute(f"alter table {_table(fresh)} rename to {_quoted(place.table.split('.')[-1])}")
            connection.commit()
    except (BatchError, InputError):
        raise
    except Exception as error:  # both drivers have their own exceptions
        raise OutputError(f"{place.shown}：写不进表 {place.table}（{str(error).strip().splitlines()[0][:160]}）") from None


def _typed(layout: Layout) -> str:
    """PostgreSQL's column definitions: everything is text but the added figures."""
    kinds = ["text"] * (len(layout.names()) - len(ADDED))
    kinds += ["text" if layout.chinese else _TYPES.get(name, "text") for name in ADDED]
    return ", ".join(f"{_quoted(name)} {kind}" for name, kind in zip(layout.names(), kinds, strict=True))


def _sqlite_cell(cell: Any) -> Any:
    if cell is None or isinstance(cell, (int, float, bytes)):
        return cell if not isinstance(cell, int) or abs(cell) < 2**63 else str(cell)
    return cell_text(cell).encode("utf-8", "replace").decode()


def _postgres_cell(cell: Any, added: bool) -> Any:
    if cell is None or (added and isinstance(cell, (bool, float))):
        return cell
    return cell_text(cell).encode("utf-8", "replace").decode().replace("\0", "")
