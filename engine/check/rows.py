"""Clauses that come as rows: `id, issuer, text` in JSON Lines or CSV."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass

from engine.check.formats.plain import decode
from engine.check.model import Judgement
from engine.errors import InputError

__all__ = ["Row", "answer_row", "read_rows"]

_MOST_ROWS = 200_000
_TEXT_NAMES = ("text", "内容", "条款", "原文")
_ISSUER_NAMES = ("issuer", "发文单位", "单位")
_ID_NAMES = ("id", "编号", "序号")


@dataclass(frozen=True, slots=True)
class Row:
    """One clause to judge."""

    id: str
    issuer: str | None
    text: str


def read_rows(data: bytes, name: str) -> list[Row]:
    """Read all rows.

    Raises:
        InputError: Names the file and line of the first row that cannot be read.
    """
    text = decode(data, name)
    rows = _csv(text, name) if name.lower().endswith(".csv") else _jsonl(text, name)
    if not rows:
        raise InputError(f"{name}：没有可核对的行")
    if len(rows) > _MOST_ROWS:
        raise InputError(f"{name}：{len(rows)} 行，超过上限 {_MOST_ROWS} 行，请拆分")
    return rows


def _jsonl(text: str, name: str) -> list[Row]:
    rows: list[Row] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            raise InputError(f"{name}:{number}：不是一行 JSON") from None
        if not isinstance(value, dict):
            raise InputError(f"{name}:{number}：应为 JSON 对象，含 id、issuer、text")
        rows.append(_row(value, name, number))
    return rows


def _csv(text: str, name: str) -> list[Row]:
    try:
        reader = csv.DictReader(io.StringIO(text), strict=True)
        names = reader.fieldnames or []
        if not any(n in names for n in _TEXT_NAMES):
            raise InputError(f"{name}:1：表头中没有 text（或 内容、条款）列")
        return [_row(dict(value), name, reader.line_num) for value in reader if any(value.values())]
    except csv.Error as error:
        raise InputError(f"{name}：CSV 写法有误：{error}") from None


def _row(value: dict[str, object], name: str, number: int) -> Row:
    def get(names: tuple[str, ...]) -> str:
        found = next((value[n] for n in names if value.get(n) not in (None, "")), "")
        if isinstance(found, (dict, list)):
            raise InputError(f"{name}:{number}：{names[0]} 应为文字")
        return str(found).strip()

    text = get(_TEXT_NAMES)
    if not text:
        raise InputError(f"{name}:{number}：text 为空")
    return Row(get(_ID_NAMES) or str(number), get(_ISSUER_NAMES) or None, text)


def answer_row(row: Row, judgement: Judgement) -> dict[str, object]:
    """The row of `-o out.jsonl`."""
    said = judgement.model_dump(
        mode="json", include={"finding", "item_id", "item_name", "reason", "official_text", "responsible_units"}
    )
    return {
        "id": row.id,
        "issuer": row.issuer,
        **said,
        "confidence": judgement.confidence,
        "needs_review": judgement.needs_review,
    }
