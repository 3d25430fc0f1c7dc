"""Orders for batch tests, made on the spot."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import pytest

TEXTS = (
    "没主的狗咬了人",
    "巷子口那条没主的狗把我娃的腿咬了",
    "邻居家的狗半夜一直叫",
    "村东头有人烧苞谷杆子，烟大得睁不开眼",
    "老板一分钱没给就不见人了",
    "家门口那条巷子路坏得不成样子，一下雨全是坑",
    "今天天气真好",
)


def orders(count: int, seed: int = 1) -> list[dict[str, str]]:
    """Rows with a number, a text, a village and a month; some texts repeat, some are blank."""
    dice = random.Random(seed)
    rows = []
    for number in range(count):
        text = dice.choice(TEXTS)
        if dice.random() < 0.6:
            text = f"{dice.randint(1, 400)}号反映，{text}"
        if dice.random() < 0.02:
            text = ""
        rows.append(
            {"编号": f"{number:07d}", "诉求内容": text, "村": f"{number % 7}村", "日期": f"2025-{number % 12 + 1:02d}-03"}
        )
    return rows


def write_csv(path: Path, rows: list[dict[str, str]], encoding: str = "utf-8") -> Path:
    """Rows as a csv file."""
    with path.open("w", encoding=encoding, newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_jsonl(path: Path, rows: list[dict[str, str]]) -> Path:
    """Rows as a jsonl file."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def read_csv(path: Path) -> list[dict[str, str]]:
    """Rows of a csv output."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def read_jsonl(path: Path) -> list[dict[str, object]]:
    """Rows of a jsonl output."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def orders_csv(tmp_path: Path) -> Path:
    """Two hundred orders."""
    return write_csv(tmp_path / "orders.csv", orders(200))
