"""A whole notice, from its words to the report."""

from __future__ import annotations

from datetime import date

from engine.check import Checker, Finding, read_bytes


def report(checker: Checker, text: str, **options):
    return checker.check(read_bytes(text.encode(), "来文.txt"), **options)


def test_clauses_are_told_from_boilerplate(checker, notice_text):
    found = report(checker, notice_text)

    assert [c.finding for c in found.clauses] == [Finding.COMPLIANT, Finding.RECLAIMED]
    assert found.findings_summary["reclaimed"] == 1


def test_quotations_are_exact_and_placed(checker, notice_text):
    document = read_bytes(notice_text.encode(), "来文.txt")
    found = checker.check(document)

    for clause in found.clauses:
        assert document.blocks[clause.place.block].text[clause.place.start : clause.place.end] == clause.quote
    assert found.clauses[1].place.label == "第 7 行"
    assert found.clauses[1].deadline == "4月底"


def test_what_the_departments_do_themselves_is_no_clause(checker):
    found = report(checker, "关于工作的通知\n我局负责取水许可审批，依法查处违法取水。\n莎车县水利局\n2026年3月9日")

    assert found.clauses == ()


def test_a_notice_without_clauses_is_an_empty_report(checker):
    found = report(checker, "关于学习的通知\n各镇要高度重视，统一思想，抓好落实。\n莎车县财政局\n2026年3月9日")

    assert found.clauses == ()
    assert found.issuer == "莎车县财政局"


def test_findings_about_the_document(checker):
    text = (
        "关于有关工作的通知\n各镇人民政府：\n1.请各镇动员干部办理信用卡，每镇五十张。\n"
        "2.未经批准打井的由各镇罚款，2026年1月5日前办结。\n莎车县公安局\n2026年3月9日"
    )
    kinds = {d.kind for d in report(checker, text).document_findings}

    assert {"no_basis", "no_approval", "no_resources", "deadline_past", "other_issuer"} <= kinds


def test_today_decides_what_is_past_when_given(checker, notice_text):
    late = report(checker, notice_text, today=date(2026, 6, 1))

    assert "deadline_past" in {d.kind for d in late.document_findings}
    assert "deadline_past" not in {d.kind for d in report(checker, notice_text).document_findings}


def test_an_issuer_nobody_finds_is_said(checker):
    kinds = {d.kind for d in report(checker, "请各镇对私自打井的立案罚款。").document_findings}

    assert "no_issuer" in kinds


def test_the_same_notice_gives_the_same_report(checker, notice_text):
    assert report(checker, notice_text) == report(checker, notice_text)


def test_a_sentence_with_two_matters_becomes_two_clauses(checker):
    text = (
        "关于有关工作的通知\n请各镇组织各村清理末级渠道淤泥并填写安全排查表，同时对未经批准私自打井的农户立案处罚。\n"
        "莎车县水利局\n2026年3月9日"
    )
    found = report(checker, text)

    assert [c.finding for c in found.clauses] == [Finding.COMPLIANT, Finding.RECLAIMED]
