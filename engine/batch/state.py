"""What an interrupted run leaves, and how the next one goes on from it.

Beside the output stands a folder `.NAME.zhuban/` with the finished bytes
(`spool`), a lock, and `state.json`: which part was read how far and how many
bytes of the spool belong to it. The spool is written first and synced, then
the state is replaced in one step; what the spool holds beyond the state is cut
off on resuming. So nothing is lost or doubled wherever the run is killed.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from engine.batch.tables import Position
from engine.errors import BatchError, OutputError

__all__ = ["Checkpoint", "State", "disk_errors"]


@dataclass(slots=True)
class Checkpoint:
    """How far a run has come."""

    fingerprint: str
    part: int = 0
    position: Position = field(default_factory=dict)
    spooled: int = 0
    tally: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


@contextlib.contextmanager
def disk_errors(target: str) -> Any:
    """Say in one sentence what stops us from writing."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise OutputError(f"{target}：磁盘已满；已完成的部分保留着，腾出空间后加 --resume 续跑") from None
        raise OutputError(f"{target}：无法写入（{error.strerror or error}）") from None


class State:
    """The folder of one run.

    Args:
        target: The output as the user named it.
        folder: Where the state lives.
        fingerprint: Of input, options, pack and program.
    """

    def __init__(self, target: str, folder: Path, fingerprint: str) -> None:
        self.target, self.folder = target, folder
        self.checkpoint = Checkpoint(fingerprint)
        self._spool: IO[bytes] | None = None
        self._lock: IO[bytes] | None = None

    @property
    def spool_path(self) -> Path:
        """The finished bytes."""
        return self.folder / "spool"

    def open(self, *, resume: bool, restart: bool) -> bool:
        """Take the folder; answer whether a former run goes on.

        Raises:
            BatchError: Another run holds it; a former run is there and neither
                `resume` nor `restart` was asked; or it was another input, pack or set of options.
            OutputError: The folder cannot be written.
        """
        with disk_errors(self.target):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = (self.folder / "lock").open("ab")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BatchError(f"{self.target}：另一个 zhuban batch 正在写这个文件") from None
        former = self._read()
        goes_on = False
        if former is not None and not restart:
            if not resume:
                raise BatchError(
                    f"{self.target}：上次的任务没有做完（已完成 {former.tally.get('rows', 0):,} 行）；"
                    "加 --resume 接着做，或加 --restart 从头做"
                )
            if former.fingerprint != self.checkpoint.fingerprint:
                raise BatchError(f"{self.target}：输入、选项、规则包或程序版本与上次不同，不能续跑；请加 --restart 从头做")
            self.checkpoint, goes_on = former, True
        with disk_errors(self.target):
            self._spool = self.spool_path.open("r+b" if goes_on and self.spool_path.exists() else "w+b")
            self._spool.truncate(self.checkpoint.spooled)
            self._spool.seek(self.checkpoint.spooled)
            if not goes_on:
                (self.folder / "state.json").unlink(missing_ok=True)
        return goes_on

    def _read(self) -> Checkpoint | None:
        try:
            found = Checkpoint(**json.loads((self.folder / "state.json").read_text(encoding="utf-8")))
            spooled = self.spool_path.stat().st_size
        except (OSError, ValueError, TypeError):
            return None
        return found if spooled >= found.spooled else None

    def append(self, data: bytes) -> None:
        """Finished bytes, in the order of the input."""
        assert self._spool is not None
        with disk_errors(self.target):
            self._spool.write(data)
        self.checkpoint.spooled += len(data)

    def save(self) -> None:
        """Make everything appended so far safe."""
        assert self._spool is not None
        with disk_errors(self.target):
            self._spool.flush()
            os.fsync(self._spool.fileno())
            fresh = self.folder / "state.json.new"
            with fresh.open("w", encoding="utf-8") as handle:
                json.dump(asdict(self.checkpoint), handle, ensure_ascii=False)
                handle.flush()
                os.fsync(handle.fileno())
            os.replace(fresh, self.folder / "state.json")

    def close_spool(self) -> Path:
        """The complete spool, ready to be renamed or turned into the output."""
        assert self._spool is not None
        with disk_errors(self.target):
            self._spool.flush()
            os.fsync(self._spool.fileno())
            self._spool.close()
        return self.spool_path

    def leave(self) -> None:
        """Let go of the folder; an empty one, from a run that never got anywhere, is removed."""
        if self._spool is not None and not self._spool.closed:
            with contextlib.suppress(OSError):
                self._spool.close()
        if self.folder.is_dir() and not (self.folder / "state.json").exists():
            shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()

    def remove(self) -> None:
        """The run is done: nothing of it stays but the output."""
        if self._lock is not None:
            self._lock.close()
        shutil.rmtree(self.folder, ignore_errors=True)
