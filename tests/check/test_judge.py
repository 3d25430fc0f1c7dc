"""One passage against the list: the findings a town office relies on."""

from __future__ import annotations

import pytest

from engine.check import Checker, Finding
from engine.model import Kind


@pytest.mark.parametrize(
    ("text", "issuer", "finding"),
    [
        ("未经批准私自打井的，由各镇立案罚款", "莎车县水利局", Finding.RECLAIMED),
        ("私自打井的案子由你镇协助完成立案、取证、告知全部环节，我局盖章", "莎车县水利局", Finding.RECLAIMED),
        ("参保率排名末位的镇年终考核扣分，主要领导约谈", "莎车县医疗保障局", Finding.ABOLISHED),
        ("请各镇宣传水源保护，发现毁坏抗旱设施的及时报我局", "莎车县水利局", Finding.COMPLIANT),
        ("对毁坏抗旱水泵的，由镇政府立案查处并罚款", "莎车县水利局", Finding.ROLE_INVERSION),
        ("请各镇动员干部办理信用卡，完成数列入通报", "莎车县财政局", Finding.UNLISTED),
        ("困难群众医疗救助由镇里受理、审核、公示，报县医保局审批", "莎车县医疗保障局", Finding.COMPLIANT),
        ("医疗救助待遇由镇政府直接审批并支付", "莎车县医疗保障局", Finding.RECLAIMED),
    ],
)
def test_findings(checker: Checker, text: str, issuer: str, finding: Finding):
    assert checker.clause(text, issuer).finding is finding


def test_an_inversion_quotes_both_columns(checker: Checker):
    said = checker.clause("电子秤由各镇组织统一检定，不合格的没收", "莎车县市场监督管理局")

    assert said.finding is Finding.ROLE_INVERSION
    assert said.official.department_duties
    assert said.official.town_duties
    assert said.contrary
    assert said.official_text in "".join(said.official.department_duties)
    assert said.responsible_units == ("莎车县市场监督管理局",)


def test_a_reclaimed_matter_names_who_took_it_over(checker: Checker):
    said = checker.clause("没有营业执照的店由各镇取缔并罚款", "莎车县市场监督管理局")

    assert said.item_id is not None
    assert said.item_id.startswith("R")
    assert said.official_text == said.official.takeover
    assert "莎车县市场监督管理局" in said.responsible_units


def test_the_town_may_punish_where_a_basic_item_says_so(checker: Checker):
    said = checker.clause("乱堆粪便柴草影响村容的，由镇政府处罚", "莎车县住房和城乡建设局")

    assert said.finding is Finding.COMPLIANT
    assert checker.judge.duties.columns[said.item_id].official.kind is Kind.BASIC


def test_pressure_by_ranking_is_named(checker: Checker):
    said = checker.clause("电动自行车登记上牌由各镇承办，进度每周排名", "莎车县公安局")

    assert "以考核排名下压" in said.signs


def test_the_official_words_are_the_lists_own(checker: Checker):
    """No word is made up: what is quoted stands in the list."""
    for text in ("请各镇排查大喇叭使用情况，坏的报融媒体中心维修", "火灾原因由镇政府查明认定"):
        said = checker.clause(text)
        row = checker.judge.duties.columns[said.item_id].official
        whole = "".join([row.name, row.takeover, *(d.text for d in row.duties), *row.town_duties])
        assert said.official_text in whole


def test_a_vocabulary_with_a_code_twice_or_an_unknown_cover_is_refused(demo_pack):
    """Lint names the row of check.yaml."""
    from engine.pack import read_pack

    row = "- {check: punish, name: 处罚, kind: act, weight: hard, phrases: [罚款], covers: [nothing]}\n"
    (demo_pack / "check.yaml").write_text(row + row, encoding="utf-8")
    found = {(p.code, p.line) for p in read_pack(demo_pack)[1] if p.code in ("ZB115", "ZB116")}

    assert found == {("ZB115", 2), ("ZB116", 1), ("ZB116", 2)}
