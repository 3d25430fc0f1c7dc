"""Measure `check` on labelled clauses and whole notices (docs/check.md holds the figures)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from engine.check.checker import Checker
from engine.check.document import Document
from engine.check.formats import read_bytes, read_notice
from engine.check.model import VIOLATIONS, Finding
from engine.errors import CaseError

__all__ = [
    "ClauseCase",
    "ClauseScores",
    "NoticeCase",
    "NoticeScores",
    "evaluate_clauses",
    "evaluate_notices",
    "read_check_cases",
]

OVERLAP = 0.6


class Labelled(BaseModel):
    """A clause inside a notice and what it should be."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    quote: str
    expect: Finding
    item: str | None
    accept: tuple[str, ...] = ()
    note: str = ""


class ClauseCase(BaseModel):
    """A single clause of an assignment (`cases/check/*.jsonl`)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    issuer: str | None = None
    text: str
    expect: Finding
    item: str | None
    accept: tuple[str, ...] = ()
    note: str = ""


class NoticeCase(BaseModel):
    """A whole notice: its text, or a `file` beside the labels."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    issuer: str | None = None
    text: str = ""
    file: str | None = None
    clauses: tuple[Labelled, ...]


@dataclass(slots=True)
class ClauseScores:
    """Shares over single clauses; `item` over those whose finding is right."""

    clauses: int = 0
    violation: float = 0.0
    exact: float = 0.0
    item: float = 0.0
    wrong: list[dict[str, object]] = field(default_factory=list)
    confusions: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class NoticeScores:
    """Shares over whole notices.

    Attributes:
        found: Labelled clauses of which `OVERLAP` of the quotation was found.
        exact: Right findings, of those found.
        boilerplate: Passages outside every label flagged as a violation, of all such paragraphs.
        issuers: Notices whose issuer was read right, of those labelled with one.
    """

    notices: int = 0
    clauses: int = 0
    found: float = 0.0
    exact: float = 0.0
    item: float = 0.0
    boilerplate: float = 0.0
    issuers: float = 0.0
    wrong: list[dict[str, object]] = field(default_factory=list)


def read_check_cases(path: Path) -> tuple[list[ClauseCase], list[tuple[NoticeCase, Path]]]:
    """Read labelled clauses and notices from one JSONL file.

    Raises:
        CaseError: A line that is neither; names file and line.
    """
    clauses: list[ClauseCase] = []
    notices: list[tuple[NoticeCase, Path]] = []
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{path}: 无法读取：{error}") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            if isinstance(json.loads(line).get("clauses"), list):
                notices.append((NoticeCase.model_validate_json(line), path.parent))
            else:
                clauses.append(ClauseCase.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            raise CaseError(f"{path}:{number}: {'.'.join(map(str, first['loc'])) or '整行'}：{first['msg']}") from None
        except (ValueError, AttributeError):
            raise CaseError(f"{path}:{number}: 不是一行 JSON 对象") from None
    return clauses, notices


def evaluate_clauses(checker: Checker, cases: Iterable[ClauseCase]) -> ClauseScores:
    """Judge every clause and sum up."""
    scores = ClauseScores()
    violation = exact = item = 0
    for case in cases:
        said = checker.clause(case.text, case.issuer)
        right = said.finding is case.expect
        item_right = said.item_id in {case.item, *case.accept}
        scores.clauses += 1
        violation += (said.finding in VIOLATIONS) == (case.expect in VIOLATIONS)
        exact += right
        item += right and item_right
        if not right:
            key = f"{case.expect} → {said.finding}"
            scores.confusions[key] = scores.confusions.get(key, 0) + 1
        if not right or not item_right:
            scores.wrong.append(_wrong(case.id, case.text, case.expect, case.item, said.finding, said.item_id))
    if scores.clauses:
        scores.violation, scores.exact = violation / scores.clauses, exact / scores.clauses
        scores.item = item / exact if exact else 0.0
    return scores


def _wrong(
    name: str, text: str, expect: Finding, item: str | None, said: Finding | None, said_item: str | None
) -> dict[str, object]:
    return {
        "id": name,
        "text": text,
        "expect": expect.value,
        "item": item,
        "said": said.value if said else None,
        "said_item": said_item,
    }


def _document(case: NoticeCase, folder: Path) -> Document:
    if case.file:
        return read_notice(folder / case.file)
    return read_bytes(case.text.encode(), f"{case.id}.txt")


def _overlap(quote: str, found: str) -> float:
    """Share of the quotation's characters, without blanks, that a found clause covers."""
    a, b = "".join(quote.split()), "".join(found.split())
    if not a:
        return 0.0
    if a in b:
        return 1.0
    if b in a:
        return len(b) / len(a)
    # Longest run in common: a clause cut a little differently.
    best = 0
    for start in range(len(a)):
        while start + best < len(a) and a[start : start + best + 1] in b:
            best += 1
    return best / len(a)


def evaluate_notices(checker: Checker, cases: Sequence[tuple[NoticeCase, Path]]) -> NoticeScores:
    """Check every notice and compare clause by clause."""
    scores = NoticeScores()
    found = exact = item = flagged = plain = issuers = labelled = 0
    for case, folder in cases:
        document = _document(case, folder)
        report = checker.check(document)
        scores.notices += 1
        if case.issuer:
            labelled += 1
            resolved = checker.router.register.resolve(case.issuer) or case.issuer
            issuers += resolved in (report.issuer or "") or case.issuer in (report.issuer or "")
        used: set[int] = set()
        for clause in case.clauses:
            scores.clauses += 1
            shares = [(_overlap(clause.quote, c.quote), i) for i, c in enumerate(report.clauses)]
            share, at = max(shares, default=(0.0, -1))
            if share < OVERLAP:
                scores.wrong.append(_wrong(case.id, clause.quote, clause.expect, clause.item, None, None))
                continue
            used.add(at)
            said = report.clauses[at]
            found += 1
            right = said.finding is clause.expect
            exact += right
            item += right and said.item_id in {clause.item, *clause.accept}
            if not right:
                scores.wrong.append(_wrong(case.id, clause.quote, clause.expect, clause.item, said.finding, said.item_id))
        quotes = ["".join(c.quote.split()) for c in case.clauses]
        for i, said in enumerate(report.clauses):
            touched = i in used or any(_overlap(said.quote, q) > 0.3 or _overlap(q, said.quote) > 0.3 for q in quotes)
            if not touched and said.finding in VIOLATIONS:
                flagged += 1
                scores.wrong.append(
                    _wrong(case.id, said.quote, Finding.COMPLIANT, None, said.finding, said.item_id) | {"expect": "boilerplate"}
                )
        plain += _plain_sentences(document, quotes)
    if scores.clauses:
        scores.found, scores.exact = found / scores.clauses, exact / max(1, found)
        scores.item = item / max(1, exact)
    scores.boilerplate = flagged / max(1, plain)
    scores.issuers = issuers / max(1, labelled)
    return scores


def _plain_sentences(document: Document, quotes: Sequence[str]) -> int:
    """Sentences of a notice that no label touches."""
    count = 0
    for block in document.blocks:
        for sentence in block.text.replace("；", "。").split("。"):
            bare = "".join(sentence.split())
            if len(bare) > 3 and not any(bare in q or q in bare or _overlap(q, bare) > 0.3 for q in quotes):
                count += 1
    return count
