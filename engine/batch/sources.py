"""From what the user named to parts that can be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from engine.batch.detect import expand, input_format, is_url
from engine.batch.layout import FILE_COLUMN, SHEET_COLUMN
from engine.batch.options import Options
from engine.batch.tables import Part
from engine.batch.textparts import csv_part, jsonl_part
from engine.errors import BatchError

__all__ = ["open_sources", "stamp"]


def open_sources(options: Options, *, keys: bool) -> tuple[list[Part], list[str]]:
    """The parts of the input, and notices for the user.

    Args:
        options: The run's options.
        keys: The output has columns, so the keys of jsonl must all be known.

    Raises:
        InputError, BatchError: Something cannot be read, or has no text column.
    """
    if is_url(options.source):
        from engine.batch.database import database_part

        return [database_part(options)], []
    paths = expand(options.source)
    parts: list[Part] = []
    notices: list[str] = []
    for path in paths:
        found = _file_parts(path, len(parts), options, keys, notices)
        if len(paths) > 1:
            shown = _shown(path, options.source)
            for part in found:
                part.info = replace(part.info, name=shown, extra=((FILE_COLUMN, shown), *part.info.extra))
        parts.extend(found)
    if any(name == SHEET_COLUMN for part in parts for name, _ in part.info.extra):
        parts = list(_same_extra(parts))
    return parts, notices


def _same_extra(parts: Sequence[Part]) -> Sequence[Part]:
    for part in parts:
        if all(name != SHEET_COLUMN for name, _ in part.info.extra):
            part.info = replace(part.info, extra=(*part.info.extra, (SHEET_COLUMN, "")))
    return parts


def _shown(path: Path, source: str) -> str:
    root = Path(source)
    return path.relative_to(root).as_posix() if root.is_dir() else path.name


def _file_parts(path: Path, number: int, options: Options, keys: bool, notices: list[str]) -> list[Part]:
    form = input_format(path, options.source_format)
    if form in ("csv", "tsv"):
        return [csv_part(path, number, options, tabs=form == "tsv" and options.delimiter is None)]
    if form == "jsonl":
        return [jsonl_part(path, number, options, keys=keys)]
    if form == "xlsx":
        from engine.batch.workbook import workbook_parts

        return list(workbook_parts(path, number, options, notices))
    if form in ("parquet", "arrow", "feather"):
        from engine.batch.arrow import arrow_part

        return [arrow_part(path, number, options, form)]
    raise BatchError(f"{path}：数据库请写成 URL，如 sqlite:///{path}?table=表名")


def stamp(options: Options) -> list[tuple[str, int, int]]:
    """What tells that the input is still the same: names, sizes and times of its files."""
    if is_url(options.source):
        return []
    return [(str(p), p.stat().st_size, p.stat().st_mtime_ns) for p in expand(options.source)]
