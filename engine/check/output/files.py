"""Keep cells from becoming formulas."""

from __future__ import annotations

__all__ = ["safe_cell"]


def safe_cell(value: object) -> object:
    """A cell's value that no spreadsheet program runs as a formula."""
    if isinstance(value, str) and value.lstrip().startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + value
    return value
