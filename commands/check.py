"""`zhuban check`: does this assignment violate the list?"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.shared import echo_table, pack_option

if TYPE_CHECKING:
    from engine.check import Checker, Document, NoticeReport
    from engine.check.output.summary import Failure

_ROWS = (".jsonl", ".csv")
_COLOURS = {"compliant": "green", "reclaimed": "yellow", "abolished": "magenta", "role_inversion": "red", "unlisted": "blue"}


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="FILE|FOLDER|-...")
@click.option("--issuer", metavar="UNIT", help="发文单位（优先于文中所写）/ who sends it")
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    help="以此日期判断时限是否已过（默认用发文日期）/ deadlines before it are past",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
@click.option("-o", "--output", metavar="OUT.jsonl", help="逐行结果（输入为 .jsonl/.csv 时）/ results of rows")
@click.option("--report", metavar="OUT.html|OUT.docx", help="核对报告 / report")
@click.option("--letter", metavar="OUT.docx", help="给发文单位的复函草稿 / draft reply")
@click.option("--annotate", metavar="OUT.docx", help="在原 docx 上加批注 / comments in the original docx")
@click.option("--summary", metavar="OUT.csv|xlsx|html", help="多份文件的汇总 / summary of many notices")
@pack_option
def check(
    paths: tuple[str, ...],
    issuer: str | None,
    today: datetime | None,
    as_json: bool,
    output: str | None,
    report: str | None,
    letter: str | None,
    annotate: str | None,
    summary: str | None,
    pack: str,
) -> None:
    """核对来文：哪些条款该接、该退、该走准入 / hold a notice against the list, clause by clause.

    文件可为 docx、pdf、txt、md、xlsx，或 id,issuer,text 的 jsonl、csv；- 读标准输入；文件夹则整批核对。

    例：zhuban check 通知.docx --report 报告.html --letter 复函.docx
    """
    from engine import Router, load_pack
    from engine.check import Checker
    from engine.errors import InputError

    files, many = _expand(paths)
    singles = {"--report": report, "--letter": letter, "--annotate": annotate}
    if many and any(singles.values()):
        raise InputError(f"{'、'.join(k for k, v in singles.items() if v)} 一次只能处理一份文件；多份文件请用 --summary")
    router = Router(load_pack(pack))
    if issuer and router.register.resolve(issuer) is None:
        click.echo(f"注意：发文单位「{issuer}」不在单位名录中，不能据此比对部门", err=True)
    checker = Checker(router)
    when = today.date() if today else None
    if any(p.suffix.lower() in _ROWS for p in files):
        if many:
            raise InputError("jsonl、csv 一次只能核对一份")
        _rows(checker, files[0], issuer, output, as_json)
        return
    if output:
        raise InputError("-o 只用于 jsonl、csv 逐行输入；整份文件请用 --json 或 --report")
    if many or summary:
        _batch(checker, files, issuer, when, summary, as_json)
        return
    _one(checker, files[0], issuer, when, as_json, report, letter, annotate)


def _expand(paths: tuple[str, ...]) -> tuple[list[Path], bool]:
    from engine.check.formats import SUFFIXES
    from engine.errors import InputError

    files: list[Path] = []
    folder = False
    for given in paths:
        path = Path(given)
        if given != "-" and path.is_dir():
            folder = True
            inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and not p.name.startswith((".", "~$")))
            if not inside:
                raise InputError(f"{path}：文件夹里没有可核对的文件（{'、'.join(SUFFIXES)}）")
            files.extend(inside)
        else:
            files.append(path)
    return files, folder or len(files) > 1


def _read(path: Path) -> tuple[Document, bytes]:
    from engine.check import read_bytes, read_notice
    from engine.check.document import MOST_BYTES

    if str(path) == "-":
        data = sys.stdin.buffer.read(MOST_BYTES + 1)
        return read_bytes(data, "标准输入"), data
    document = read_notice(path)
    return document, path.read_bytes()


def _one(
    checker: Checker,
    path: Path,
    issuer: str | None,
    when: date | None,
    as_json: bool,
    report: str | None,
    letter: str | None,
    annotate: str | None,
) -> None:
    from engine.errors import OutputError
    from engine.files import write_whole

    document, data = _read(path)
    found = checker.check(document, issuer=issuer, today=when)
    written: list[tuple[Path, bytes]] = []
    if report:
        target = Path(report)
        if target.suffix.lower() in (".html", ".htm"):
            from engine.check.output.page import report_page

            written.append((target, report_page(document, found).encode()))
        elif target.suffix.lower() == ".docx":
            from engine.check.output.word_report import word_report

            written.append((target, word_report(found)))
        else:
            raise OutputError(f"{report}：报告只能写成 .html 或 .docx")
    if letter:
        from engine.check.output.letter import letter as reply

        written.append((_docx(letter), reply(found, checker.router.pack)))
    if annotate:
        from engine.check.output.annotate import annotate as commented

        written.append((_docx(annotate), commented(data, document, found)))
    for target, content in written:
        write_whole(target, content)
        click.echo(f"已写出 {target}", err=True)
    if as_json:
        click.echo(json.dumps(found.model_dump(mode="json"), ensure_ascii=False, indent=2))
    else:
        _show(found)


def _docx(name: str) -> Path:
    from engine.errors import OutputError

    if not name.lower().endswith(".docx"):
        raise OutputError(f"{name}：只能写成 .docx")
    return Path(name)


def _show(found: NoticeReport) -> None:
    from engine.check.model import FINDING_NAMES, Finding

    click.echo(click.style(found.title or found.document, bold=True))
    facts = [("发文单位", found.issuer or "未写明"), ("文号", found.number), ("日期", found.date), ("主送", found.addressee)]
    click.echo("　".join(f"{name}：{value}" for name, value in facts if value))
    if not found.clauses:
        click.echo("没有找到交办给乡镇的条款。")
    else:
        rows = [
            (
                i,
                c.place.label,
                c.quote,
                FINDING_NAMES[c.finding],
                f"{c.item_id or ''} {c.item_name or ''}".strip(),
                c.reason,
                f"{c.confidence:.0%}" + ("，请复核" if c.needs_review else ""),
            )
            for i, c in enumerate(found.clauses, start=1)
        ]
        echo_table(("序", "位置", "原句", "结论", "事项", "理由", "把握"), rows)
        counts = "　".join(
            click.style(f"{FINDING_NAMES[f]} {found.findings_summary[f.value]}", fg=_COLOURS[f.value]) for f in Finding
        )
        click.echo(counts)
    for problem in found.document_findings:
        click.echo(f"整份文件：{problem.message}")
    click.echo(click.style(f"规则包 {found.pack} {found.pack_version} {found.pack_hash[:12]}", dim=True))


def _batch(
    checker: Checker, files: list[Path], issuer: str | None, when: date | None, summary: str | None, as_json: bool
) -> None:
    from engine.check.model import FINDING_NAMES, Finding
    from engine.check.output.summary import Failure, summarise, write_summary
    from engine.errors import InputError

    reports: list[NoticeReport] = []
    failures: list[Failure] = []
    for path in files:
        try:
            document, _ = _read(path)
            reports.append(checker.check(document, issuer=issuer, today=when))
        except InputError as error:
            failures.append(Failure(path.name, str(error)))
            click.echo(f"未能读取：{error}", err=True)
    if summary:
        write_summary(Path(summary), reports, failures)
        click.echo(f"已写出 {summary}", err=True)
    if as_json:
        click.echo(json.dumps([r.model_dump(mode="json") for r in reports], ensure_ascii=False))
    else:
        head, rows = summarise(reports)["按发文单位"]
        echo_table(head, rows, f"{len(reports)} 份文件")
        total = {f: sum(r.findings_summary[f.value] for r in reports) for f in Finding}
        click.echo("　".join(f"{FINDING_NAMES[f]} {n}" for f, n in total.items()))
    if failures and not reports:
        raise InputError(f"{len(failures)} 份文件都未能读取")


def _rows(checker: Checker, path: Path, issuer: str | None, output: str | None, as_json: bool) -> None:
    from engine.check.model import FINDING_NAMES
    from engine.check.rows import answer_row, read_rows
    from engine.errors import InputError
    from engine.files import write_whole

    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}：无法读取（{error.strerror}）") from None
    rows = read_rows(data, path.name)
    answers: list[dict[str, object]] = []
    for row in rows:
        answers.append(answer_row(row, checker.clause(row.text, row.issuer or issuer)))
    lines = "".join(json.dumps(a, ensure_ascii=False) + "\n" for a in answers)
    if output:
        write_whole(Path(output), lines.encode())
        click.echo(f"已写出 {output}（{len(answers)} 行）", err=True)
    if as_json:
        click.echo(lines, nl=False)
    elif not output:
        names = {f.value: n for f, n in FINDING_NAMES.items()}
        table = [(a["id"], names[str(a["finding"])], a["item_id"], a["reason"], a["confidence"]) for a in answers]
        echo_table(("编号", "结论", "事项", "理由", "把握"), table)
