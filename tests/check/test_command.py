"""`zhuban check` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path


def test_a_notice_is_shown_clause_by_clause(zhuban, tmp_path, notice_text):
    (tmp_path / "来文.txt").write_text(notice_text, encoding="utf-8")
    result = zhuban("check", "来文.txt", "--report", "r.html", "--letter", "l.docx")

    assert result.returncode == 0, result.stderr
    assert "疑似已收回事项" in result.stdout
    assert "莎车县水利局" in result.stdout
    assert (tmp_path / "r.html").is_file()
    assert (tmp_path / "l.docx").is_file()


def test_json_of_standard_input(zhuban, notice_text):
    result = zhuban("check", "-", "--json", stdin=notice_text.encode())
    found = json.loads(result.stdout)

    assert set(found) >= {"document", "issuer", "findings_summary", "clauses", "document_findings"}
    wanted = {
        "quote",
        "place",
        "finding",
        "item_id",
        "item_name",
        "reason",
        "official_text",
        "responsible_units",
        "confidence",
        "needs_review",
    }
    assert all(set(c) >= wanted for c in found["clauses"])


def test_rows_go_out_as_rows(zhuban, tmp_path):
    rows = '{"id":"a","issuer":"莎车县水利局","text":"私自打井的由各镇罚款"}\n'
    (tmp_path / "in.jsonl").write_text(rows, encoding="utf-8")
    result = zhuban("check", "in.jsonl", "-o", "out.jsonl")

    assert result.returncode == 0, result.stderr
    answer = json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))
    assert answer["id"] == "a"
    assert answer["finding"] == "reclaimed"


def test_a_folder_is_summed_up_and_a_bad_file_does_not_stop_it(zhuban, tmp_path, notice_text):
    folder = tmp_path / "来文"
    folder.mkdir()
    (folder / "好.txt").write_text(notice_text, encoding="utf-8")
    (folder / "坏.pdf").write_bytes(b"%PDF-1.7 broken")
    result = zhuban("check", "来文", "--summary", "s.html")

    assert result.returncode == 0
    assert "坏.pdf" in result.stderr
    assert "坏.pdf" in (tmp_path / "s.html").read_text(encoding="utf-8")


def test_mistakes_get_one_sentence_and_nothing_is_written(zhuban, tmp_path, notice_text):
    Path(tmp_path / "a.txt").write_text(notice_text, encoding="utf-8")
    for args in (
        ("none.docx",),
        ("a.txt", "--report", "r.txt"),
        ("a.txt", "--report", "r.html", "--letter", "l.pdf"),
        ("a.txt", "--annotate", "b.docx"),
        ("a.txt", "-o", "x.jsonl"),
        ("a.txt", "a.txt", "--letter", "l.docx"),
    ):
        result = zhuban("check", *args)
        assert result.returncode == 2, args
        assert result.stderr.startswith("错误："), args
        assert "Traceback" not in result.stderr, args
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.txt"]


def test_an_unknown_issuer_is_said(zhuban, tmp_path, notice_text):
    (tmp_path / "a.txt").write_text(notice_text, encoding="utf-8")
    result = zhuban("check", "a.txt", "--issuer", "火星局")

    assert result.returncode == 0
    assert "不在单位名录中" in result.stderr
