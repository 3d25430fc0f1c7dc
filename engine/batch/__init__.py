"""Many texts at once: files, folders and tables in, the same with verdicts out.

The way of one run: `detect` says what the input is -> `sources` cut it into
tasks -> `work` (one Router for each process) reads, routes and writes each
task -> `run` puts the answers in order, keeps checkpoints and renames the
finished output. Every verdict comes from `Router.route`'s own path; nothing
here decides anything about a text.

    from pathlib import Path
    from engine.batch import Options, run_batch

    summary = run_batch(Options(source="orders.csv", target="routed.csv"))
"""

from __future__ import annotations

from engine.batch.columns import ADDED
from engine.batch.options import Options
from engine.batch.run import Summary, run_batch

__all__ = ["ADDED", "Options", "Summary", "run_batch"]
