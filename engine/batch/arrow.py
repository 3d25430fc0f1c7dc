"""Parquet, Arrow and Feather, read and written batch by batch with PyArrow."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.batch.columns import ADDED, choose_column, choose_text
from engine.batch.decoding import Rows
from engine.batch.encoding import CellMask, added_cells, kept_cells
from engine.batch.extras import need
from engine.batch.layout import Layout
from engine.batch.options import Options
from engine.batch.routed import Routed
from engine.batch.spool import frames
from engine.batch.tables import PartInfo, Position, Task, cell_text
from engine.errors import InputError

__all__ = ["ArrowPart", "added_arrays", "arrow_part", "output_schema", "read_batch", "write_batch", "write_file"]

ROWS = 4_096
"""Rows of one task."""


def _pa(purpose: str = "读写 parquet、Arrow、Feather ") -> Any:
    return need("pyarrow", purpose)


@dataclass(slots=True)
class ArrowPart:
    """A parquet, Arrow or Feather file that can be read from any row on."""

    info: PartInfo
    path: Path
    form: str
    rows: int

    def size(self) -> int:
        """Rows of the file."""
        return self.rows

    def tasks(self, start: Position) -> Iterator[Task]:
        done = start.get("row", 0)
        row = 0
        for batch in _batches(self.path, self.form, done):
            if isinstance(batch, _Skipped):
                row += batch.num_rows
                continue
            skip = max(0, min(done - row, batch.num_rows))
            for offset in range(skip, batch.num_rows, ROWS):
                piece = batch.slice(offset, ROWS)
                first = row + offset
                after = {"row": first + piece.num_rows, "progress": first + piece.num_rows}
                yield Task(self.info.number, _to_bytes(piece), first, 0, after)
            row += batch.num_rows


@dataclass(frozen=True, slots=True)
class _Skipped:
    num_rows: int


def _batches(path: Path, form: str, done: int) -> Iterator[Any]:
    """Record batches; whole stretches before row `done` are passed over unread."""
    _pa()
    try:
        if form == "parquet":
            pq = need("pyarrow.parquet", "读 parquet ")
            with pq.ParquetFile(path) as file:
                row = 0
                for group in range(file.num_row_groups):
                    count = file.metadata.row_group(group).num_rows
                    if row + count <= done:
                        yield _Skipped(count)
                    else:
                        yield from file.iter_batches(ROWS, row_groups=[group])
                    row += count
        else:
            ipc = need("pyarrow.ipc", "读 Arrow ")
            pa = _pa()
            with pa.memory_map(str(path)) as source, ipc.open_file(source) as file:
                for number in range(file.num_record_batches):
                    yield file.get_batch(number)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}：{form} 文件损坏（{str(error)[:120]}）") from None


def arrow_part(path: Path, number: int, options: Options, form: str) -> ArrowPart:
    """A columnar file: its columns and rows found.

    Raises:
        InputError: It cannot be read.
        BatchError: No text column.
    """
    pa = _pa()
    try:
        if form == "parquet":
            with need("pyarrow.parquet", "读 parquet ").ParquetFile(path) as file:
                schema, rows = file.schema_arrow, file.metadata.num_rows
        else:
            with pa.memory_map(str(path)) as source, need("pyarrow.ipc", "读 Arrow ").open_file(source) as file:
                schema = file.schema
                rows = sum(file.get_batch(i).num_rows for i in range(file.num_record_batches))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}：不是能读的 {form} 文件（{str(error)[:120]}）") from None
    columns = tuple(schema.names)
    place = str(path)
    info = PartInfo(
        number,
        path.name,
        "arrow",
        columns,
        choose_text(columns, options.text_column, place),
        category=choose_column(columns, options.category_column, "category", place),
        handled=choose_column(columns, options.handled_by, "handled", place),
        date=choose_column(columns, options.date_column, "date", place),
        place=choose_column(columns, options.place_column, "place", place),
        schema=schema.remove_metadata().serialize().to_pybytes(),
    )
    return ArrowPart(info, path, form, rows)


def _to_bytes(batch: Any) -> bytes:
    pa = _pa()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def read_batch(data: bytes) -> Any:
    """The record batch of a task."""
    with _pa().ipc.open_stream(data) as reader:
        return reader.read_next_batch()


def _schema(data: bytes) -> Any:
    pa = _pa()
    return pa.ipc.read_schema(pa.BufferReader(data))


def _added_fields(layout: Layout) -> list[Any]:
    pa = _pa()
    alternative = pa.list_(pa.struct([("item_id", pa.string()), ("why", pa.string())]))
    types: dict[str, Any] = {
        "lead_units": pa.list_(pa.string()),
        "support_units": pa.list_(pa.string()),
        "confidence": pa.float64(),
        "alternatives": alternative,
        "needs_review": pa.bool_(),
        "urgent": pa.bool_(),
    }
    return [pa.field(shown, types.get(name, pa.string())) for name, shown in zip(ADDED, layout.added, strict=True)]


def output_schema(infos: Sequence[PartInfo], layout: Layout) -> bytes:
    """The output's schema: columnar inputs keep their types, other cells are strings.

    Where parts disagree on a column's type, it is a string.
    """
    pa = _pa()
    fields = []
    for i, name in enumerate(layout.columns):
        types = []
        for info in infos:
            position = layout.maps[info.number][i]
            if position >= 0:
                types.append(_column_type(info, position))
        same = all(kind == types[0] for kind in types)
        fields.append(pa.field(name, types[0] if same else pa.string()))
    fields += [pa.field(name, pa.string()) for name in layout.extra]
    data: bytes = pa.schema([*fields, *_added_fields(layout)]).serialize().to_pybytes()
    return data


def _column_type(info: PartInfo, position: int) -> Any:
    pa = _pa()
    if info.form == "arrow" and info.schema is not None:
        return _schema(info.schema).field(position).type
    if info.form == "jsonl" and info.schema is not None:
        kind = json.loads(info.schema)[position]
        return {"int": pa.int64(), "float": pa.float64(), "bool": pa.bool_()}.get(kind, pa.string())
    return pa.string()


def added_arrays(answers: Sequence[Routed], schema: Any) -> list[Any]:
    """The added columns as arrays, lists kept as lists.

    Args:
        answers: One for each row.
        schema: A schema whose last fields are the added columns.
    """
    pa = _pa()
    columns = list(zip(*answers, strict=True)) if answers else [()] * len(ADDED)
    arrays = []
    for name, values, field in zip(ADDED, columns, list(schema)[-len(ADDED) :], strict=True):
        cells: Sequence[Any] = values
        if name == "alternatives":
            cells = [[{"item_id": item, "why": why} for item, why in pairs] for pairs in values]
        arrays.append(pa.array(cells, field.type))
    return arrays


def write_batch(rows: Rows, answers: Sequence[Routed], info: PartInfo, layout: Layout, mask: CellMask | None) -> bytes:
    """One task's rows with their answers as an Arrow stream."""
    pa = _pa()
    assert layout.schema is not None
    schema = _schema(layout.schema)
    count = len(layout.columns)
    arrays: list[Any] = []
    if rows.batch is not None and mask is None:
        for position, field in zip(layout.maps[info.number], list(schema)[:count], strict=True):
            arrays.append(
                _fitted(rows.batch.column(position), field.type) if position >= 0 else pa.nulls(len(answers), field.type)
            )
    else:
        table = kept_cells(rows, info, layout, mask)
        columns = list(zip(*table, strict=True)) if table else [()] * count
        arrays.extend(_array(column, field.type) for column, field in zip(columns, list(schema)[:count], strict=True))
    own = dict(info.extra)
    arrays += [pa.array([own.get(name, "")] * len(answers), pa.string()) for name in layout.extra]
    arrays += added_arrays(answers, schema)
    if layout.chinese:
        flat = list(zip(*(added_cells(answer, True) for answer in answers), strict=True))
        arrays[-len(ADDED)] = pa.array(flat[0] if flat else [], pa.string())
    return _to_bytes(pa.RecordBatch.from_arrays(arrays, schema=schema))


