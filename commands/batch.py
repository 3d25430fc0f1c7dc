"""`zhuban batch`: a file, folder or table of texts in, the same with verdicts out."""

from __future__ import annotations

import os
import sys
import time
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import click

from commands.shared import pack_option

if TYPE_CHECKING:
    from engine.batch import Options, Summary
    from engine.batch.run import Progress

_CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def summary_lines(summary: Summary, target: str) -> list[str]:
    """What a run did, as the user reads it."""
    from engine.model import VerdictKind
    from engine.reasons import VERDICT_NAMES

    tally = summary.tally
    verdicts = tally.get("verdict", {})
    good = sum(verdicts.values())
    lines = [f"共 {summary.rows:,} 行，写入 {target}"]
    for kind in VerdictKind:
        number = verdicts.get(kind.value, 0)
        if number:
            lines.append(f"  {VERDICT_NAMES[kind]}：{number:,}（{number / max(good, 1):.1%}）")
    lines.append(f"  需人工复核：{sum(tally.get('review', {}).values()):,}")
    if tally.get("urgent"):
        lines.append(f"  紧急：{sum(tally['urgent'].values()):,}")
    if summary.bad:
        kinds = sorted(tally["bad"].items(), key=lambda pair: -pair[1])
        said = "；".join(f"{name} {n:,}" for name, n in kinds[:5])
        lines.append(f"  坏行（原样保留，原因见 error 列）：{summary.bad:,}——{said}")
    if summary.repeated:
        lines.append(f"  与前面相同而未重算：{summary.repeated:,}")
    rate = summary.rows / summary.seconds if summary.seconds > 0 else 0
    lines.append(f"  用时 {summary.seconds:,.1f} 秒，每秒 {rate:,.0f} 行，{summary.workers} 个进程")
    return lines


