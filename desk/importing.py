"""Read an uploaded table of orders: csv, xlsx or jsonl, its columns guessed by name and shown before anything is stored."""

from __future__ import annotations

import csv
import io
import json
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from desk.errors import BadRequest
from desk.store.rows import Incoming
from engine.batch.columns import choose_text, find_by_name
from engine.errors import BatchError, InputError
from engine.masking import Masker
from engine.normalise import TEXT_LIMIT, normalise

__all__ = ["Sheet", "guess", "incoming", "read_sheet"]

_MOST_ROWS = 20_000
_MOST_UNPACKED = 200_000_000
_DATES = ("受理时间", "来电时间", "登记时间", "诉求时间", "反映时间", "创建时间", "时间", "日期", "received_at", "date", "time")
_IDS = ("工单编号", "工单号", "编号", "受理编号", "external_id", "id")
_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as uploaded: column names and rows of text."""

    columns: list[str]
    rows: list[list[str]]

    def masked(self) -> Sheet:
        """The same table without names and numbers that point at a person."""
        masker = Masker()
        kept = {i for i in (find_by_name(self.columns, _DATES), find_by_name(self.columns, _IDS)) if i is not None}
        names = self.columns
        rows = [[c if i in kept else str(masker.cell(names[i], c)) for i, c in enumerate(row)] for row in self.rows]
        return Sheet(names, rows)

    def packed(self) -> bytes:
        """As bytes, to be kept between preview and import."""
        return zlib.compress(json.dumps([self.columns, self.rows], ensure_ascii=False).encode(), 1)

    @classmethod
    def unpacked(cls, data: bytes) -> Sheet:
        """Back from `packed`."""
        return cls(*json.loads(zlib.decompress(data)))


def read_sheet(name: str, data: bytes) -> Sheet:
    """The table in an uploaded file; the file's name only tells the format.

    Raises:
        BadRequest: Another format, a broken file, no rows, or too many.
    """
    kind = name.lower().rpartition(".")[2]
    readers = {"csv": _csv, "tsv": _csv, "txt": _csv, "xlsx": _xlsx, "jsonl": _jsonl}
    if kind not in readers:
        raise BadRequest("只能导入 csv、xlsx 或 jsonl 文件")
    sheet = readers[kind](data)
    if not sheet.rows:
        raise BadRequest("文件里没有数据行")
    if len(sheet.rows) > _MOST_ROWS:
        raise BadRequest(f"文件有 {len(sheet.rows):,} 行，一次最多导入 {_MOST_ROWS:,} 行；历年数据请用 zhuban batch")
    return sheet


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadRequest("文件既不是 UTF-8 也不是 GB18030 文本")


def _csv(data: bytes) -> Sheet:
    text = _decoded(data)
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    try:
        rows = [
            row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise BadRequest(f"csv 读不下去：{error}") from None
    return _table(rows)


def _table(rows: list[list[str]]) -> Sheet:
    if not rows:
        return Sheet([], [])
    names = [cell.strip() or f"第{i}列" for i, cell in enumerate(rows[0], start=1)]
    width = len(names)
    return Sheet(names, [(row + [""] * width)[:width] for row in rows[1:]])


def _xlsx(data: bytes) -> Sheet:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MOST_UNPACKED:
                raise BadRequest("xlsx 解开后过大")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows: list[list[str]] = []
        for row in sheet.iter_rows(values_only=True):
            cells = ["" if cell is None else str(cell) for cell in row]
            if any(cell.strip() for cell in cells):
                rows.append(cells)
            if len(rows) > _MOST_ROWS + 1:
                break
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, EOFError, OSError):
        raise BadRequest("xlsx 文件已损坏或不是 xlsx") from None
    return _table(rows)


def _jsonl(data: bytes) -> Sheet:
    names: dict[str, None] = {}
    found: list[dict[str, Any]] = []
    for number, line in enumerate(_decoded(data).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise BadRequest(f"第 {number} 行不是 JSON 对象")
        names |= dict.fromkeys(map(str, row))
        found.append(row)
    return Sheet(list(names), [["" if row.get(n) is None else str(row[n]) for n in names] for row in found])


def guess(sheet: Sheet) -> tuple[int, int | None, int | None]:
    """Which columns hold the text, the moment of receipt and the outside id."""
    try:
        text = choose_text(sheet.columns, None, "上传文件").positions[-1]
    except BatchError:
        lengths = [sum(len(row[i]) for row in sheet.rows[:50]) for i in range(len(sheet.columns))]
        text = lengths.index(max(lengths))
    return text, find_by_name(sheet.columns, _DATES), find_by_name(sheet.columns, _IDS)


def _moment(value: str, zone: ZoneInfo, fallback: datetime) -> datetime | None:
    value = value.strip()
    if not value:
        return fallback
    for form in _FORMS:
        try:
            found = datetime.strptime(value[:19], form).replace(tzinfo=zone)
        except ValueError:
            continue
        return found.astimezone(UTC) if 2000 <= found.year < 2100 else None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    if not date(2000, 1, 1) <= found.date() < date(2100, 1, 1):
        return None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def incoming(
    sheet: Sheet, text: int, when: int | None, outside: int | None, source: str, zone: ZoneInfo, fallback: datetime
) -> tuple[list[Incoming], list[str]]:
    """The rows as orders to store, and a sentence for each row that cannot be one.

    Raises:
        BadRequest: A column that the table lacks.
    """
    columns: Sequence[int] = [c for c in (text, when, outside) if c is not None]
    if any(not 0 <= c < len(sheet.columns) for c in columns):
        raise BadRequest("没有选中的列")
    good: list[Incoming] = []
    faults: list[str] = []
    for number, row in enumerate(sheet.rows, start=2):
        content = row[text].replace("\0", "").strip()
        moment = _moment(row[when], zone, fallback) if when is not None else fallback
        if moment is None:
            faults.append(f"第 {number} 行：时间「{row[when or 0][:20]}」看不懂")
            continue
        if len(content) > TEXT_LIMIT:
            faults.append(f"第 {number} 行：超过 {TEXT_LIMIT:,} 字")
            continue
        try:
            normalise(content)
        except InputError as error:
            faults.append(f"第 {number} 行：{error}")
            continue
        good.append(Incoming(content, source, moment, (row[outside].strip()[:120] or None) if outside is not None else None))
    return good, faults
