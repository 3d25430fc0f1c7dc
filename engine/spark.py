"""The same verdicts on Spark: one Router for each Python worker, rows in Arrow batches.

    from zhuban.spark import route_df

    routed = route_df(spark.read.parquet("hdfs:///orders"), "诉求内容")

The pack and its second reader travel with the job as bytes, under the pack's
hash: executors need zhuban installed, but no rules of their own, and refuse a
pack whose hash is not the one they were sent. Results equal those of
`Router.route` row by row.

Needs the extra `zhuban[spark]` and Java 17.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.batch.arrow import added_arrays
from engine.batch.columns import ADDED, unique_names
from engine.batch.extras import need
from engine.batch.routed import Routed, RowRouter
from engine.batch.tables import cell_text
from engine.errors import BatchError, PackError, Problem
from engine.pack import DEFAULT_PACK, find_pack, load_pack, pack_files, pack_hash
from engine.reader import load_reader, reader_path
from engine.router import Router

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["Shipment", "route_df", "ship"]

_LISTS = frozenset({"lead_units", "support_units"})
_ROUTERS: dict[tuple[str, bool], RowRouter] = {}


@dataclass(frozen=True, slots=True)
class Shipment:
    """A pack on its way to the executors.

    Attributes:
        hash: The pack's revision; what arrives must have it.
        data: A zip of the pack's files under `pack/` and the reader's under `reader/`.
        rules_only: Without the second reader.
        cache: Most texts whose answer a worker remembers.
    """

    hash: str
    data: bytes
    rules_only: bool
    cache: int


def ship(pack: str | Path = DEFAULT_PACK, *, rules_only: bool = False, cache: int = 20_000) -> Shipment:
    """Make a pack and its second reader ready to travel.

    Raises:
        PackError: The pack has faults; better here than on every executor.
    """
    folder = find_pack(pack)
    loaded = load_pack(folder)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in pack_files(folder):
            archive.write(path, f"pack/{path.relative_to(folder).as_posix()}")
        reader = reader_path(loaded)
        if not rules_only and reader.is_dir():
            for path in sorted(reader.iterdir()):
                archive.write(path, f"reader/{path.name}")
    return Shipment(loaded.hash, buffer.getvalue(), rules_only, cache)


def unpacked(shipment: Shipment) -> RowRouter:
    """This process's Router for a shipment, built when first asked.

    Raises:
        PackError: What arrived is not what was sent.
    """
    key = (shipment.hash, shipment.rules_only)
    known = _ROUTERS.get(key)
    if known is not None:
        return known
    folder = Path(tempfile.mkdtemp(prefix="zhuban-"))
    try:
        with zipfile.ZipFile(io.BytesIO(shipment.data)) as archive:
            archive.extractall(folder)
        if pack_hash(folder / "pack") != shipment.hash:
            raise PackError([Problem("pack", 0, 0, "ZB000", "送到执行进程的规则包与送出的不同")])
        # Every worker of a machine would read the same YAML: the first puts the checked pack aside for all.
        os.environ.setdefault("ZHUBAN_CACHE", str(Path(tempfile.gettempdir()) / f"zhuban-cache-{os.getuid()}"))
        pack = load_pack(folder / "pack")
        reader = None if shipment.rules_only else load_reader(pack, folder / "reader")
        router = Router(pack, reader=reader or False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _ROUTERS[key] = RowRouter(router, shipment.cache)
    return _ROUTERS[key]


def _answer(rows: RowRouter, text: Any, category: Any, mask: Callable[[str], str] | None) -> Routed:
    said = None if category is None else cell_text(category).strip() or None
    answer = rows.route(text if text is None else cell_text(text), said)
    if mask is not None:
        head, found, rest = answer.reason.partition("，属")
        answer = answer._replace(reason=mask(head) + found + rest if found else answer.reason)
    return answer


def _routing(shipment: Shipment, text: int, category: int | None, masked: bool) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """What each executor does with its batches."""

    def route(batches: Iterable[Any]) -> Iterator[Any]:
        pa = need("pyarrow", "在 Spark 上运行", "spark")

        from engine.masking import Masker

        rows = unpacked(shipment)
        masker = Masker() if masked else None
        schema = pa.schema(_added_fields(pa))
        for batch in batches:
            texts = batch.column(text).to_pylist()
            categories = batch.column(category).to_pylist() if category is not None else [None] * len(texts)
            answers = [
                _answer(rows, one, two, masker.text if masker else None) for one, two in zip(texts, categories, strict=True)
            ]
            kept = list(batch.columns)
            if masker is not None:
                for i, name in enumerate(batch.schema.names):
                    if pa.types.is_string(batch.schema.field(i).type):
                        kept[i] = pa.array([masker.cell(name, cell) for cell in kept[i].to_pylist()], pa.string())
            names = unique_names(batch.schema.names, ADDED)
            yield pa.RecordBatch.from_arrays([*kept, *added_arrays(answers, schema)], names=[*names, *ADDED])

    return route


def _added_fields(pa: Any) -> list[Any]:
    types = {
        "lead_units": pa.list_(pa.string()),
        "support_units": pa.list_(pa.string()),
        "confidence": pa.float64(),
        "alternatives": pa.list_(pa.struct([("item_id", pa.string()), ("why", pa.string())])),
        "needs_review": pa.bool_(),
        "urgent": pa.bool_(),
    }
    return [pa.field(name, types.get(name, pa.string())) for name in ADDED]


def route_df(
    df: DataFrame,
    text_col: str,
    *,
    pack: str | Path = DEFAULT_PACK,
    category_col: str | None = None,
    rules_only: bool = False,
    mask: bool = False,
) -> DataFrame:
    """Add verdicts to a Spark DataFrame.

    Args:
        df: Any DataFrame.
        text_col: The column that holds the text.
        pack: A pack's name or folder on the driver.
        category_col: A column that holds a known category.
        rules_only: Without the second reader.
        mask: Remove names and numbers of persons from the kept string columns.

    Returns:
        The input's columns and the added ones (`engine.batch.ADDED`); input
        columns that an added one needs the name of end in `_in`.

    Raises:
        BatchError: No such column, or pyspark is not installed.
    """
    types = need("pyspark.sql.types", "在 Spark 上运行", "spark")
    columns = list(df.columns)
    for wanted in filter(None, (text_col, category_col)):
        if wanted not in columns:
            raise BatchError(f"没有「{wanted}」这一列；现有：{'、'.join(columns[:20])}")
    names = unique_names(columns, ADDED)
    fields = [
        types.StructField(name, field.dataType, field.nullable) for name, field in zip(names, df.schema.fields, strict=True)
    ]
    alternative = types.StructType([types.StructField(name, types.StringType()) for name in ("item_id", "why")])
    kinds: dict[str, Any] = {
        "confidence": types.DoubleType(),
        "alternatives": types.ArrayType(alternative),
        "needs_review": types.BooleanType(),
        "urgent": types.BooleanType(),
        **{name: types.ArrayType(types.StringType()) for name in _LISTS},
    }
    fields += [types.StructField(name, kinds.get(name, types.StringType())) for name in ADDED]
    route = _routing(
        ship(pack, rules_only=rules_only),
        columns.index(text_col),
        columns.index(category_col) if category_col is not None else None,
        mask,
    )
    return df.mapInArrow(route, types.StructType(fields))
