"""Labelled texts: what the rules are held to (`cases/`, docs/cases.md)."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from engine.errors import CaseError

__all__ = ["Case", "read_cases"]


class Case(BaseModel):
    """One labelled text.

    Attributes:
        item: The item that governs it; None when it is on no item.
        accept: Items that a careful clerk could defend as well.
        lead_units: For C and R items, who answers for this very text.
        also: Further matters in the same text.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    text: str
    item: str | None
    accept: tuple[str, ...] = ()
    lead_units: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    also_unlisted: bool = False
    voice: str = ""
    note: str = ""


def read_cases(path: Path) -> list[Case]:
    """Read one JSONL file of labelled texts.

    Raises:
        CaseError: The file cannot be read or a line is not a case; names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{path}: 无法读取：{error}") from None
    cases: list[Case] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            cases.append(Case.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or "整行"
            raise CaseError(f"{path}:{number}: {field}：{first['msg']}") from None
    return cases
