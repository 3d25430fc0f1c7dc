"""What several tests share: the real pack, a small pack to break, the command as a user runs it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import Pack, Router, load_pack

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def pack() -> Pack:
    """The pack of 阿扎特巴格镇."""
    return load_pack()


@pytest.fixture(scope="session")
def router(pack: Pack) -> Router:
    """A router with the second reader."""
    return Router(pack)


@pytest.fixture(scope="session")
def rules(pack: Pack) -> Router:
    """A router by rules alone."""
    return Router(pack, reader=False)


@pytest.fixture
def demo_pack(tmp_path: Path) -> Path:
    """A small pack in a folder of its own, free to be broken."""
    target = tmp_path / "demo"
    shutil.copytree(ROOT / "tests" / "data" / "demo", target)
    return target


@pytest.fixture
def zhuban(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command line in a process of its own, in an empty folder."""

    def run(*args: object, stdin: bytes | None = None) -> subprocess.CompletedProcess[str]:
        found = subprocess.run(
            [sys.executable, "-m", "engine", *map(str, args)],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            timeout=120,
            check=False,
        )
        return subprocess.CompletedProcess(found.args, found.returncode, found.stdout.decode(), found.stderr.decode())

    return run
