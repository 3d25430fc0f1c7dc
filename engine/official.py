"""The official rows: read as published, mended as recorded, split into duties.

`official/*.jsonl` hold the cells exactly as published; `official/repairs.yaml`
says what is mended and why. Nothing is added to a cell that is cut off.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from engine.errors import Problem
from engine.model import Duty, Kind, OfficialItem, Repair
from engine.units import UnitRegister

__all__ = ["TABLES", "read_official", "split_duties", "split_numbered"]

TABLES = {Kind.BASIC: "basic", Kind.COOPERATING: "cooperating", Kind.RECLAIMED: "reclaimed"}
_CELLS = {
    Kind.BASIC: ("category", "name"),
    Kind.COOPERATING: ("category", "name", "departments", "department_duties", "town_duties"),
    Kind.RECLAIMED: ("category", "name", "takeover"),
}
_NUMBERED = re.compile(r"(?:(?<=^)|(?<=[；;。：:，、\s）)]))\s*(?=\d{1,2}[.．、]\s*\D)")
_KEPT_BY_TOWN = re.compile(r"经乡镇人民政府(?P<duty>[^，。；]+?)后")
_TAKEOVER = re.compile(r"承接部门[：:]\s*(?P<units>[^：:]+?)\s*(?:[：:]|工作方式|$)")


def split_numbered(text: str) -> tuple[str, ...]:
    """Split a cell at its own numbering (`1.…； 2.…`), keeping every character but outer blanks."""
    parts = [part.strip() for part in _NUMBERED.split(text)]
    return tuple(part for part in parts if part)


def split_duties(text: str, departments: Sequence[str], register: UnitRegister) -> tuple[Duty, ...]:
    """Split the department-duties cell by the department named before each part.

    Args:
        text: The mended cell.
        departments: Printed names from the departments cell; a part that names
            no department belongs to all of them.
        register: Resolves the spellings used inside the cell.

    Returns:
        Duty clauses in the order of the cell.
    """
    marks: list[tuple[int, int, str]] = []
    for match in register.heading_pattern().finditer(text):
        name = register.resolve(match["unit"])
        if name is not None:
            marks.append((match.start(), match.end(), name))
    duties: list[Duty] = []
    head = text[: marks[0][0]] if marks else text
    duties.extend(Duty(units=tuple(departments), text=part) for part in split_numbered(head.strip()))
    for i, (_, end, name) in enumerate(marks):
        until = marks[i + 1][0] if i + 1 < len(marks) else len(text)
        duties.extend(Duty(units=(name,), text=part) for part in split_numbered(text[end:until].strip()))
    return tuple(duties)


def _rows(folder: Path, kind: Kind, shown: str, problems: list[Problem]) -> Iterable[tuple[int, dict[str, str]]]:
    path = folder / f"{TABLES[kind]}.jsonl"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(f"{shown}/{path.name}", 0, 0, "ZB020", f"无法读取官方清单：{error}"))
        return
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            missing = [cell for cell in ("id", *_CELLS[kind]) if not isinstance(row.get(cell), str)]
        except (ValueError, AttributeError):
            problems.append(Problem(f"{shown}/{path.name}", number, 1, "ZB021", "不是一行 JSON 对象"))
            continue
        if missing:
            problems.append(Problem(f"{shown}/{path.name}", number, 1, "ZB021", f"缺少单元格 {'、'.join(missing)}"))
            continue
        yield number, row


def _mend(row: Mapping[str, str], kind: Kind, repairs: Sequence[Repair], problems: list[Problem]) -> dict[str, str]:
    cells = {cell: row[cell] for cell in _CELLS[kind]}
    for repair in repairs:
        if repair.item != row["id"] or repair.truncated:
            continue
        text = cells.get(repair.field)
        if text is None or repair.find is None or repair.find not in text:
            place = repair.place
            problems.append(
                Problem(place.file, place.line, place.column, "ZB022", f"{repair.item} 的 {repair.field} 中找不到要修补的原文")
            )
            continue
        cells[repair.field] = text.replace(repair.find, repair.replace)
    return cells


def read_official(
    folder: Path, shown: str, repairs: Sequence[Repair], register: UnitRegister, problems: list[Problem]
) -> tuple[OfficialItem, ...]:
    """Read the three tables.

    Args:
        folder: The pack's `official/` folder.
        shown: The folder's name in messages.
        repairs: Recorded repairs, applied in order.
        register: Unit register; an unknown department is a problem.
        problems: Filled with what is wrong; valid rows are still returned.

    Returns:
        All items, B then C then R, in the list's order. A reclaimed item that
        no department takes over is `abolished`.
    """
    items: list[OfficialItem] = []
    for kind in Kind:
        for number, row in _rows(folder, kind, shown, problems):
            cells = _mend(row, kind, repairs, problems)
            takeover = cells.get("takeover", "")
            named = _TAKEOVER.search(takeover)
            listed = cells.get("departments") or (named["units"] if named else "")
            departments: list[str] = []
            for written in re.split(r"[、，,\s]+", listed.strip()):
                name = register.resolve(written) if written else None
                if written and name is None:
                    said = f"{row['id']} 的部门「{written}」不在单位名录中"
                    problems.append(Problem(f"{shown}/{TABLES[kind]}.jsonl", number, 1, "ZB023", said))
                elif name and name not in departments:
                    departments.append(name)
            items.append(
                OfficialItem(
                    id=row["id"],
                    kind=kind,
                    number=int(row["id"][1:]),
                    category=cells["category"],
                    name=cells["name"],
                    departments=tuple(departments),
                    duties=split_duties(cells.get("department_duties", ""), departments, register),
                    town_duties=split_numbered(cells.get("town_duties", "")) or tuple(_KEPT_BY_TOWN.findall(takeover)),
                    takeover=takeover,
                    abolished=kind is Kind.RECLAIMED and not departments,
                    truncated=tuple(r.field for r in repairs if r.item == row["id"] and r.truncated),
                    raw={cell: row[cell] for cell in _CELLS[kind]},
                )
            )
    return tuple(items)
