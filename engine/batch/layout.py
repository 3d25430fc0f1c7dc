"""Which columns the output has, and where each part's columns go in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.batch.columns import ADDED, CHINESE, unique_names
from engine.batch.tables import PartInfo

__all__ = ["FILE_COLUMN", "SHEET_COLUMN", "Layout", "lay_out"]

FILE_COLUMN = "source_file"
SHEET_COLUMN = "sheet"


@dataclass(frozen=True, slots=True)
class Layout:
    """The output's columns.

    Attributes:
        form: `csv`, `jsonl`, `arrow` or `rows`: how tasks write.
        columns: Kept input columns, then the ones that tell parts apart.
        added: Names of the added columns, in the order of `ADDED`.
        chinese: Values of the added columns are Chinese too.
        maps: For each part, the part's position of each kept column, or -1.
        renamed: For each part, input names that had to change.
        delimiter, encoding: Of csv output.
        keep_formulas: Leave cells that a spreadsheet would run.
        schema: For Arrow output, the serialised schema of all columns.
    """

    form: str
    columns: tuple[str, ...]
    added: tuple[str, ...]
    chinese: bool
    maps: tuple[tuple[int, ...], ...]
    renamed: tuple[dict[str, str], ...]
    extra: tuple[str, ...]
    delimiter: str = ","
    encoding: str = "utf-8"
    keep_formulas: bool = False
    schema: bytes | None = None

    def names(self) -> tuple[str, ...]:
        """All columns of the output, in order."""
        return self.columns + self.extra + self.added


def lay_out(
    parts: Sequence[PartInfo],
    form: str,
    *,
    chinese: bool,
    delimiter: str = ",",
    encoding: str = "utf-8",
    keep_formulas: bool = False,
    apart: bool = False,
) -> Layout:
    """The output's columns for the parts of a run.

    Args:
        parts: All parts; equal names share a column.
        form: How tasks write.
        chinese: Chinese names and values for the added columns.
        delimiter, encoding, keep_formulas: Of csv output.
        apart: Each part gets its own table (workbook sheets): no columns that tell parts apart,
            and no union of columns is made by the caller.
    """
    added = tuple(CHINESE[name] for name in ADDED) if chinese else ADDED
    extra = () if apart else tuple(dict.fromkeys(name for part in parts for name, _ in part.extra))
    taken = added + extra
    columns: dict[str, int] = {}
    renamed = []
    for part in parts:
        new = unique_names(part.columns, taken)
        renamed.append({old: name for old, name in zip(part.columns, new, strict=True) if old != name})
        for name in new:
            columns.setdefault(name, len(columns))
    maps = []
    for part in parts:
        own = {name: i for i, name in enumerate(unique_names(part.columns, taken))}
        maps.append(tuple(own.get(name, -1) for name in columns))
    return Layout(form, tuple(columns), added, chinese, tuple(maps), tuple(renamed), extra, delimiter, encoding, keep_formulas)
