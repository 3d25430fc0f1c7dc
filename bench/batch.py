"""How fast and how large a batch is, beside what one would use without zhuban.

    python -m bench.batch                    # everything, small
    python -m bench.batch --rows 100000 speed peers
    python -m bench.batch --big 5000000 memory

Every figure of a table comes from one run of one machine; ratios are what
counts. Rows are made by `bench/make_orders.py`, 40 characters on average.
CPU seconds stand beside wall seconds because other programs may be running;
what is compared takes turns, and of each the quickest turn counts.
"""

from __future__ import annotations

import argparse
import csv
import gc
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

from bench.make_orders import COLUMNS, orders
from engine import Router, load_pack
from engine.pack import DEFAULT_PACK

ROOT = Path(__file__).resolve().parent.parent
TURNS = 3
SECTIONS = ("speed", "peers", "rules", "memory", "xlsx")


def make(path: Path, count: int, seed: int = 3) -> Path:
    """A csv of orders: number, time, village, text."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(COLUMNS[:4])
        writer.writerows(row[:4] for row in orders(count, seed))
    return path


def tree_memory(pid: int) -> int:
    """Bytes of memory of a process and all below it; pages that several share count once (PSS)."""
    total = 0
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        try:
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) * 1024 for line in rollup if line.startswith("Pss:"))
            waiting += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
        except (OSError, IndexError, StopIteration):
            continue
    return total


def run(command: list[str]) -> tuple[float, float, int]:
    """Wall seconds, CPU seconds and peak memory of a command with all its processes."""
    peak = 0
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def watch() -> None:
        nonlocal peak
        while process.poll() is None:
            peak = max(peak, tree_memory(process.pid))
            time.sleep(0.2)

    watcher = threading.Thread(target=watch)
    watcher.start()
    stderr = process.communicate()[1]
    watcher.join()
    wall = time.perf_counter() - begun
    if process.returncode:
        raise SystemExit(stderr.decode()[-600:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, peak


def batch(source: Path, target: Path, *args: object) -> tuple[float, float, int]:
    """A whole `zhuban batch`."""
    command = [sys.executable, "-m", "engine", "batch", str(source), "-o", str(target), "--restart"]
    return run([*command, *map(str, args)])


def show(name: str, rows: int, figures: tuple[float, float, int]) -> None:
    """One line of the table."""
    wall, cpu, peak = figures
    rates = f"{rows / wall:10,.0f} rows/s {rows / cpu:10,.0f} rows/CPU s"
    print(f"{name:44} {wall:8.1f} s {cpu:8.1f} s CPU {rates} {peak / 2**20:7,.0f} MB", flush=True)


def in_turn(*calls: Callable[[], tuple[float, float, int]]) -> list[tuple[float, float, int]]:
    """Each call `TURNS` times, one after the other; of each its quickest turn."""
    turns = [[call() for call in calls] for _ in range(TURNS)]
    return [min(of_one) for of_one in zip(*turns, strict=True)]


def speed(folder: Path, count: int) -> None:
    """One process, two processes, with and without the second reader."""
    source = make(folder / "in.csv", count)
    one, two, both = in_turn(
        lambda: batch(source, folder / "1.csv", "--rules-only", "--workers", 1),
        lambda: batch(source, folder / "2.csv", "--rules-only", "--workers", 2),
        lambda: batch(source, folder / "3.csv", "--workers", 1),
    )
    show("rules alone, 1 process", count, one)
    show("rules alone, 2 processes", count, two)
    same = (folder / "1.csv").read_bytes() == (folder / "2.csv").read_bytes()
    print(f"  two against one: {one[0] / two[0]:.2f} x; outputs {'equal byte for byte' if same else 'DIFFER'}")
    show("with the second reader, 1 process", count, both)


def peers(folder: Path, count: int) -> None:
    """TF-IDF with a linear classifier, and jieba with a keyword dictionary, csv to csv on one core."""
    source = make(folder / "in.csv", count)

    def rival(name: str) -> tuple[float, float, int]:
        return run([sys.executable, "-m", "bench.batch", "--peer", name, str(source), str(folder / "peer.csv")])

    ours, tfidf, keywords = in_turn(
        lambda: batch(source, folder / "out.csv", "--rules-only", "--workers", 1),
        lambda: rival("tfidf"),
        lambda: rival("keywords"),
    )
    show("zhuban, rules alone, 1 process", count, ours)
    for name, theirs in (("TF-IDF + linear SVM (1 verdict column)", tfidf), ("jieba.cut + keyword dictionary", keywords)):
        show(name, count, theirs)
        print(f"  zhuban against it: {theirs[1] / ours[1]:.2f} x as fast by CPU, {theirs[0] / ours[0]:.2f} x by wall")


def peer(name: str, source: str, target: str) -> None:
    """One peer as a process of its own: read a csv, label each row, write a csv."""
    label = {"tfidf": _tfidf, "keywords": _keywords}[name]()
    with open(source, encoding="utf-8", newline="") as read, open(target, "w", encoding="utf-8", newline="") as write:
        reader = csv.reader(read)
        writer = csv.writer(write, lineterminator="\n")
        writer.writerow([*next(reader), "item_id"])
        block: list[list[str]] = []
        for row in reader:
            block.append(row)
            if len(block) == 2_000:
                writer.writerows([*r, item] for r, item in zip(block, label([r[3] for r in block]), strict=True))
                block = []
        writer.writerows([*r, item] for r, item in zip(block, label([r[3] for r in block]), strict=True))


def _labelled() -> tuple[list[str], list[str]]:
    from engine.cases import read_cases

    cases = [case for path in sorted((ROOT / "cases" / "rounds").glob("*.jsonl")) for case in read_cases(path)]
    return [case.text for case in cases], [case.item or "unlisted" for case in cases]


def _tfidf() -> Callable[[list[str]], list[str]]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    texts, items = _labelled()
    vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True, dtype="float32")
    model = LinearSVC(C=0.5).fit(vectors.fit_transform(texts), items)
    return lambda rows: list(model.predict(vectors.transform(rows))) if rows else []


def _keywords() -> Callable[[list[str]], list[str]]:
    import jieba

    jieba.setLogLevel(60)
    pack = load_pack(os.environ.get("ZHUBAN_PACK", DEFAULT_PACK))
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for item in pack.items:
        for clause in item.match:
            for group in clause.groups():
                for concept in group:
                    wanted[concept].add(item.item)
    words: defaultdict[str, list[str]] = defaultdict(list)
    for concept in pack.concepts:
        for phrase in (*concept.phrases, *concept.words):
            words[phrase].extend(sorted(wanted[concept.concept]))

    def label(rows: list[str]) -> list[str]:
        found = []
        for text in rows:
            votes: Counter[str] = Counter()
            for token in jieba.cut(text):
                votes.update(words.get(token, ()))
            found.append(votes.most_common(1)[0][0] if votes else "unlisted")
        return found

    return label


def rules(folder: Path, count: int) -> None:
    """Cost per row as the pack grows: the whole of a task, csv bytes in, csv bytes out."""
    from bench.multiply_pack import multiplied
    from engine.batch.layout import lay_out
    from engine.batch.options import Options
    from engine.batch.textparts import csv_part
    from engine.batch.work import Worker

    pack = load_pack(os.environ.get("ZHUBAN_PACK", DEFAULT_PACK))
    source = make(folder / "in.csv", count)
    options = Options(source=str(source), target="out.csv")
    part = csv_part(source, 0, options)
    layout = lay_out([part.info], "csv", chinese=False)
    workers = [Worker(options, [part.info], layout, Router(multiplied(pack, times), reader=False)) for times in (1, 3, 10)]
    gc.freeze()  # as `zhuban batch` does
    tasks = list(part.tasks({}))
    half = (len(tasks) + 1) // 2
    for worker in workers:
        for task in tasks[:half]:
            worker.do(task)  # rulesets are compiled when first asked: that is start-up, not cost of a row
    spent: list[list[float]] = [[] for _ in workers]
    for task in tasks[half:]:
        for worker, seconds in zip(workers, spent, strict=True):
            begun = time.process_time()
            rows = worker.do(task).rows
            seconds.append((time.process_time() - begun) / rows)
    for worker, seconds in zip(workers, spent, strict=True):
        cost, base = statistics.median(seconds), statistics.median(spent[0])
        size = f"{len(worker.rows.router.items):6,} items {len(worker.rows.router.index.names):7,} concepts"
        print(f"{size}: {cost * 1e6:7.1f} µs a row, {cost / base:.2f} x", flush=True)


def memory(folder: Path, count: int, big: int) -> None:
    """Peak memory of all processes, small against large."""
    small = batch(make(folder / "small.csv", count), folder / "out.csv", "--rules-only", "--workers", 2)
    show("2 processes", count, small)
    large = batch(make(folder / "large.csv", big), folder / "out.csv", "--rules-only", "--workers", 2)
    show("2 processes", big, large)
    print(f"  peak memory {large[2] / small[2]:.2f} x for {big / count:.0f} x the rows")


def xlsx(folder: Path, count: int) -> None:
    """A workbook in, a workbook out."""
    from xlsxwriter import Workbook

    path = folder / "in.xlsx"
    book = Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, COLUMNS)
    for number, row in enumerate(orders(count, 5), start=1):
        sheet.write_row(number, 0, row)
    book.close()
    show("xlsx to xlsx, 2 processes", count, batch(path, folder / "out.xlsx", "--rules-only", "--workers", 2))


def main() -> None:
    """Print the tables that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("sections", nargs="*", metavar=f"{{{','.join(SECTIONS)}}}")
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--big", type=int, default=500_000, help="rows of the large file of `memory`")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.peer:
        peer(given.peer, *given.sections)
        return
    with tempfile.TemporaryDirectory(prefix="zhuban-bench-") as name:
        folder = Path(name)
        for section in given.sections or SECTIONS:
            print(f"== {section}, {given.rows:,} rows")
            if section == "memory":
                memory(folder, given.rows, given.big)
            else:
                {"speed": speed, "peers": peers, "rules": rules, "xlsx": xlsx}[section](folder, given.rows)


if __name__ == "__main__":
    main()
