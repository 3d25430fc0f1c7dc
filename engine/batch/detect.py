"""Say what an input or output is, by its first bytes, then by its name."""

from __future__ import annotations

import glob
from pathlib import Path

from engine.batch.bytesource import opened, sample
from engine.errors import BatchError, InputError

__all__ = ["FORMATS", "expand", "input_format", "is_url", "output_format"]

FORMATS = ("csv", "tsv", "jsonl", "xlsx", "parquet", "arrow", "feather", "sqlite", "postgresql")
_SUFFIXES = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".ipc": "arrow",
    ".feather": "feather",
}
_MAGIC = ((b"PAR1", "parquet"), (b"ARROW1", "arrow"), (b"PK\x03\x04", "xlsx"), (b"SQLite format 3\x00", "sqlite"))


def is_url(name: str) -> bool:
    """Whether a source or target is a database."""
    return name.startswith(("sqlite:", "postgresql:", "postgres:"))


def _by_name(name: str) -> str | None:
    path = Path(name.lower())
    if path.suffix in (".gz", ".zst"):
        path = path.with_suffix("")
    return _SUFFIXES.get(path.suffix)


def input_format(path: Path, given: str | None) -> str:
    """The format of an input file.

    Raises:
        InputError: It cannot be read, is empty, or is something else.
        BatchError: The user named a format that does not exist.
    """
    if given is not None:
        if given not in FORMATS:
            raise BatchError(f"没有「{given}」这种格式；可用 {'、'.join(FORMATS)}")
        return given
    with opened(path) as handle:
        head = handle.read(16)
    if not head:
        raise InputError(f"{path}：文件是空的")
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(f"{path}：是旧式 xls 或加密的工作簿，请在 Excel 中另存为 xlsx")
    if head.startswith(b"FEA1"):
        raise InputError(f"{path}：是旧式 Feather（第 1 版），请另存为 Feather 第 2 版或 parquet")
    named = _by_name(path.name)
    if named in ("xlsx", "parquet", "arrow", "feather"):
        raise InputError(f"{path}：名字是 {named}，内容不是")
    text = sample(path).lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:1] == b"{" and named != "csv":
        return "jsonl"
    return named or "csv"


def output_format(target: str, given: str | None, source: str) -> str:
    """The format to write.

    Raises:
        BatchError: The name says nothing and the user neither.
    """
    if given is not None:
        if given not in FORMATS:
            raise BatchError(f"没有「{given}」这种格式；可用 {'、'.join(FORMATS)}")
        return given
    if target.startswith("sqlite:"):
        return "sqlite"
    if is_url(target):
        return "postgresql"
    named = _by_name(target)
    if named is None:
        raise BatchError(f"{target}：看不出要写成什么格式；请用常见的扩展名（如 {source}），或加 --to")
    return named


def expand(source: str) -> list[Path]:
    """The files of a file name, folder or glob, in order of name.

    Raises:
        InputError: There is none.
    """
    path = Path(source)
    if path.is_dir():
        found = sorted(p for p in path.rglob("*") if p.is_file() and _by_name(p.name) and not _hidden(p, path))
        if not found:
            raise InputError(f"{source}：文件夹里没有能读的文件（csv、tsv、jsonl、xlsx、parquet、arrow、feather）")
        return found
    if path.exists():
        return [path]
    if any(mark in source for mark in "*?["):
        found = sorted(p for p in map(Path, glob.glob(source, recursive=True)) if p.is_file() and not p.name.startswith("~$"))
        if found:
            return found
        raise InputError(f"{source}：没有文件与之相符")
    raise InputError(f"{source}：没有这个文件或文件夹")


def _hidden(path: Path, root: Path) -> bool:
    """Hidden files, and the ~$ files that Excel leaves."""
    return any(part.startswith((".", "~$")) for part in path.relative_to(root).parts)
