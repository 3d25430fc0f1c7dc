"""From the finished spool to the output, in one step that shows all of it or nothing."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.batch.encoding import csv_header
from engine.batch.extras import need
from engine.batch.layout import Layout
from engine.batch.options import Options
from engine.batch.spool import frame
from engine.batch.state import disk_errors
from engine.batch.tables import PartInfo
from engine.errors import OutputError

__all__ = ["FORMS", "Sink", "check_target"]

FORMS = {
    "csv": "csv",
    "tsv": "csv",
    "jsonl": "jsonl",
    "xlsx": "rows",
    "sqlite": "rows",
    "postgresql": "rows",
    "parquet": "arrow",
    "arrow": "arrow",
    "feather": "arrow",
}
"""How tasks write for each output format."""


def check_target(target: str) -> Path:
    """The path of an output file, before any work is done for it.

    Raises:
        OutputError: Its folder is missing or cannot be written, or it is a folder itself.
    """
    path = Path(target)
    if path.is_dir():
        raise OutputError(f"{target}：是文件夹，请写文件名")
    folder = path.parent
    if not folder.is_dir():
        raise OutputError(f"{target}：没有文件夹 {folder}")
    if not os.access(folder, os.W_OK):
        raise OutputError(f"{target}：文件夹 {folder} 不能写入")
    return path


class Sink:
    """Puts tasks' bytes into the form that waits in the spool, and at the end makes the output.

    Args:
        options: The run's options.
        form: The output format.
        layout: The output's columns.
        parts: The input's parts.
    """

    def __init__(self, options: Options, form: str, layout: Layout, parts: Sequence[PartInfo]) -> None:
        self.options, self.form, self.layout, self.parts = options, form, layout, parts
        self._framed = layout.form in ("arrow", "rows")
        self._pack = self._packer(options.target)

    def _packer(self, target: str) -> Callable[[bytes], bytes] | None:
        if self._framed or not target.endswith((".gz", ".zst")):
            return None
        if target.endswith(".gz"):
            # Members of a gzip file stand one after the other: each task is one.
            return lambda data: gzip.compress(data, compresslevel=6, mtime=0)
        zstandard = need("zstandard", "写 .zst")
        compressor = zstandard.ZstdCompressor(level=3)
        return lambda data: bytes(compressor.compress(data))

    def head(self) -> bytes:
        """What stands before the first task."""
        if self.layout.form != "csv":
            return b""
        data = csv_header(self.layout)
        return self._pack(data) if self._pack else data

    def shape(self, part: int, data: bytes) -> bytes:
        """One task's bytes as they wait in the spool."""
        if self._framed:
            return frame(part, data)
        return self._pack(data) if self._pack and data else data

    def finish(self, spool: Path, work: Path) -> None:
        """Make the output from the complete spool; the last step is a rename or a commit."""
        target = self.options.target
        if self.form in ("sqlite", "postgresql"):
            from engine.batch.database import write_table

            write_table(spool, self.options, self.form, self.layout)
            return
        done = spool
        with disk_errors(target):
            if self._framed:
                done = work / "output"
                if self.form == "xlsx":
                    from engine.batch.workbook_out import write_workbook

                    write_workbook(spool, done, self.layout, self.parts)
                else:
                    from engine.batch.arrow import write_file

                    write_file(spool, done, self.layout, self.form)
                with done.open("rb+") as handle:
                    os.fsync(handle.fileno())
            os.replace(done, target)
