"""What `check` answers: frozen values, in the order a reader meets them."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "FINDING_NAMES",
    "VIOLATIONS",
    "Checked",
    "DocumentFinding",
    "Finding",
    "Judgement",
    "NoticeReport",
    "Official",
    "Place",
]


class Finding(StrEnum):
    """What is said of one clause of an assignment (docs/check.md)."""

    COMPLIANT = "compliant"
    RECLAIMED = "reclaimed"
    ABOLISHED = "abolished"
    ROLE_INVERSION = "role_inversion"
    UNLISTED = "unlisted"


FINDING_NAMES = {
    Finding.COMPLIANT: "合规",
    Finding.RECLAIMED: "疑似已收回事项",
    Finding.ABOLISHED: "疑似已取消事项",
    Finding.ROLE_INVERSION: "疑似主责倒置",
    Finding.UNLISTED: "疑似清单外事项",
}
"""As printed. Violations are 疑似: zhuban points out, people decide."""

VIOLATIONS = frozenset(Finding) - {Finding.COMPLIANT}


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Place(_Answer):
    """Where a passage stands in its file.

    Attributes:
        block: Number of the paragraph or cell among all that were read, from 0.
        label: As a person would say it: 第 3 段, 第 2 页, 表 1 第 4 行第 2 列, 工作表「任务」B5.
        start, end: Characters of the block, end exclusive.
    """

    block: int = 0
    label: str = ""
    start: int = 0
    end: int = 0


class Official(_Answer):
    """The list's own words that a finding rests on, both columns side by side."""

    departments: tuple[str, ...] = ()
    department_duties: tuple[str, ...] = ()
    town_duties: tuple[str, ...] = ()
    takeover: str = ""


class Judgement(_Answer):
    """What one passage asks of the town, held against the list.

    Attributes:
        acts: Names of the acts that the passage makes the town do.
        contrary: Those of them that the item gives to somebody else.
        signs: Names of the evasions seen through (整体转嫁, 属地管理 …).
        official_text: The sentence of the list that decided.
        others: Further items that could govern the passage, best first.
    """

    finding: Finding
    item_id: str | None
    item_name: str | None
    reason: str
    official_text: str
    official: Official = Official()
    responsible_units: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    contrary: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    confidence: float = Field(ge=0, le=1)
    needs_review: bool

    @property
    def violation(self) -> bool:
        """Whether the town should not simply accept the passage."""
        return self.finding in VIOLATIONS


class Checked(Judgement):
    """One clause of a notice: its exact words, where they stand, and the judgement."""

    quote: str
    place: Place
    deadline: str | None = None


class DocumentFinding(_Answer):
    """Something about the notice as a whole."""

    kind: Literal[
        "no_basis", "no_approval", "no_resources", "deadline_past", "other_issuer", "contradiction", "no_issuer", "limits"
    ]
    message: str
    places: tuple[Place, ...] = ()


class NoticeReport(_Answer):
    """Everything that is said of one notice."""

    document: str
    title: str = ""
    issuer: str | None = None
    issuer_known: bool = False
    number: str | None = None
    date: str | None = None
    addressee: str | None = None
    deadline: str | None = None
    findings_summary: dict[str, int]
    clauses: tuple[Checked, ...]
    document_findings: tuple[DocumentFinding, ...] = ()
    paragraphs: int = 0
    pack: str
    pack_version: str
    pack_hash: str
