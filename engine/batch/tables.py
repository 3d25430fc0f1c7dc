"""What travels between the reading process and the routing ones.

A *part* is one file, sheet or table with one header. It is cut into *tasks*
that any process can do; a task carries the place after it, so that a run can
go on from there.
"""

from __future__ import annotations

import datetime as dt
import decimal
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.batch.columns import TextChoice

__all__ = ["Done", "Part", "PartInfo", "Position", "Task", "cell_text", "pack_cells", "unpack_cells"]

Position = dict[str, int]
"""How far a part has been read: byte offset, line, row; what is in it is the part's own affair."""


@dataclass(frozen=True, slots=True)
class PartInfo:
    """What a process must know of a part to read and write its tasks.

    Attributes:
        number: Its place in the run.
        name: File (and sheet) as shown to the user.
        form: `csv`, `jsonl`, `rows` or `arrow`: how its tasks' data reads.
        columns: The input's columns, unique; for jsonl all keys in order of appearance.
        kinds: Of jsonl keys and arrow columns, what values they hold.
        text: Which columns make the text.
        category, handled, date, place: Positions of further columns.
        encoding, delimiter: For csv.
        extra: Columns that tell parts apart (file, sheet) with this part's value.
    """

    number: int
    name: str
    form: str
    columns: tuple[str, ...]
    text: TextChoice
    category: int | None = None
    handled: int | None = None
    date: int | None = None
    place: int | None = None
    encoding: str = "utf-8"
    delimiter: str = ","
    extra: tuple[tuple[str, str], ...] = ()
    schema: bytes | None = None


@dataclass(slots=True)
class Task:
    """A stretch of one part: its data, the row and line it starts at, the place after it.

    `lines` are the numbers of the rows in a workbook, where blank rows were passed over.
    """

    part: int
    data: Any
    row: int
    line: int
    after: Position
    ended_in_quotes: bool = False
    lines: list[int] | None = None


@dataclass(slots=True)
class Done:
    """A finished task: bytes for the spool, and what was counted."""

    part: int
    data: bytes
    rows: int
    after: Position
    tally: dict[str, Any] = field(default_factory=dict)
    repeated: int = 0
    stop: str | None = None


class Part(Protocol):
    """One file, sheet or table that can be read from any place."""

    info: PartInfo

    def tasks(self, start: Position) -> Iterator[Task]:
        """Tasks from a place on; `{}` is the beginning."""

    def size(self) -> int:
        """What `progress` of the last task's place counts up to; 0 if unknown."""


def cell_text(value: object) -> str:
    """A cell as it reads in a csv: dates in ISO form, whole numbers without a point."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _tagged(value: object) -> object:
    if isinstance(value, dt.datetime):
        return {"": "datetime", "v": value.isoformat()}
    if isinstance(value, dt.date):
        return {"": "date", "v": value.isoformat()}
    if isinstance(value, dt.time):
        return {"": "time", "v": value.isoformat()}
    if isinstance(value, dt.timedelta):
        return {"": "seconds", "v": value.total_seconds()}
    if isinstance(value, decimal.Decimal):
        return {"": "decimal", "v": str(value)}
    if isinstance(value, bytes):
        return {"": "bytes", "v": value.hex()}
    return str(value)


def _untagged(value: dict[str, Any]) -> object:
    kind = value.get("")
    if kind == "datetime":
        return dt.datetime.fromisoformat(value["v"])
    if kind == "date":
        return dt.date.fromisoformat(value["v"])
    if kind == "time":
        return dt.time.fromisoformat(value["v"])
    if kind == "seconds":
        return dt.timedelta(seconds=value["v"])
    if kind == "decimal":
        return decimal.Decimal(value["v"])
    if kind == "bytes":
        return bytes.fromhex(value["v"])
    return value


def pack_cells(rows: list[list[Any]]) -> bytes:
    """Rows of cells with their types, as JSON: what waits in the spool must not be code."""
    return json.dumps(rows, ensure_ascii=False, default=_tagged, separators=(",", ":")).encode("utf-8", "surrogatepass")


def unpack_cells(data: bytes) -> list[list[Any]]:
    """The reverse of `pack_cells`."""
    rows: list[list[Any]] = json.loads(data.decode("utf-8", "surrogatepass"), object_hook=_untagged)
    return rows
