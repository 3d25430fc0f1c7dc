"""The processes of a run, and what may end it: a bad row, a lost process, Ctrl-C."""

from __future__ import annotations

import gc
import multiprocessing
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from engine.batch.layout import Layout
from engine.batch.options import Options
from engine.batch.tables import Done, Task
from engine.batch.work import Worker, discard, prepare, ready, start_process, work
from engine.errors import BatchError
from engine.pack import load_pack

__all__ = ["Doing", "Interrupt", "Processes", "StrictStop", "WorkerGone"]


Doing = Callable[[Iterator[Task]], Iterator[Done]]
"""Does tasks and answers in their order."""


class StrictStop(BatchError):
    """A bad row under `--strict`."""


class WorkerGone(BatchError):
    """A process ended that should not have."""


class Interrupt:
    """Ctrl-C and a polite kill wait until the task in hand is counted; a second Ctrl-C does not wait."""

    def __init__(self) -> None:
        self.asked = False
        self._former: dict[int, Any] = {}

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._former[number] = signal.signal(number, self._ask)
        return self

    def _ask(self, number: int, _: object) -> None:
        self.asked = True
        signal.signal(number, self._former[number])

    def __exit__(self, *_: object) -> None:
        for number, handler in self._former.items():
            signal.signal(number, handler)


class Processes:
    """Does tasks in this process or in several, always answering in order."""

    def __init__(self, options: Options, infos: tuple[Any, ...], layout: Layout) -> None:
        self.options, self.infos, self.layout = options, infos, layout
        self.pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Doing:
        if self.options.workers <= 1:
            worker = Worker(self.options, self.infos, self.layout)
            gc.freeze()  # the pack lives as long as the run: no collection need look at it
            return lambda tasks: map(worker.do, tasks)
        # Forked processes share the pack and its index; that is safe only while nothing else runs here.
        forked = sys.platform == "linux" and threading.active_count() == 1
        if forked:
            prepare(self.options, self.infos, self.layout)
        else:
            load_pack(self.options.pack)  # once here, so that the processes find it checked and cached
        self.pool = ProcessPoolExecutor(
            self.options.workers,
            multiprocessing.get_context("fork" if forked else "spawn"),
            start_process,
            (self.options, self.infos, self.layout),
        )
        if forked:
            self.pool.submit(ready).result()  # they fork now, before the run opens its files
        return self._ordered

    def _ordered(self, tasks: Iterator[Task]) -> Iterator[Done]:
        assert self.pool is not None
        under_way: deque[Future[Done]] = deque()
        try:
            for task in tasks:
                under_way.append(self.pool.submit(work, task))
                while len(under_way) > self.options.workers * 2 + 1:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        except BrokenProcessPool:
            raise WorkerGone("一个工作进程意外结束（可能内存不足）；已完成的部分保留着，加 --resume 续跑") from None

    def __exit__(self, *_: object) -> None:
        gc.unfreeze()
        if self.pool is not None:
            self.pool.shutdown(wait=True, cancel_futures=True)
            discard()
