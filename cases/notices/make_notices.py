"""Write the labelled notices of source.notices as real files: docx, pdf, txt, md, xlsx.

Run from anywhere: `python cases/notices/make_notices.py`. PDFs are set by
LibreOffice from a docx of their own (skipped, and said so, where it is
missing). `labels.jsonl` beside the files is what `zhuban evaluate --check`
reads.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CHINESE = "一二三四五六七八九十"


@dataclass
class Notice:
    """One notice of source.notices: its head and the lines of its body."""

    id: str
    form: str
    layout: str
    issuer: str
    title: str
    number: str
    date: str
    lines: list[tuple[str, list[str]]] = field(default_factory=list)

    @property
    def file(self) -> str:
        return f"{self.id}.{self.form}"


def read_source() -> list[Notice]:
    """The notices of source.notices."""
    notices: list[Notice] = []
    for line in (HERE / "source.notices").read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        parts = [part.strip() for part in line[1:].split("|")]
        if line[0] == "@":
            notices.append(Notice(*parts))
        else:
            notices[-1].lines.append((line[0], parts))
    return notices


def body(notice: Notice) -> list[str]:
    """The paragraphs of a notice that is no table, numbered as its layout asks."""
    paragraphs: list[str] = []
    top = point = 0
    current: list[str] = []
    opened = False

    def put() -> None:
        if current:
            paragraphs.append("".join(current))
            current.clear()

    for kind, parts in notice.lines:
        if kind == "=":
            put()
            top, point, opened = top + 1, 0, True
            head = f"{CHINESE[top - 1]}、{parts[0]}"
            if notice.layout == "inline":
                current.append(head + "。")
            else:
                paragraphs.append(head)
            continue
        text = parts[3] if kind == "*" else parts[0]
        numbered = text[:1] in "（一二三四五六七八九" and text[1:2] in "、一二三四五六七八九"
        if not opened and kind == "~" and not numbered:
            paragraphs.append(text)
        elif notice.layout == "inline":
            if kind == "*":
                point += 1
                current.append(f"（{CHINESE[point - 1]}）{text}" if opened else f"{point}.{text}")
            else:
                current.append(text)
        else:
            if kind == "*" and not numbered:
                point += 1
                text = f"（{CHINESE[point - 1]}）{text}" if opened else f"{point}. {text}"
            paragraphs.append(text)
    put()
    return paragraphs


def table_rows(notice: Notice) -> tuple[list[str], list[list[str]]]:
    """What stands above the table, and its rows."""
    before: list[str] = []
    rows: list[list[str]] = []
    for kind, parts in notice.lines:
        cells = parts[3:] if kind == "*" else parts
        if len(cells) == 1:
            before.append(cells[0])
        else:
            rows.append([str(len(rows) + 1), *cells])
    return before, rows


def write_text(notice: Notice, path: Path) -> None:
    """A plain text or Markdown file; every third one in GB18030."""
    lines = [notice.title, notice.number, "", "各镇人民政府：", *body(notice), "", notice.issuer, notice.date]
    if notice.form == "md":
        lines[0] = f"# {notice.title}"
    encoding = "gb18030" if int(notice.id[1:]) % 3 == 2 else "utf-8"
    path.write_text("\n".join(lines) + "\n", encoding=encoding)


def write_docx(notice: Notice, path: Path) -> None:
    """A Word file with letterhead, body or table with a merged cell, and signature."""
    import docx
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    document.styles["Normal"].font.size = Pt(16 if notice.layout != "columns" else 11)
    document.styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "Noto Serif CJK SC")
    section.header.paragraphs[0].text = f"{notice.issuer}文件"
    section.footer.paragraphs[0].text = "— 1 —"

    def add(text: str, where: Any = None) -> None:
        paragraph = document.add_paragraph(text)
        if where is not None:
            paragraph.alignment = where

    if int(notice.id[1:]) % 2:
        add(f"{notice.issuer}文件", WD_ALIGN_PARAGRAPH.CENTER)
    if notice.number:
        add(notice.number, WD_ALIGN_PARAGRAPH.CENTER)
    add(notice.title, WD_ALIGN_PARAGRAPH.CENTER)
    add("各镇人民政府：")
    if notice.layout == "table":
        before, rows = table_rows(notice)
        for text in before:
            add(text)
        table = document.add_table(rows=1, cols=4)
        table.style = "Table Grid"
        for cell, head in zip(table.rows[0].cells, ("序号", "工作任务", "责任单位", "完成时限"), strict=True):
            cell.text = head
        for row in rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
        last = table.add_row().cells
        last[0].merge(last[3]).text = "说明：以上任务自印发之日起执行。"
    else:
        if notice.layout == "columns":
            two = document.add_section(0)
            two._sectPr.xpath("./w:cols")[0].set(qn("w:num"), "2")
        for text in body(notice):
            paragraph = document.add_paragraph()
            paragraph.paragraph_format.first_line_indent = Pt(32 if notice.layout != "columns" else 22)
            # Words as Word cuts them: several runs in one paragraph.
            half = len(text) // 2
            paragraph.add_run(text[:half])
            paragraph.add_run(text[half:])
    add(notice.issuer, WD_ALIGN_PARAGRAPH.RIGHT)
    add(notice.date, WD_ALIGN_PARAGRAPH.RIGHT)
    document.save(str(path))


def write_pdf(notice: Notice, path: Path) -> bool:
    """A PDF by way of LibreOffice; False where that is not installed."""
    office = shutil.which("soffice")
    if office is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"{notice.id}.docx"
        write_docx(notice, source)
        command = [office, "--headless", "--convert-to", "pdf", "--outdir", folder, str(source)]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603
        shutil.copy(source.with_suffix(".pdf"), path)
    return True


def write_xlsx(notice: Notice, path: Path) -> None:
    """A task table with a merged title row."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = "任务"
    sheet["A1"] = notice.title
    sheet.merge_cells("A1:D1")
    sheet["A2"] = notice.number
    sheet.append(["序号", "工作任务", "责任单位", "完成时限"])
    for row in table_rows(notice)[1]:
        sheet.append(row)
    sheet.append([])
    sheet.append([notice.issuer])
    sheet.append([notice.date])
    book.save(path)


def label(notice: Notice) -> dict[str, Any]:
    """The labels of one notice."""
    clauses = []
    for kind, parts in notice.lines:
        if kind == "*":
            expect, item, accept, text = parts[:4]
            clauses.append(
                {
                    "quote": text.lstrip("（）一二三四五六七八九、").rstrip("。"),
                    "expect": expect,
                    "item": item or None,
                    "accept": accept.split(),
                }
            )
    return {
        "id": notice.id,
        "file": notice.file,
        "issuer": notice.issuer.split("、")[0],
        "title": notice.title,
        "clauses": clauses,
    }


def main() -> None:
    """Write all files and the labels."""
    writers = {"txt": write_text, "md": write_text, "docx": write_docx, "xlsx": write_xlsx, "pdf": write_pdf}
    labels = []
    for notice in read_source():
        if writers[notice.form](notice, HERE / notice.file) is False:
            print(f"{notice.file}: LibreOffice is missing, left as it is", file=sys.stderr)
        labels.append(json.dumps(label(notice), ensure_ascii=False))
    (HERE / "labels.jsonl").write_text("\n".join(labels) + "\n", encoding="utf-8")
    print(f"{len(labels)} notices")


if __name__ == "__main__":
    main()
