"""How long one text takes: zhuban beside `jieba.cut` of the same texts, in one run.

    python -m bench.route [CASES.jsonl …]

Prints medians and 99th percentiles in microseconds, the ratio to jieba, the
set-up of a Router, and a cold `zhuban route` as a whole process.
"""

from __future__ import annotations

import logging
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import jieba

from engine import Router, load_pack
from engine.cases import read_cases

ROOT = Path(__file__).resolve().parent.parent
COLD_RUNS = 7


def timed(call: Callable[[str], object], texts: Sequence[str], rounds: int = 3) -> list[float]:
    """Seconds of each call, after one warming round."""
    for text in texts:
        call(text)
    spent = []
    for _ in range(rounds):
        for text in texts:
            start = time.perf_counter()
            call(text)
            spent.append(time.perf_counter() - start)
    return spent


def cold() -> tuple[list[float], float]:
    """Wall seconds of whole `zhuban route` processes, and their largest memory in MB."""
    command = [sys.executable, "-m", "engine", "route", "村东头有人烧苞谷杆子，烟大得睁不开眼"]
    spent = []
    for _ in range(COLD_RUNS):
        start = time.perf_counter()
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        spent.append(time.perf_counter() - start)
    # A child inherits our own peak until it execs, so a small process of its own asks.
    ask = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, capture_output=True); "
    ask += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    peak = subprocess.run([sys.executable, "-c", ask, *command], cwd=ROOT, check=True, capture_output=True, text=True)
    return spent, int(peak.stdout) / 1024


def main(paths: Sequence[str]) -> None:
    files = [Path(p) for p in paths] or sorted((ROOT / "cases" / "rounds").glob("r2_*.jsonl"))
    texts = [case.text for file in files for case in read_cases(file)]
    texts = [text for text in texts if len(text) <= 120][:600] if not paths else texts
    jieba.setLogLevel(logging.ERROR)
    jieba.initialize()
    load_pack()
    start = time.perf_counter()
    pack = load_pack()
    rules = Router(pack, reader=False)
    setup = time.perf_counter() - start
    reader = Router(pack)
    asked = [text for text in texts if reader.trace(text).chances is not None]
    base = timed(lambda text: list(jieba.cut(text)), texts)
    rows = [
        ("jieba.cut", base),
        ("rules alone", timed(rules.route, texts)),
        ("with second reader where asked", timed(reader.route, texts)),
    ]
    if asked:
        rows.append(("texts on which it is asked", timed(reader.route, asked)))
    length = statistics.median(map(len, texts))
    print(f"{len(texts)} texts, median {length} characters; second reader asked on {len(asked) / len(texts):.0%}")
    print(f"{'':34}{'median µs':>12}{'p99 µs':>10}{'× jieba':>10}")
    for name, spent in rows:
        median, p99 = statistics.median(spent), sorted(spent)[int(len(spent) * 0.99)]
        print(f"{name:34}{median * 1e6:12.0f}{p99 * 1e6:10.0f}{median / statistics.median(base):10.2f}")
    wall, memory = cold()
    print(f"Router from the cached pack: {setup:.2f} s")
    print(
        f"zhuban route, cold, whole process: median {statistics.median(wall):.2f} s, at most {max(wall):.2f} s, {memory:.0f} MB"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
