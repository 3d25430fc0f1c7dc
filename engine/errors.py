"""Everything a user can do wrong, one class for each reason.

Each error prints as one sentence that names the place and the way out; the
command line turns any `ZhubanError` into that sentence and exit status 2.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = [
    "BatchError",
    "CaseError",
    "InputError",
    "OutputError",
    "PackError",
    "Problem",
    "UnknownItemError",
    "ZhubanError",
]


class ZhubanError(Exception):
    """Base of all errors that are the user's to mend."""


class InputError(ZhubanError):
    """A text or file that cannot be read as what it claims to be."""


class OutputError(ZhubanError):
    """A result that cannot be written where it was asked for."""


class BatchError(ZhubanError):
    """A batch that cannot be run: no text column, a broken row under --strict."""


class CaseError(ZhubanError):
    """A labelled text that breaks the case format."""


class UnknownItemError(ZhubanError):
    """An item id that the pack does not have."""


@dataclass(frozen=True, order=True)
class Problem:
    """One fault of a pack, at a place in its files.

    Attributes:
        file: Path as given, relative to the pack's parent where possible.
        line: 1-based; 0 when the fault belongs to the whole file.
        column: 1-based, in characters; 0 with line 0.
        code: Stable code such as `ZB103`; codes never change meaning.
        message: One Chinese sentence: what is wrong and what to write instead.
        severity: `error` (the pack is refused) or `warning`.
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    severity: str = field(default="error", compare=False)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.code} {self.message}"


class PackError(ZhubanError):
    """A pack with faults; carries all of them, not the first."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems)
        shown = "\n".join(str(p) for p in self.problems)
        super().__init__(f"规则包有 {len(self.problems)} 处错误：\n{shown}")
