"""Files: what is read from them, and how bad ones are refused."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest

from engine.check import read_bytes, read_notice
from engine.errors import InputError


def package(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def changed(data: bytes, **parts: bytes) -> bytes:
    """A package with parts added or replaced (`__` for `/`, `_dot_` for `.`)."""
    wanted = {k.replace("__", "/").replace("_dot_", "."): v for k, v in parts.items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for item in old.infolist():
            if item.filename not in wanted:
                new.writestr(item, old.read(item.filename))
        for name, value in wanted.items():
            new.writestr(name, value)
    return buffer.getvalue()


def refused(data: bytes, name: str) -> str:
    with pytest.raises(InputError) as error:
        read_bytes(data, name)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_word_tables_keep_their_heads_and_merged_cells_count_once(docx_bytes):
    def table(document):
        made = document.add_table(rows=3, cols=3)
        for i, text in enumerate(("序号", "工作任务", "责任单位")):
            made.rows[0].cells[i].text = text
        for i, text in enumerate(("1", "排查渠道安全隐患", "各镇")):
            made.rows[1].cells[i].text = text
        made.rows[2].cells[0].merge(made.rows[2].cells[2]).text = "说明"

    document = read_bytes(docx_bytes("标题", change=table), "a.docx")
    cells = [b for b in document.blocks if b.cell]

    assert [b.text for b in cells].count("说明") == 1
    task = next(b for b in cells if b.text == "排查渠道安全隐患")
    assert task.cell.header == "工作任务"
    assert task.label == "表 1 第 2 行第 2 列"


def test_word_text_boxes_and_footnotes_are_read(docx_bytes):
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    def box(document):
        run = document.paragraphs[0].add_run()
        run._r.append(
            parse_xml(
                f'<w:pict {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"><v:shape><v:textbox>'
                "<w:txbxContent><w:p><w:r><w:t>框里的字</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict>"
            )
        )

    document = read_bytes(docx_bytes("正文", change=box), "a.docx")

    assert ("框里的字", "textbox") in [(b.text, b.kind) for b in document.blocks]
    assert ("正文", "paragraph") in [(b.text, b.kind) for b in document.blocks]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_plain_text_in_the_encodings_of_offices(encoding):
    document = read_bytes("关于清淤的通知\n请各镇清理渠道。".encode(encoding), "a.txt")

    assert document.blocks[1].text == "请各镇清理渠道。"


def test_an_excel_task_table_keeps_its_heads():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["任务表"])
    sheet.append(["序号", "工作任务", "责任单位"])
    sheet.append([1, "排查渠道安全隐患并填写排查表", "各镇"])
    buffer = io.BytesIO()
    book.save(buffer)
    document = read_bytes(buffer.getvalue(), "a.xlsx")

    task = next(b for b in document.blocks if b.text.startswith("排查"))
    assert task.cell.header == "工作任务"
    assert "B3" in task.label


def test_pdf_columns_are_read_one_after_the_other(notices):
    document = read_notice(notices / "n07.pdf")
    text = "".join(b.text for b in document.blocks)

    assert "督促群众整改后报我局" in text
    assert "— 1 —" not in text


def test_a_pdf_paragraph_is_whole_again(notices):
    document = read_notice(notices / "n12.pdf")

    assert any(b.text.endswith("生成拟发放名单报我局。") and b.text.startswith("二、") for b in document.blocks)
    assert "莎民发〔2026〕33号" in [b.text for b in document.blocks]


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "a.txt", "空的"),
        (b"   \n", "a.docx", "空的"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.docx", "加密"),
        (b"%PDF-1.7\n%broken", "a.pdf", "损坏"),
        (b"PK\x03\x04 word/ broken", "a.docx", "损坏"),
        (b"PK\x03\x04 xl/ broken", "a.xlsx", "损坏"),
        ("请各镇办理".encode(), "a.docx", "与后缀不符"),
        (b"%PDF-1.4", "a.docx", "与后缀不符"),
        (b"x", "a.exe", "不支持"),
        (b"\x89PNG\0\0\0\0", "a.txt", "不是文本"),
        (b"\xff\xff\xff\xff\xfe1", "a.txt", "编码"),
        (package({"OFD.xml": b"<x/>"}), "a.ofd", "OFD"),
        (package({"some.bin": b"1"}), "a.docx", "与后缀不符"),
    ],
)
def test_bad_files_get_one_sentence(data, name, said):
    assert said in refused(data, name)


def test_a_zip_bomb_is_not_unpacked(docx_bytes):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"\0" * 60_000_000)

    assert "解压后过大" in refused(bomb.getvalue(), "a.docx")


def test_entities_are_never_resolved(docx_bytes):
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'

    assert "实体声明" in refused(changed(docx_bytes("字"), word__document_dot_xml=evil), "a.docx")


def test_macros_are_refused(docx_bytes):
    assert "宏" in refused(changed(docx_bytes("字"), word__vbaProject_dot_bin=b"1"), "a.docx")


def test_a_scanned_pdf_is_told_apart(tmp_path):
    pdfium = pytest.importorskip("pypdfium2")
    pdf = pdfium.PdfDocument.new()
    pdf.new_page(595, 842)
    buffer = io.BytesIO()
    pdf.save(buffer)

    assert "没有文字层" in refused(buffer.getvalue(), "a.pdf")


def test_three_hundred_pages_are_the_limit():
    pdfium = pytest.importorskip("pypdfium2")
    pdf = pdfium.PdfDocument.new()
    for _ in range(301):
        pdf.new_page(100, 100)
    buffer = io.BytesIO()
    pdf.save(buffer)

    assert "上限 300 页" in refused(buffer.getvalue(), "a.pdf")


def test_a_word_file_without_words(docx_bytes):
    assert "没有文字" in refused(docx_bytes(" "), "a.docx")


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(InputError, match="无法读取"):
        read_notice(tmp_path / "none.docx")
    with pytest.raises(InputError, match="文件夹"):
        read_notice(tmp_path)
