"""What is written: page, Word report, reply, comments, summary."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import docx
import openpyxl
import pytest

from engine.check import read_bytes
from engine.check.output.annotate import annotate
from engine.check.output.files import safe_cell
from engine.check.output.letter import letter
from engine.check.output.page import report_page
from engine.check.output.summary import write_summary
from engine.check.output.word_report import word_report
from engine.errors import InputError, OutputError
from engine.files import write_whole


@pytest.fixture
def checked(checker, notice_text):
    document = read_bytes(notice_text.encode(), "来文.txt")
    return document, checker.check(document)


def words(data: bytes) -> str:
    document = docx.Document(io.BytesIO(data))
    return "\n".join([p.text for p in document.paragraphs] + [c.text for t in document.tables for r in t.rows for c in r.cells])


def test_the_page_shows_the_notice_with_its_clauses_marked(checked):
    document, report = checked
    page = report_page(document, report)

    assert page.count("<mark") == len(report.clauses)
    assert report.clauses[1].official.takeover in page
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page)


def test_the_page_escapes_what_a_notice_says(checker):
    document = read_bytes("<script>alert(1)</script>请各镇对私自打井的立案罚款。".encode(), "<b>.txt")
    page = report_page(document, checker.check(document))

    assert "<script>alert" not in page
    assert "<b>.txt" not in page


def test_the_letter_accepts_returns_and_leaves_places_to_fill(checked, pack):
    _, report = checked
    text = words(letter(report, pack))

    assert "莎车县水利局：" in text
    assert "我镇予以办理的事项" in text
    assert report.clauses[1].quote in text
    assert report.clauses[1].official.takeover.rstrip("。") in text
    assert "〔　　　　〕" in text
    assert "草稿" in text


def test_a_letter_on_a_notice_without_clauses(checker, pack):
    report = checker.check(read_bytes("关于学习的通知\n请高度重视。".encode(), "a.txt"))

    assert "未见交由我镇办理的具体事项" in words(letter(report, pack))


def test_the_word_report_holds_every_clause(checked):
    _, report = checked
    text = words(word_report(report))

    assert all(c.quote in text for c in report.clauses)


def test_comments_stand_on_the_clauses_and_no_word_changes(checker, docx_bytes):
    data = docx_bytes()
    document = read_bytes(data, "来文.docx")
    report = checker.check(document)
    commented = annotate(data, document, report)
    before, after = docx.Document(io.BytesIO(data)), docx.Document(io.BytesIO(commented))

    assert [p.text for p in before.paragraphs] == [p.text for p in after.paragraphs]
    said = [c.text for c in after.comments]
    assert len(said) >= len(report.clauses)
    assert any("疑似已收回事项" in text for text in said)
    with zipfile.ZipFile(io.BytesIO(commented)) as archive:
        xml = archive.read("word/document.xml").decode()
    assert xml.count("w:commentRangeStart") == len(said)


def test_only_word_files_take_comments(checked):
    document, report = checked
    with pytest.raises(InputError, match="只有 docx"):
        annotate(b"", document, report)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".html"])
def test_summaries_name_the_issuer(checked, tmp_path, suffix):
    target = tmp_path / f"汇总{suffix}"
    write_summary(target, [checked[1]], [])

    if suffix == ".xlsx":
        book = openpyxl.load_workbook(target)
        assert "莎车县水利局" in [c.value for c in book["按发文单位"]["A"]]
    elif suffix == ".csv":
        rows = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8-sig"))))
        assert len(rows) == len(checked[1].clauses)
    else:
        assert "<svg" in target.read_text(encoding="utf-8")


def test_a_cell_never_becomes_a_formula(checker, tmp_path):
    document = read_bytes("=1+1 请各镇对私自打井的立案罚款。".encode(), "=a.txt")
    write_summary(tmp_path / "s.xlsx", [checker.check(document)], [])
    book = openpyxl.load_workbook(tmp_path / "s.xlsx")

    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert safe_cell("@x") == "'@x"
    assert safe_cell(3) == 3


def test_nothing_is_half_written(tmp_path):
    with pytest.raises(OutputError):
        write_whole(tmp_path / "none" / "a.txt", b"1")
    with pytest.raises(OutputError, match=r"\.csv"):
        write_summary(tmp_path / "a.pdf", [], [])
    assert list(tmp_path.iterdir()) == []
