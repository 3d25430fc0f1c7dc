"""One batch run from beginning to end.

The reading process cuts the input into tasks and keeps a bounded number of
them under way; answers are taken in the order of the input, so the output is
the same whatever the number of processes.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine._version import __version__
from engine.batch.detect import is_url, output_format
from engine.batch.layout import Layout, lay_out
from engine.batch.options import Options
from engine.batch.processes import Doing, Interrupt, Processes, StrictStop, WorkerGone
from engine.batch.sinks import FORMS, Sink, check_target
from engine.batch.sources import open_sources, stamp
from engine.batch.state import State
from engine.batch.tables import Done, Part, Task
from engine.batch.tally import add_up
from engine.batch.textparts import same_file
from engine.errors import BatchError
from engine.pack import find_pack, load_pack, pack_hash
from engine.reader import reader_path

__all__ = ["Progress", "Summary", "run_batch"]

_OUT_ENCODINGS = ("utf-8", "utf-8-sig", "gb18030")  # each can hold every character

Progress = Callable[[int, float | None], None]
"""Called with the rows done and the share of the input read (None if unknown)."""


@dataclass(slots=True)
class Summary:
    """What a run did.

    Attributes:
        tally: Counts (`engine/batch/tally.py`).
        seconds: Time spent, earlier runs of a resumed one included.
        repeated: Rows whose text had just been routed.
        columns: For each part, which columns were taken for the text.
        renamed: Input columns that had to change their names.
        resumed: This run went on from an earlier one.
        workers: Processes used.
    """

    tally: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    repeated: int = 0
    columns: dict[str, str] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    resumed: bool = False
    workers: int = 1

    @property
    def rows(self) -> int:
        """Rows in the output."""
        return int(self.tally.get("rows", 0))

    @property
    def bad(self) -> int:
        """Rows kept with an error."""
        return sum(self.tally.get("bad", {}).values())


def run_batch(options: Options, *, progress: Progress | None = None, notice: Callable[[str], None] | None = None) -> Summary:
    """Route a whole input.

    Args:
        options: What to read, what to write and how.
        progress: Called after each task.
        notice: Called with what the user should know before work begins.

    Returns:
        The summary; the output is complete when this returns.

    Raises:
        ZhubanError: Nothing is written at the target then.
        KeyboardInterrupt: The state beside the target lets `resume` go on.
    """
    say = notice or (lambda _: None)
    form = output_format(options.target, options.target_format, "routed.csv")
    target = None if is_url(options.target) else check_target(options.target)
    if target is None:
        from engine.batch.database import check_table

        check_table(options)
    parts, notices = open_sources(options, keys=FORMS[form] != "jsonl")
    for path in [] if target is None else [getattr(part, "path", None) for part in parts]:
        if path is not None and target is not None and same_file(path, target):
            raise BatchError(f"{options.target}：输出不能就是输入文件")
    layout = _layout(options, form, parts)
    for line in [*notices, *_choices(parts, layout)]:
        say(line)
    summary = Summary(
        columns={part.info.name: part.info.text.said for part in parts},
        renamed={old: new for names in layout.renamed for old, new in names.items()},
        notices=notices,
        workers=options.workers,
    )
    state = State(options.target, _state_folder(options, target), _fingerprint(options, form))
    with Processes(options, tuple(part.info for part in parts), layout) as do:
        _run(options, form, parts, layout, state, summary, do, progress, say)
    return summary


def _run(
    options: Options,
    form: str,
    parts: list[Part],
    layout: Layout,
    state: State,
    summary: Summary,
    do: Doing,
    progress: Progress | None,
    say: Callable[[str], None],
) -> None:
    """Take the state, do what is left of the work, and put the output in its place."""
    try:
        summary.resumed = state.open(resume=options.resume, restart=options.restart)
        if summary.resumed:
            say(f"接着上次做：已完成 {state.checkpoint.tally.get('rows', 0):,} 行")
        sink = Sink(options, form, layout, [part.info for part in parts])
        _route(options, parts, sink, state, summary, do, progress)
        sink.finish(state.close_spool(), state.folder)
        summary.tally = state.checkpoint.tally
        summary.seconds = state.checkpoint.seconds
    except StrictStop:
        state.remove()
        raise
    except BaseException:
        state.leave()
        raise
    state.remove()


def _choices(parts: list[Part], layout: Layout) -> Iterator[str]:
    shown: dict[str, list[str]] = {}
    for part in parts:
        shown.setdefault(part.info.text.said, []).append(part.info.name)
    for said, names in shown.items():
        more = f"等 {len(names)} 个文件或表" if len(names) > 3 else ""
        yield f"文本列：{said}（{'、'.join(names[:3])}{more}）"
    for old, new in dict(pair for names in layout.renamed for pair in names.items()).items():
        yield f"输入列「{old or '（无名）'}」与新增列同名或重复，写作「{new}」"


def _layout(options: Options, form: str, parts: list[Part]) -> Layout:
    infos = [part.info for part in parts]
    first = infos[0]
    # Who had a mark, GB18030 or a workbook opens the result in Excel, which needs the mark.
    for_excel = first.form == "rows" or (first.form == "csv" and first.encoding != "utf-8")
    encoding = options.out_encoding or ("utf-8-sig" if for_excel else "utf-8")
    if encoding not in _OUT_ENCODINGS:
        raise BatchError(f"csv 不能写成「{encoding}」编码；可用 {'、'.join(_OUT_ENCODINGS)}")
    chinese = options.headings == "zh" or (options.headings == "auto" and form == "xlsx")
    layout = lay_out(
        infos,
        FORMS[form],
        chinese=chinese,
        delimiter="\t" if form == "tsv" else ",",
        encoding=encoding,
        keep_formulas=options.keep_formulas,
        apart=form == "xlsx" and _one_book(infos),
    )
    if layout.form == "arrow":
        from engine.batch.arrow import output_schema

        layout = replace(layout, schema=output_schema(infos, layout))
    return layout


def _one_book(infos: list[Any]) -> bool:
    """All parts are sheets of one workbook: the output keeps them as sheets."""
    return all(not any(name == "source_file" for name, _ in info.extra) for info in infos)


def _state_folder(options: Options, target: Path | None) -> Path:
    if target is not None:
        return target.parent / f".{target.name}.zhuban"
    name = hashlib.sha256(options.target.encode()).hexdigest()[:12]
    return Path(f".zhuban-{name}.zhuban")


def _fingerprint(options: Options, form: str) -> str:
    folder = find_pack(options.pack)
    reader = "" if options.rules_only else _reader_stamp(options)
    known = [options.fingerprint(), form, stamp(options), pack_hash(folder), reader, __version__]
    return hashlib.sha256(json.dumps(known, ensure_ascii=False).encode()).hexdigest()


def _reader_stamp(options: Options) -> str:
    """Which second reader is there, if any: its description holds its key."""
    try:
        return hashlib.sha256((reader_path(load_pack(options.pack)) / "reader.json").read_bytes()).hexdigest()
    except OSError:
        return ""


def _route(
    options: Options,
    parts: list[Part],
    sink: Sink,
    state: State,
    summary: Summary,
    do: Doing,
    progress: Progress | None,
) -> None:
    """Do all tasks from the checkpoint on."""
    checkpoint = state.checkpoint
    if not summary.resumed:
        state.append(sink.head())
    sizes = [part.size() for part in parts]
    begun = saved = time.monotonic()
    earlier = checkpoint.seconds
    tasks = _tasks(parts, checkpoint.part, checkpoint.position)
    with Interrupt() as interrupt:
        try:
            for done in do(tasks):
                if done.stop is not None:
                    raise StrictStop(f"{done.stop}（--strict：遇到坏行即停，没有写出结果）")
                state.append(sink.shape(done.part, done.data))
                add_up(checkpoint.tally, done.tally)
                checkpoint.part, checkpoint.position = done.part, done.after
                summary.repeated += done.repeated
                now = time.monotonic()
                checkpoint.seconds = earlier + now - begun
                if progress is not None:
                    progress(checkpoint.tally.get("rows", 0), _share(sizes, done))
                if now - saved >= options.checkpoint:
                    state.save()
                    saved = time.monotonic()
                if interrupt.asked:
                    raise KeyboardInterrupt
        except (KeyboardInterrupt, WorkerGone):
            state.save()
            raise


def _share(sizes: list[int], done: Done) -> float | None:
    total = sum(sizes)
    if not total:
        return None
    return min(1.0, (sum(sizes[: done.part]) + done.after.get("progress", 0)) / total)


def _tasks(parts: list[Part], part: int, position: dict[str, int]) -> Iterator[Task]:
    for number in range(part, len(parts)):
        yield from parts[number].tasks(position if number == part else {})
