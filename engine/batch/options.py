"""What a user can ask of a batch run, as one frozen value that travels to every process."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

from engine.pack import DEFAULT_PACK

__all__ = ["Options"]

# What changes no byte of the output: a run may be resumed with other values of these.
_FREE = {"workers", "resume", "restart", "checkpoint"}


@dataclass(frozen=True, slots=True)
class Options:
    """One batch run.

    Attributes:
        source: A file, folder, glob or database URL.
        target: A file or database URL; a folder when the source is one file for each output.
        source_format, target_format: Override what names and contents say.
        text_column: A column, or several joined by `+`; None finds it by name.
        category_column: A column that holds a known category.
        handled_by: The column that says which unit handled the order.
        date_column, place_column: For the report; None finds them by name.
        encoding, delimiter: Override detection for csv and tsv.
        out_encoding: `utf-8`, `utf-8-sig` or `gb18030`; None follows the input.
        headings: `en`, `zh` or `auto` (zh for xlsx) names of the added columns.
        keep_formulas: Leave csv cells that a spreadsheet would run as formulas.
        sheets: Only these sheets of a workbook.
        query: SQL for a database source; None reads the table named in the URL.
        pack: The pack's name or folder.
        rules_only: Without the second reader.
        mask: Remove names, telephone, identity and plate numbers from the output.
        strict: Stop at the first bad row.
        workers: Processes; 1 works in this one.
        resume, restart: Go on from, or drop, what an interrupted run left.
        report: Gather the figures for the report.
        cache: Most texts whose answer each process remembers.
        checkpoint: Seconds between checkpoints; 0 makes one after every task.
    """

    source: str
    target: str
    source_format: str | None = None
    target_format: str | None = None
    text_column: str | None = None
    category_column: str | None = None
    handled_by: str | None = None
    date_column: str | None = None
    place_column: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    out_encoding: str | None = None
    headings: str = "auto"
    keep_formulas: bool = False
    sheets: tuple[str, ...] = ()
    query: str | None = None
    pack: str = DEFAULT_PACK
    rules_only: bool = False
    mask: bool = False
    strict: bool = False
    workers: int = 1
    resume: bool = False
    restart: bool = False
    report: bool = False
    cache: int = 20_000
    checkpoint: float = 2.0

    def fingerprint(self) -> str:
        """A digest of everything that shapes the output."""
        kept = {name: value for name, value in asdict(self).items() if name not in _FREE}
        return hashlib.sha256(json.dumps(kept, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
