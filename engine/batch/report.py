"""The report of a run: one page to read, one workbook to work with, from the same figures."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from engine.batch.figures import Figures, figures
from engine.batch.options import Options
from engine.batch.sinks import check_target
from engine.batch.state import disk_errors
from engine.errors import BatchError
from engine.pack import load_pack

if TYPE_CHECKING:
    from engine.batch.run import Summary

__all__ = ["check_reports", "write_reports"]


def check_reports(targets: Sequence[str]) -> None:
    """Refuse reports that could not be written in the end, before hours of work.

    Raises:
        BatchError: Neither .html nor .xlsx, or a library is missing.
        OutputError: The folder cannot be written.
    """
    from engine.batch.extras import need

    for target in targets:
        suffix = Path(target).suffix.lower()
        if suffix not in (".html", ".xlsx"):
            raise BatchError(f"{target}：报告只能是 .html 或 .xlsx")
        need("jinja2" if suffix == ".html" else "xlsxwriter", "写报告")
        check_target(target)


def write_reports(targets: Sequence[str], summary: Summary, options: Options) -> Figures:
    """Write the reports of a finished run; each appears whole or not at all.

    Args:
        targets: Paths ending in .html or .xlsx.
        summary: The run's summary, with the counts for a report.
        options: The run's options.
    """
    pack = load_pack(options.pack)
    found = figures(summary.tally, pack)
    about = {
        "title": pack.info.title,
        "town": pack.info.town,
        "source": Path(options.source).name if "://" not in options.source else "数据库",
        "pack": f"{pack.info.id} {pack.info.version} {pack.hash[:12]}",
        "made": date.today().isoformat(),
        "handled_by": options.handled_by or "",
    }
    for target in targets:
        path = Path(target)
        with disk_errors(target), tempfile.TemporaryDirectory(dir=path.parent or ".", prefix=".zhuban-") as folder:
            fresh = Path(folder) / path.name
            if path.suffix.lower() == ".html":
                from engine.batch.report_page import page

                fresh.write_text(page(found, about), encoding="utf-8")
            else:
                from engine.batch.report_book import write_book

                write_book(fresh, found, about)
            os.replace(fresh, path)
    return found
