"""`zhuban batch --engine spark`: read, route and write on a cluster.

Reading and writing are Spark's own; the output is a folder of files, as Spark
writes it. Joined text columns, masks and headings are as in a local run.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from engine.batch.columns import choose_text
from engine.batch.detect import output_format
from engine.batch.extras import need
from engine.batch.options import Options
from engine.batch.run import Summary
from engine.errors import BatchError, InputError, OutputError
from engine.spark import route_df

__all__ = ["run_spark"]

_READABLE = {"parquet": "parquet", "csv": "csv", "tsv": "csv", "jsonl": "json"}
_JOINED = "__zhuban_text"


def run_spark(options: Options, master: str | None) -> Summary:
    """Route a whole input on Spark.

    Args:
        options: What to read and write; formats parquet, csv, tsv and jsonl.
        master: `local[4]`, `yarn`, `spark://…`; None leaves it to spark-submit.

    Returns:
        A summary with the verdicts counted.

    Raises:
        BatchError: A format or option that Spark runs do not have.
        InputError: The input cannot be read.
        OutputError: The output is there already or cannot be written.
    """
    sql = need("pyspark.sql", "在 Spark 上运行", "spark")
    form = output_format(options.target, options.target_format, "routed.parquet")
    source_form = options.source_format or output_format(options.source.rstrip("/*"), None, "orders.parquet")
    for name in (form, source_form):
        if name not in _READABLE:
            raise BatchError(f"在 Spark 上只能读写 parquet、csv、tsv、jsonl，不能用 {name}")
    if options.report or options.resume or options.strict:
        raise BatchError("在 Spark 上没有 --report、--resume、--strict；报告可在结果上用本机运行另做")
    if "://" not in options.target and Path(options.target).exists():
        raise OutputError(f"{options.target}：已经存在；Spark 的结果是新文件夹")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = sql.SparkSession.builder.appName("zhuban-batch").config("spark.sql.execution.arrow.maxRecordsPerBatch", "4096")
    if master:
        builder = builder.master(master).config("spark.ui.enabled", "false")
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    begun = time.monotonic()
    try:
        frame = _read(session, options, source_form)
        columns = list(frame.columns)
        text = choose_text(columns, options.text_column, options.source)
        column = columns[text.positions[0]]
        if len(text.positions) > 1:
            functions = need("pyspark.sql.functions", "在 Spark 上运行", "spark")
            frame = frame.withColumn(_JOINED, functions.concat_ws("。", *(columns[p] for p in text.positions)))
            column = _JOINED
        routed = route_df(
            frame,
            column,
            pack=options.pack,
            category_col=options.category_column,
            rules_only=options.rules_only,
            mask=options.mask,
        )
        if column == _JOINED:
            routed = routed.drop(_JOINED)
        _write(routed, options, form)
        tally = _count(session, options, form)
    finally:
        if master:
            session.stop()
    return Summary(tally=tally, seconds=time.monotonic() - begun, columns={options.source: text.said})


def _read(session: Any, options: Options, form: str) -> Any:
    reader = session.read
    if form in ("csv", "tsv"):
        delimiter = options.delimiter or ("\t" if form == "tsv" else ",")
        reader = reader.options(
            header=True, multiLine=True, escape='"', sep=delimiter, encoding=options.encoding or "utf-8", inferSchema=False
        )
    try:
        return reader.format(_READABLE[form]).load(options.source)
    except Exception as error:  # Spark has a tree of its own exceptions
        raise InputError(f"{options.source}：Spark 读不了（{str(error).strip().splitlines()[0][:160]}）") from None


def _write(routed: Any, options: Options, form: str) -> None:
    if form in ("csv", "tsv"):
        functions = need("pyspark.sql.functions", "在 Spark 上运行", "spark")
        for name in ("lead_units", "support_units"):
            routed = routed.withColumn(name, functions.concat_ws("、", name))
        routed = routed.withColumn("alternatives", functions.concat_ws("、", functions.col("alternatives.item_id")))
    writer = routed.write.mode("errorifexists").format(_READABLE[form])
    if form in ("csv", "tsv"):
        writer = writer.options(header=True, escape='"', sep="\t" if form == "tsv" else ",")
    try:
        writer.save(options.target)
    except Exception as error:  # Spark has a tree of its own exceptions
        raise OutputError(f"{options.target}：Spark 写不了（{_first_line(error)}）") from None


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), "未知原因")[:160]


def _count(session: Any, options: Options, form: str) -> dict[str, Any]:
    """Verdicts of the written output: one cheap pass instead of routing twice."""
    reader = session.read.option("header", True).option("escape", '"').option("multiLine", True)
    reader = reader.option("sep", "\t") if form == "tsv" else reader
    written = reader.format(_READABLE[form]).load(options.target)
    functions = need("pyspark.sql.functions", "在 Spark 上运行", "spark")
    review = functions.col("needs_review").cast("boolean").cast("int")
    urgent = functions.col("urgent").cast("boolean").cast("int")
    tally: dict[str, Any] = {"rows": 0, "verdict": {}, "review": {}, "urgent": {}, "bad": {}}
    counted = written.groupBy("verdict").agg(functions.count("*"), functions.sum(review), functions.sum(urgent))
    for verdict, rows, reviewed, urgencies in counted.collect():
        tally["rows"] += rows
        if verdict is None:
            tally["bad"]["未能判断"] = rows
            continue
        tally["verdict"][verdict] = rows
        tally["review"][verdict] = reviewed or 0
        if urgencies:
            tally["urgent"][verdict] = urgencies
    return tally