def _fitted(array: Any, kind: Any) -> Any:
    if array.type == kind:
        return array
    pa = _pa()
    return pa.array([None if value is None else cell_text(value) for value in array.to_pylist()], pa.string())


def _array(cells: Sequence[Any], kind: Any) -> Any:
    pa = _pa()
    if kind == pa.string():
        return pa.array([None if cell is None else _utf8(cell_text(cell)) for cell in cells], kind)
    return pa.array(cells, kind)


def _utf8(text: str) -> str:
    """Text that UTF-8 can hold; a lone surrogate becomes its escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def write_file(spool: Path, target: Path, layout: Layout, form: str) -> None:
    """A parquet, Arrow or Feather file from the spool, one batch in memory at a time."""
    pa = _pa()
    assert layout.schema is not None
    schema = _schema(layout.schema)
    if form == "parquet":
        pq = need("pyarrow.parquet", "写 parquet ")
        with pq.ParquetWriter(target, schema, compression="zstd") as writer:
            group: list[Any] = []
            held = 0
            for _, data in frames(spool):
                group.append(read_batch(data))
                held += group[-1].num_rows
                if held >= 16 * ROWS:
                    writer.write_table(pa.Table.from_batches(group))
                    group, held = [], 0
            if group:
                writer.write_table(pa.Table.from_batches(group))
        return
    options = pa.ipc.IpcWriteOptions(compression="lz4" if form == "feather" else None)
    with pa.OSFile(str(target), "wb") as sink, pa.ipc.new_file(sink, schema, options=options) as writer:
        for _, data in frames(spool):
            writer.write_batch(read_batch(data))
