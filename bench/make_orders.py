"""Realistic work orders in any number, from our own cases with noise; the same for the same seed.

    python -m bench.make_orders 100000 orders.csv --seed 7

No file of orders is stored anywhere: whoever needs one makes it. Texts are
cases with other villages, times and openings, blanks, full-width digits and
typing slips, cut or joined to the wanted length; one in twelve repeats an
earlier text, as mass complaints do. Months drift, so that some items grow; who
handled an order mostly agrees with the case's label, and sometimes the town
did the county's work.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["COLUMNS", "orders"]

COLUMNS = ("工单编号", "受理时间", "村社区", "诉求内容", "来电人", "联系电话", "承办单位")

_ROOT = Path(__file__).resolve().parent.parent
_OPENINGS = ("", "", "", "", "你好，", "您好，", "我想反映一下，", "麻烦问一下，", "求助：", "再次反映，", "群众来电：")
_ENDINGS = ("", "", "", "，请尽快处理", "，希望给个答复", "，谢谢", "。已经打过一次电话", "，请核实", "！", "。。")
_FILL = (
    "这事从上个月就开始了",
    "找过队长说不归他管",
    "周围几家都有意见",
    "天气热了更难受",
    "老人孩子都受影响",
    "已经拍了照片",
    "前几天又来了一次",
    "一直没有人来看",
)
_SURNAMES, _GIVEN = "王李张刘陈杨赵黄周吴", "建国秀英丽军明伟芳强敏静"
_PAIRS = (("的", "得"), ("在", "再"), ("做", "作"), ("了", "啦"))


def _cases() -> list[dict[str, object]]:
    found = []
    for path in sorted((_ROOT / "cases").rglob("*.jsonl")):
        if "notices" in path.parts:
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if isinstance(row.get("text"), str):
                found.append(row)
    return found


def _noise(text: str, dice: random.Random, length: int) -> str:
    text = dice.choice(_OPENINGS) + text.rstrip("。！!") + dice.choice(_ENDINGS)
    while len(text) < length * 0.75:
        text += "，" + dice.choice(_FILL)
    text = text[: int(length * 1.4)]
    slip = dice.random()
    if slip < 0.06:
        old, new = dice.choice(_PAIRS)
        text = text.replace(old, new, 1)
    elif slip < 0.12:
        at = dice.randrange(len(text))
        text = text[:at] + " " + text[at:]
    elif slip < 0.15:
        text = text.translate({ord("0") + i: ord("０") + i for i in range(10)})
    elif slip < 0.17 and len(text) > 8:
        at = dice.randrange(len(text) - 1)
        text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text


def orders(count: int, seed: int = 7, length: int = 40) -> Iterator[tuple[str, ...]]:
    """Rows of work orders, in the order of `COLUMNS`.

    Args:
        count: How many.
        seed: The same seed gives the same rows.
        length: About how many characters a text has.
    """
    dice = random.Random(seed)
    cases = _cases()
    town = "阿扎特巴格镇"
    growing = {str(case.get("item")) for case in dice.sample(cases, 8)}
    recent: list[tuple[str, dict[str, object]]] = []
    for number in range(count):
        share = number / max(count, 1)
        if recent and dice.random() < 1 / 12:
            text, case = dice.choice(recent)
        else:
            case = dice.choice(cases)
            if share < 0.7 and str(case.get("item")) in growing and dice.random() < 0.7:
                case = dice.choice(cases)
            text = _noise(str(case["text"]), dice, length)
            if dice.random() < 0.3:
                text = f"{dice.randint(1, 18)}村" + text
            recent.append((text, case))
            if len(recent) > 500:
                recent.pop(dice.randrange(500))
        month = int(share * 12)
        day, hour = dice.randint(1, 28), dice.randint(0, 23)
        leads = case.get("lead_units")
        unit = str(leads[0]) if isinstance(leads, list) and leads else town
        if dice.random() < 0.08:
            unit = town
        yield (
            f"{2025}{month + 1:02d}{day:02d}{number:08d}",
            f"2025-{month + 1:02d}-{day:02d} {hour:02d}:{dice.randint(0, 59):02d}:00",
            f"{dice.randint(1, 18)}村",
            text,
            dice.choice(_SURNAMES) + dice.choice(_GIVEN) + dice.choice(("", dice.choice(_GIVEN))),
            f"1{dice.randint(30, 99)}{dice.randint(0, 99_999_999):08d}",
            unit,
        )


def main() -> None:
    """Write orders to a csv or jsonl file, or csv to standard output."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("count", type=int)
    parser.add_argument("target", nargs="?")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--length", type=int, default=40)
    given = parser.parse_args()
    rows = orders(given.count, given.seed, given.length)
    if given.target and given.target.endswith(".jsonl"):
        with Path(given.target).open("w", encoding="utf-8") as handle:
            for row in rows:
                handle.write(json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False) + "\n")
        return
    out = Path(given.target).open("w", encoding="utf-8", newline="") if given.target else sys.stdout  # noqa: SIM115
    with out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
