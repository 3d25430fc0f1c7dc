"""Copy the rows of a published duty list into `official/*.jsonl`, cell by cell, unchanged.

Run once when a list is published or reissued:

    python tools/extract_official.py LIST.txt rules/<pack>/official

The text has three tab-separated tables, each under its heading. Nothing is
repaired here: stray words, tags and cut-off cells stay as they are, and the
recorded repairs are applied on loading (`engine/official.py`).
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

HEADINGS = {
    "基本履职事项清单": ("B", "basic", ("category", "name")),
    "配合履职事项清单": ("C", "cooperating", ("category", "name", "departments", "department_duties", "town_duties")),
    "上级部门收回事项清单": ("R", "reclaimed", ("category", "name", "takeover")),
}


def extract(lines: list[str]) -> tuple[dict[str, list[dict[str, object]]], str]:
    """Split the list's lines into rows by table and the introduction before them."""
    tables: dict[str, list[dict[str, object]]] = {}
    introduction: list[str] = []
    kind, table, fields = "", "", ()
    for number, line in enumerate(lines, start=1):
        if line.strip() in HEADINGS:
            kind, table, fields = HEADINGS[line.strip()]
            tables[table] = []
        elif not kind:
            introduction.append(line)
        elif match := re.match(r"(\d+)\t", line):
            cells = line.split("\t")[1:]
            if len(cells) != len(fields):
                raise SystemExit(f"line {number}: {len(cells)} cells, expected {len(fields)}")
            row: dict[str, object] = {"id": f"{kind}{match[1]}", "line": number}
            tables[table].append(row | dict(zip(fields, cells, strict=True)))
        elif line.strip() and not line.startswith("序号\t"):
            raise SystemExit(f"line {number}: neither a row nor a heading: {line[:40]}")
    return tables, "\n".join(introduction).strip() + "\n"


def main(source: str, target: str) -> None:
    tables, introduction = extract(Path(source).read_text(encoding="utf-8").split("\n"))
    out = Path(target)
    out.mkdir(parents=True, exist_ok=True)
    for table, rows in tables.items():
        body = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (out / f"{table}.jsonl").write_text(body, encoding="utf-8")
        print(f"{table}: {len(rows)} rows")
    (out / "introduction.txt").write_text(introduction, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:3])
