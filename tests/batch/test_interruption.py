"""A batch that is killed, interrupted or runs out of room loses nothing and doubles nothing."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.batch.conftest import orders, write_csv

ROWS = 150_000
PACK = Path(__file__).resolve().parent.parent / "data" / "demo"


def command(source: Path, target: Path, *args: object) -> list[str]:
    """A batch that makes a checkpoint after every task."""
    return [
        *(sys.executable, "-m", "engine", "batch", str(source), "-o", str(target)),
        *("--pack", str(PACK), "--rules-only", "--checkpoint", "0", *map(str, args)),
    ]


def start(*args: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command(*args), stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # type: ignore[arg-type]


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition: object, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.02)
    return False


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of several tasks."""
    return write_csv(tmp_path_factory.mktemp("archive") / "orders.csv", orders(ROWS))


@pytest.fixture(scope="module")
def whole(archive: Path) -> dict[str, bytes]:
    """What uninterrupted runs write."""
    found = {}
    for suffix in ("csv", "jsonl.gz", "parquet"):
        target = archive.parent / f"whole.{suffix}"
        subprocess.run(command(archive, target, "--workers", 2), check=True, capture_output=True)
        found[suffix] = target.read_bytes()
    assert found["csv"].count(b"\n") == ROWS + 1
    return found


@pytest.mark.parametrize(("suffix", "workers", "seed"), [("csv", 2, 1), ("csv", 1, 2), ("jsonl.gz", 2, 3), ("parquet", 2, 4)])
def test_kill_at_random_points(
    archive: Path, whole: dict[str, bytes], tmp_path: Path, suffix: str, workers: int, seed: int
) -> None:
    """kill -9 again and again, --resume each time: in the end the same bytes, and no process is left over."""
    dice = random.Random(seed)
    target = tmp_path / f"out.{suffix}"
    spool = tmp_path / f".out.{suffix}.zhuban" / "spool"
    kills = grown = 0
    while kills < 4:
        before = spool.stat().st_size if spool.exists() else 0
        process = start(archive, target, "--workers", workers, "--resume")
        wait_for(
            lambda b=before, p=process: (
                p.poll() is not None or (spool.exists() and spool.stat().st_size > b + dice.randint(0, 300_000))
            )
        )
        time.sleep(dice.random() * 0.1)
        if process.poll() is not None:
            break
        helpers = children(process.pid)
        process.kill()
        process.wait()
        kills += 1
        grown += spool.exists() and spool.stat().st_size > before
        assert wait_for(lambda h=helpers: not any(map(alive, h))), "processes of a killed run must end"
        if target.exists():  # the kill came after the rename: then all of it is there
            assert target.read_bytes() == whole[suffix]
            break
    done = subprocess.run(command(archive, target, "--workers", workers, "--resume"), capture_output=True, check=True)
    assert grown, "the run was never killed in the middle"
    assert target.read_bytes() == whole[suffix]
    assert f"共 {ROWS:,} 行".encode() in done.stdout
    assert not spool.exists()


def test_ctrl_c_leaves_a_state_to_go_on_from(archive: Path, whole: dict[str, bytes], tmp_path: Path) -> None:
    """Ctrl-C says how to go on; without --resume nothing is thrown away; with other options it refuses."""
    target = tmp_path / "out.csv"
    spool = tmp_path / ".out.csv.zhuban" / "spool"
    process = start(archive, target, "--workers", 2)
    assert wait_for(lambda: spool.exists() and spool.stat().st_size > 1_000)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr.decode()
    assert "--resume" in stderr.decode()
    assert "Traceback" not in stderr.decode()
    assert not target.exists()
    again = subprocess.run(command(archive, target), capture_output=True, check=False)
    assert again.returncode == 2
    assert "上次的任务没有做完" in again.stderr.decode()
    other = subprocess.run(command(archive, target, "--resume", "--mask"), capture_output=True, check=False)
    assert other.returncode == 2
    assert "不能续跑" in other.stderr.decode()
    subprocess.run(command(archive, target, "--resume", "--workers", 1), capture_output=True, check=True)
    assert target.read_bytes() == whole["csv"]


def test_a_full_disk_is_one_sentence(archive: Path, tmp_path: Path) -> None:
    """When no more can be written the run stops with a sentence; what stood at the target stays."""
    target = tmp_path / "out.csv"
    target.write_text("earlier")

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))

    result = subprocess.run(command(archive, target, "--workers", 1), capture_output=True, check=False, preexec_fn=small)
    assert result.returncode == 2
    assert "无法写入" in result.stderr.decode()
    assert "Traceback" not in result.stderr.decode()
    assert target.read_text() == "earlier"


def test_two_runs_do_not_share_a_target(archive: Path, tmp_path: Path) -> None:
    """A second run on the same output is refused while the first works."""
    target = tmp_path / "out.csv"
    first = start(archive, target, "--workers", 1)
    try:
        assert wait_for(lambda: (tmp_path / ".out.csv.zhuban" / "spool").exists())
        first.send_signal(signal.SIGSTOP)  # however fast it is, it is still at work
        second = subprocess.run(command(archive, target), capture_output=True, check=False)
        assert second.returncode == 2
        assert "正在写这个文件" in second.stderr.decode()
    finally:
        first.kill()
        first.wait()
        first.communicate()


def test_the_test_machine_shows_processes() -> None:
    """The checks above read /proc."""
    assert Path(f"/proc/{os.getpid()}/stat").exists()
