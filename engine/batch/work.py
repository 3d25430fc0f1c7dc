"""What each process does: one Router, and tasks in, finished bytes out."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Callable, Sequence
from multiprocessing import connection, parent_process
from typing import Any

from engine.batch.decoding import Rows, read_task
from engine.batch.encoding import CellMask, write_rows
from engine.batch.layout import Layout
from engine.batch.options import Options
from engine.batch.routed import FAILED, Routed, RowRouter
from engine.batch.tables import Done, PartInfo, Task
from engine.batch.tally import Tally
from engine.pack import load_pack
from engine.router import Router
from engine.startup import collector_paused

__all__ = ["Worker", "discard", "prepare", "ready", "start_process", "work"]


class Worker:
    """Reads, routes and writes tasks with a Router of its own.

    Args:
        options: The run's options.
        parts: All parts, by number.
        layout: The output's columns.
        router: A Router of this process; None loads the pack.
    """

    def __init__(self, options: Options, parts: Sequence[PartInfo], layout: Layout, router: Router | None = None) -> None:
        self.options, self.parts, self.layout = options, parts, layout
        router = router or Router(load_pack(options.pack), reader=False if options.rules_only else None)
        self.rows = RowRouter(router, options.cache)
        self.tally = Tally(router.register, router.pack.info.town, options.report)
        self.mask: CellMask | None = None
        self.mask_text: Callable[[str], str] | None = None
        if options.mask:
            from engine.masking import Masker

            masker = Masker()
            self.mask, self.mask_text = masker.cell, masker.text

    def do(self, task: Task) -> Done:
        """One task from its data to the bytes of its output."""
        with collector_paused():  # routing leaves no cycles behind: looking for them costs a tenth of the time
            return self._done(task)

    def _done(self, task: Task) -> Done:
        info = self.parts[task.part]
        rows = read_task(task, info)
        texts = rows.texts(info)
        categories: Sequence[Any] | None = rows.column(info.category, info) if info.category is not None else None
        repeated = self.rows.repeated
        answers = []
        for i, text in enumerate(texts):
            fault = rows.errors.get(i)
            if fault is not None:
                answers.append(FAILED._replace(error=fault))
                continue
            category = categories[i] if categories else None
            answer = self.rows.route(text, str(category).strip() or None if category is not None else None)
            if answer.error is not None:
                answer = answer._replace(error=f"{self._place(task, rows, i)} {answer.error}")
            answers.append(answer)
        stop = next((a.error for a in answers if a.error is not None), None) if self.options.strict else None
        dates, places, handled = (
            rows.column(position, info) if self.options.report and position is not None else None
            for position in (info.date, info.place, info.handled)
        )
        shown = texts
        if self.mask_text is not None:
            answers = [self._masked(answer, self.mask_text) for answer in answers]
            shown = [self.mask_text(text) if isinstance(text, str) else text for text in texts]
        counts = self.tally.count(answers, shown, dates, places, handled)
        data = write_rows(rows, answers, info, self.layout, self.mask)
        return Done(task.part, data, len(answers), task.after, counts, self.rows.repeated - repeated, stop)

    @staticmethod
    def _masked(answer: Routed, mask: Callable[[str], str]) -> Routed:
        """Mask the words that a reason quotes from the text; the official words stay."""
        head, found, rest = answer.reason.partition("，属")
        reason = mask(head) + found + rest if found else answer.reason
        return answer._replace(reason=reason, error=mask(answer.error) if answer.error else None)

    def _place(self, task: Task, rows: Rows, row: int) -> str:
        """Where a row is: its line in a text file, its number in a table."""
        name = self.parts[task.part].name
        if rows.lines is None:
            return f"{name} 第 {task.row + row + 1} 行"
        return f"{name} 第 {rows.lines[row]} 行" if task.lines else f"{name}:{rows.lines[row]}"


_worker: Worker | None = None


def prepare(options: Options, parts: Sequence[PartInfo], layout: Layout) -> None:
    """Make this process's worker before others are forked off: they share its memory and start at once."""
    global _worker
    _worker = Worker(options, parts, layout)
    _worker.rows.router.warm_up()


def discard() -> None:
    """Let go of what `prepare` made."""
    global _worker
    _worker = None


def start_process(options: Options, parts: Sequence[PartInfo], layout: Layout) -> None:
    """Make this process a worker: leave Ctrl-C to the parent, and end when the parent is gone."""
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()
    _worker = _worker or Worker(options, parts, layout)
    gc.freeze()  # what is shared stays shared: the collector would write into all of it


def ready() -> None:
    """A task that does nothing: its answer says that the processes are there."""


def _follow(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)  # killed parents cannot call us back


def work(task: Task) -> Done:
    """One task, in a process made by `start_process`."""
    if _worker is None:
        raise RuntimeError("start_process comes first")
    return _worker.do(task)