class _Bar:
    """A progress bar with rate and time left, on a terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[said]}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            auto_refresh=False,  # no thread: processes can be forked beside it
        )
        self.task = self.bar.add_task("路由", total=None, said="")
        self.begun = time.monotonic()
        self.first: tuple[int, float] | None = None

    def __enter__(self) -> Progress:
        self.bar.start()
        return self.update

    def update(self, rows: int, share: float | None) -> None:
        """Show how far it is; rate and time left from this run only, not from one that it goes on from."""
        now = time.monotonic() - self.begun
        if self.first is None:
            self.first = (rows, share or 0.0)
        rate = (rows - self.first[0]) / now if now > 0.5 else 0.0
        said = f"{rows:,} 行" + (f"，每秒 {rate:,.0f} 行" if rate else "")
        gone = (share or 0.0) - self.first[1]
        if share is not None and gone > 0 and now > 2:
            left = now * (1 - share) / gone
            said += f"，还需 {left / 60:.0f} 分" if left > 90 else f"，还需 {left:.0f} 秒"
        self.bar.update(self.task, completed=share, total=1.0 if share is not None else None, said=said, refresh=True)

    def __exit__(self, *_: object) -> None:
        self.bar.stop()


def _progress() -> AbstractContextManager[Any]:
    return _Bar() if sys.stderr.isatty() else nullcontext(None)


def run(options: Options) -> Summary:
    """Run a batch with a bar on a terminal; Ctrl-C tells how to go on."""
    from engine.batch import run_batch

    with _progress() as progress:
        try:
            return run_batch(options, progress=progress, notice=lambda line: click.echo(line, err=True))
        except KeyboardInterrupt:
            click.echo("已中断；已完成的部分保留着，同样的命令加 --resume 接着做", err=True)
            raise click.exceptions.Exit(130) from None


@click.command()
@click.argument("source", metavar="IN")
@click.option("-o", "--output", required=True, metavar="OUT", help="输出文件或数据库 URL / output file or database URL")
@click.option("--text-column", metavar="COL", help="文本列，可用 标题+内容 拼接；不写则按列名找 / text column")
@click.option("--category-column", metavar="COL", help="已知类别列，如 一级分类 / column with a known category")
@click.option("--from", "source_format", metavar="FMT", help="输入格式，不写则自动识别 / input format")
@click.option("--to", "target_format", metavar="FMT", help="输出格式：csv tsv jsonl xlsx parquet arrow feather / output format")
@click.option("--encoding", metavar="NAME", help="输入编码，不写则自动识别 / input encoding")
@click.option("--out-encoding", metavar="NAME", help="csv 输出编码：utf-8 utf-8-sig gb18030 / csv output encoding")
@click.option("--delimiter", metavar="CHAR", help="csv 分隔符，不写则自动识别 / csv delimiter")
@click.option("--sheet", "sheets", multiple=True, metavar="NAME", help="只处理这些工作表，可多次 / only these sheets")
@click.option("--query", metavar="SQL", help="数据库输入的查询 / query for a database input")
@click.option(
    "--headings", type=click.Choice(["auto", "zh", "en"]), default="auto", help="新增列的列名 / names of added columns"
)
@click.option("--keep-formulas", is_flag=True, help="csv 中像公式的单元格不加引号保护 / leave cells that look like formulas")
@click.option("--workers", type=click.IntRange(1, 256), default=_CORES, metavar="N", help="进程数，默认全部核 / processes")
@click.option("--engine", type=click.Choice(["local", "spark"]), default="local", help="本机或 Spark / local or Spark")
@click.option("--master", metavar="URL", help="Spark 主节点，如 local[4]、yarn / Spark master")
@click.option("--resume", is_flag=True, help="接着上次中断处做 / go on where it stopped")
@click.option("--restart", is_flag=True, help="丢弃上次未完成的部分，从头做 / drop what is unfinished")
@click.option(
    "--checkpoint", type=click.FloatRange(0), default=2.0, metavar="SEC", help="每隔几秒存一次进度 / between checkpoints"
)
@click.option("--strict", is_flag=True, help="遇到坏行即停 / stop at the first bad row")
@click.option("--mask", is_flag=True, help="输出中去掉姓名、电话、身份证号、车牌 / mask names, phones, ids, plates")
@click.option("--rules-only", is_flag=True, help="只用规则，不用第二读者 / without the second reader")
@click.option("--report", multiple=True, metavar="FILE", help="另写报告 .html 或 .xlsx，可多次 / report page or workbook")
@click.option("--handled-by", metavar="COL", help="实际承办单位列，供报告比对 / who actually handled it")
@click.option("--date-column", metavar="COL", help="日期列，供报告按月统计 / date column")
@click.option("--place-column", metavar="COL", help="村、街道列，供报告统计 / village or street column")
@pack_option
def batch(
    source: str,
    output: str,
    text_column: str | None,
    category_column: str | None,
    source_format: str | None,
    target_format: str | None,
    encoding: str | None,
    out_encoding: str | None,
    delimiter: str | None,
    sheets: tuple[str, ...],
    query: str | None,
    headings: str,
    keep_formulas: bool,
    workers: int,
    engine: str,
    master: str | None,
    resume: bool,
    restart: bool,
    checkpoint: float,
    strict: bool,
    mask: bool,
    rules_only: bool,
    report: tuple[str, ...],
    handled_by: str | None,
    date_column: str | None,
    place_column: str | None,
    pack: str,
) -> None:
    """成批判断归谁管：csv、jsonl、xlsx、parquet、数据库 / route a file, folder or table.

    每行保留原有各列，后加结论、事项、主办单位、理由等列；坏行保留并写明原因。

    例：zhuban batch 工单.csv -o 结果.csv --report 报告.html
    """
    from engine.batch import Options

    options = Options(
        source=source,
        target=output,
        source_format=source_format,
        target_format=target_format,
        text_column=text_column,
        category_column=category_column,
        handled_by=handled_by,
        date_column=date_column,
        place_column=place_column,
        encoding=encoding,
        delimiter=delimiter,
        out_encoding=out_encoding,
        headings=headings,
        keep_formulas=keep_formulas,
        sheets=sheets,
        query=query,
        pack=pack,
        rules_only=rules_only,
        mask=mask,
        strict=strict,
        workers=workers,
        resume=resume,
        restart=restart,
        checkpoint=checkpoint,
        report=bool(report),
    )
    if engine == "spark":
        from engine.batch.spark_run import run_spark

        for line in summary_lines(run_spark(options, master), output):
            click.echo(line)
        return
    if report:
        from engine.batch.report import check_reports

        check_reports(report)
    summary = run(options)
    for line in summary_lines(summary, output):
        click.echo(line)
    if report:
        from engine.batch.report import write_reports

        write_reports(report, summary, options)
        click.echo(f"报告：{'、'.join(report)}")
