"""Spark gives the rows that the Router gives."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import Router, load_pack
from engine.batch.columns import ADDED
from engine.batch.routed import RowRouter
from engine.errors import BatchError, PackError
from engine.spark import unpacked
from tests.batch.conftest import TEXTS

pyspark = pytest.importorskip("pyspark", reason="needs zhuban[spark]")
pytestmark = pytest.mark.skipif(shutil.which("java") is None, reason="needs Java 17")

PACK = Path(__file__).resolve().parent / "data" / "demo"


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """Spark on two local cores."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local[2]")
        .appName("zhuban-test")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.memory", "1g")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "50")
        .getOrCreate()
    )
    yield session
    session.stop()


def test_rows_equal_the_local_ones(spark: Any) -> None:
    """Every added column of every row, blanks and nulls included, whatever the partition."""
    from zhuban.spark import route_df

    texts: list[str | None] = [f"{n}号，{TEXTS[n % len(TEXTS)]}" for n in range(200)]
    texts += [None, "", "  ", "😀", "没主的狗咬了人" * 100]
    frame = spark.createDataFrame([(i, text) for i, text in enumerate(texts)], "n long, text string").repartition(4)
    rows = {row["n"]: row for row in route_df(frame, "text", pack=PACK, rules_only=True).collect()}
    local = RowRouter(Router(load_pack(PACK), reader=False))
    assert len(rows) == len(texts)
    for number, text in enumerate(texts):
        row, said = rows[number], local.route(text)
        assert row["text"] == text
        for name in ADDED:
            value, wanted = row[name], getattr(said, name)
            if name == "alternatives":
                value, wanted = [(a["item_id"], a["why"]) for a in value], list(wanted)
            elif name.endswith("_units"):
                wanted = list(wanted)
            assert value == wanted, (name, text)


def test_names_that_clash_and_columns_that_are_missing(spark: Any) -> None:
    """An input column named like an added one is kept under another name; a missing one is one sentence."""
    from zhuban.spark import route_df

    frame = spark.createDataFrame([("没主的狗咬了人", "城管")], "text string, category string")
    routed = route_df(frame, "text", pack=PACK, category_col="category", rules_only=True)
    assert routed.columns == ["text", "category_in", *ADDED]
    assert routed.first()["category_in"] == "城管"
    with pytest.raises(BatchError, match="没有「内容」这一列"):
        route_df(frame, "内容", pack=PACK)


def test_mask_on_executors(spark: Any) -> None:
    """Masked columns hold no telephone number; the verdict stays."""
    from zhuban.spark import route_df

    frame = spark.createDataFrame([("没主的狗咬了人，电话13812345678",)], "text string")
    row = route_df(frame, "text", pack=PACK, rules_only=True, mask=True).first()
    assert "13812345678" not in str(row)
    assert row["item_id"]


def test_command_writes_what_a_local_run_writes(zhuban: Any, tmp_path: Path) -> None:
    """`--engine spark` on a folder of parquet gives the rows of a local run."""
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    (tmp_path / "in").mkdir()
    for part in range(2):
        table = pa.table({"id": [part * 100 + n for n in range(100)], "诉求内容": [TEXTS[n % len(TEXTS)] for n in range(100)]})
        pq.write_table(table, tmp_path / "in" / f"{part}.parquet")
    common = ("--pack", PACK, "--rules-only")
    done = zhuban(
        "batch",
        tmp_path / "in",
        "-o",
        tmp_path / "out",
        "--from",
        "parquet",
        "--to",
        "parquet",
        "--engine",
        "spark",
        "--master",
        "local[2]",
        *common,
    )
    assert done.returncode == 0, done.stderr
    assert "共 200 行" in done.stdout
    local = zhuban("batch", tmp_path / "in", "-o", tmp_path / "local.parquet", *common)
    assert local.returncode == 0, local.stderr
    rows = sorted(pq.read_table(tmp_path / "out").to_pylist(), key=lambda row: row["id"])
    wanted = sorted(pq.read_table(tmp_path / "local.parquet").to_pylist(), key=lambda row: row["id"])
    for row in wanted:
        del row["source_file"]
    assert rows == wanted


def test_a_pack_that_changed_on_the_way_is_refused() -> None:
    """What arrives on an executor must have the hash it was sent with."""
    from dataclasses import replace

    from zhuban.spark import ship

    shipment = ship(PACK, rules_only=True)
    with pytest.raises(PackError, match="与送出的不同"):
        unpacked(replace(shipment, hash="0" * 64))
