"""The measured figures as one self-contained page: no script, no file beside it.

Calibration plot, bars by category, a map of what is taken for what, the
confusions and the wrong answers. Texts are shown escaped; the page is for the
people who write rules, not for publishing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from pathlib import Path

from engine.evaluate import UNLISTED, Outcome, Scores, calibration_table, confusions, coverage_table
from engine.files import write_whole
from engine.router import Router

__all__ = ["render_page", "write_page"]

_STYLE = """
body{font:15px/1.6 "Noto Sans CJK SC","Microsoft YaHei",sans-serif;color:#1a1a1a}
body{margin:2rem auto;max-width:1100px;padding:0 1rem}
h1{font-size:1.5rem} h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;margin:.6rem 0} td,th{border:1px solid #bbb;padding:.25rem .6rem;text-align:right}
td:first-child,th:first-child{text-align:left} caption{text-align:left;font-weight:600}
svg text{font-size:12px;fill:#222} .note{color:#555}
@media print{body{margin:0}}
"""
_GROUPS = 26


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value:.1%}"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]], caption: str) -> str:
    top = "".join(f"<th scope='col'>{escape(h)}</th>" for h in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _calibration(outcomes: Sequence[Outcome]) -> str:
    bands = [(low, high, n, right) for low, high, n, right in calibration_table(outcomes) if right is not None]
    most = max((n for _, _, n, _ in bands), default=1)
    size, pad = 320, 40
    parts = [f"<line x1='{pad}' y1='{pad + size}' x2='{pad + size}' y2='{pad}' stroke='#999' stroke-dasharray='4'/>"]
    for tick in (0, 0.25, 0.5, 0.75, 1):
        x, y = pad + size * tick, pad + size * (1 - tick)
        parts.append(f"<text x='{x - 8}' y='{pad + size + 18}'>{tick:g}</text><text x='4' y='{y + 4}'>{tick:g}</text>")
    for low, high, n, right in bands:
        x, y = pad + size * (low + high) / 2, pad + size * (1 - right)
        radius = 4 + 14 * (n / most) ** 0.5
        parts.append(f"<circle cx='{x:.1f}' cy='{y:.1f}' r='{radius:.1f}' fill='#1b6ca8' fill-opacity='.65'/>")
        parts.append(f"<text x='{x - 10:.1f}' y='{y - radius - 3:.1f}'>{n}</text>")
    frame = f"<rect x='{pad}' y='{pad}' width='{size}' height='{size}' fill='none' stroke='#555'/>"
    labels = f"<text x='{pad + size / 2 - 20}' y='{pad + size + 36}'>说的把握</text><text x='4' y='20'>实际正确</text>"
    box = size + 2 * pad
    return f"<svg role='img' aria-label='校准图' width='{box}' height='{box}'>{frame}{''.join(parts)}{labels}</svg>"


def _bars(scores: Scores) -> str:
    groups = [(name, s) for name, s in scores.by_group.items() if s.top1 is not None and " " in name]
    height = 24 * len(groups) + 10
    parts = []
    for i, (name, s) in enumerate(groups):
        y = 24 * i + 4
        top1 = s.top1 or 0.0
        parts.append(f"<text x='0' y='{y + 14}'>{escape(name)}（{s.listed}）</text>")
        parts.append(f"<rect x='190' y='{y}' width='{500 * (s.verdict or 0):.0f}' height='18' fill='#c9dcea'/>")
        parts.append(f"<rect x='190' y='{y + 4}' width='{500 * top1:.0f}' height='10' fill='#1b6ca8'/>")
        end = 196 + 500 * max(top1, s.verdict or 0)
        parts.append(f"<text x='{end:.0f}' y='{y + 14}'>{top1:.0%} / {_share(s.verdict)}</text>")
    return f"<svg role='img' aria-label='各类别正确率' width='860' height='{height}'>{''.join(parts)}</svg>"


def _map(router: Router, outcomes: Sequence[Outcome]) -> str:
    def group(item: str | None) -> str:
        if item is None or item not in router.number:
            return UNLISTED
        return f"{item[0]} {router.official[router.number[item]].category}"

    counts = Counter((group(o.case.item), group(o.verdict.item_id)) for o in outcomes)
    names = sorted({name for pair in counts for name in pair})
    total = Counter(wanted for wanted, said in counts.elements())
    cell, left, top = 18, 150, 150
    place = {name: i for i, name in enumerate(names)}
    parts = []
    for name, i in place.items():
        parts.append(f"<text x='{left - 6}' y='{top + cell * i + 13}' text-anchor='end'>{escape(name)}</text>")
        x = left + cell * i + 13
        parts.append(f"<text x='{x}' y='{top - 6}' transform='rotate(-60 {x} {top - 6})'>{escape(name)}</text>")
    for (wanted, said), n in sorted(counts.items()):
        shade = n / total[wanted]
        colour = "27,108,168" if wanted == said else "192,57,43"
        parts.append(
            f"<rect x='{left + cell * place[said]}' y='{top + cell * place[wanted]}' width='{cell - 1}' height='{cell - 1}' "
            f"fill='rgba({colour},{0.12 + 0.88 * shade:.2f})'><title>{escape(wanted)} → {escape(said)}：{n}</title></rect>"
        )
    size = cell * len(names)
    return f"<svg role='img' aria-label='混淆图' width='{left + size + 60}' height='{top + size + 20}'>{''.join(parts)}</svg>"


def render_page(router: Router, outcomes: Sequence[Outcome], scores: Scores) -> str:
    """The page as one HTML document."""
    head = ("范围", "清单内", "清单外", "结论", "首选", "前三", "主办单位", "清单外保留", "误报收回")
    rows = [("全部", scores), *scores.by_group.items()]
    figures = [
        (name, s.listed, s.unlisted, *map(_share, (s.verdict, s.top1, s.top3, s.lead, s.kept, s.false_reclaimed)))
        for name, s in rows
    ]
    bands = [(f"{low:.1f}–{high:.1f}", n, _share(right)) for low, high, n, right in calibration_table(outcomes)]
    covered = [(f"{share:.0%}", _share(right)) for share, right in coverage_table(outcomes)]
    wrong = [
        (o.case.id, o.case.item or UNLISTED, o.verdict.item_id or UNLISTED, f"{o.verdict.confidence:.2f}", o.case.text[:90])
        for o in outcomes
        if not o.right
    ]
    pack = router.pack
    return "".join(
        (
            "<!doctype html><html lang='zh-CN'><head><meta charset='utf-8'><title>主办：评测</title>",
            f"<style>{_STYLE}</style></head><body>",
            f"<h1>评测：{escape(pack.info.title)}</h1>",
            f"<p class='note'>{len(outcomes)} 条文本，规则包 {escape(pack.info.version)} {pack.hash[:12]}</p>",
            "<h2>总表</h2>",
            _table(head, figures, "各表、各类别"),
            "<h2>把握与正确</h2>",
            _calibration(outcomes),
            _table(("把握", "条数", "正确"), bands, "给出事项的结论"),
            _table(("最有把握的", "正确"), covered, "覆盖与正确"),
            "<h2>各类别</h2><p class='note'>深色：首选正确；浅色：结论正确</p>",
            _bars(scores),
            "<h2>混淆图</h2><p class='note'>行：应为；列：说成。蓝色为对，红色为错</p>",
            _map(router, outcomes),
            _table(("应为", "说成", "次数"), confusions(outcomes, _GROUPS), "最常见的混淆"),
            _table(("编号", "应为", "说成", "把握", "文本"), wrong, f"错误 {len(wrong)} 条"),
            "</body></html>\n",
        )
    )


def write_page(path: Path, router: Router, outcomes: Sequence[Outcome], scores: Scores) -> None:
    """Write the page; it appears whole or not at all.

    Raises:
        OutputError: The place cannot be written.
    """
    write_whole(path, render_page(router, outcomes, scores).encode())
