"""One text, one verdict, with the words that decided it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings

from engine import Router, Verdict, VerdictKind, load_pack
from engine.errors import InputError
from engine.rulesets import PlainEvaluator
from tests.strategies import texts


def test_the_first_example_of_the_readme(router: Router) -> None:
    """Straw burning is the county's, with the town helping; both leads are named."""
    verdict = router.route("村东头有人烧苞谷杆子，烟大得睁不开眼")
    assert verdict.verdict is VerdictKind.SUPPORT
    assert verdict.item_name == "秸秆焚烧专项整治"
    assert verdict.lead_units == ("莎车县农业农村局", "喀什地区生态环境局莎车县分局")
    assert verdict.support_units == ("莎车县阿扎特巴格镇",)
    assert len(verdict.town_duties) == 4


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("家门口的村道坏了，请来修一修", VerdictKind.LEAD),
        ("请你镇对无照经营的小店立案处罚", VerdictKind.RECLAIMED),
        ("村里给我开一张婚姻状况证明", VerdictKind.ABOLISHED),
        ("公积金怎么提取", VerdictKind.UNLISTED),
    ],
)
def test_each_verdict_can_be_said(router: Router, text: str, kind: VerdictKind) -> None:
    """Lead, reclaimed, abolished and unlisted, each from plain words."""
    assert router.route(text).verdict is kind


def test_an_abolished_matter_has_no_lead_unit(router: Router) -> None:
    """Nobody does it any more, and the reason says so in the list's words."""
    verdict = router.route("村里给我开一张婚姻状况证明")
    assert verdict.lead_units == ()
    assert "无需承接" in verdict.reason


def test_empty_chatter_is_unlisted_with_that_reason(router: Router) -> None:
    """Thanks and symbols name no matter."""
    for text in ("👍👍👍", "？？？", "嗯 那个", "喂", "123"):
        verdict = router.route(text)
        assert verdict.verdict is VerdictKind.UNLISTED
        assert "未见具体事项" in verdict.reason


def test_a_matter_outside_the_list_gets_a_hint_not_a_lead(router: Router) -> None:
    """The bureau that usually handles it is named apart from the list."""
    verdict = router.route("住房公积金怎么提取还房贷")
    assert verdict.verdict is VerdictKind.UNLISTED
    assert verdict.lead_units == ()
    assert verdict.hint_unit is not None
    assert verdict.needs_review


def test_danger_to_life_is_urgent_and_still_routed(router: Router) -> None:
    """The telephone comes first; the route is not delayed."""
    verdict = router.route("厨房煤气罐漏气了，味道很大，屋里还有老人")
    assert verdict.urgent
    assert verdict.urgent_note
    assert verdict.item_id is not None


def test_evidence_points_into_the_original_text(router: Router) -> None:
    """Traditional script, blanks and full width: the offsets are those of what was pasted."""
    text = "您好！村東頭 有人 燒 苞谷杆子，烟大得睁不开眼"
    verdict = router.route(text)
    assert verdict.evidence
    for evidence in verdict.evidence:
        assert text[evidence.start : evidence.end] == evidence.phrase


def test_the_order_of_sentences_does_not_decide(router: Router) -> None:
    """Two matters, either order: the same items are named."""
    straw, road = "地里有人点火烧麦茬，烟呛得人咳嗽。", "另外村道上的坑一直没人修补。"
    filler = "我是三组的村民，家里种着几亩棉花，平时很少麻烦你们，今天实在没有办法才来留言，请你们理解我的心情。" * 2
    first, second = router.route(straw + filler + road), router.route(road + filler + straw)
    assert {first.item_id, *(m.item_id for m in first.also)} == {second.item_id, *(m.item_id for m in second.also)}


def test_a_category_weighs_but_never_overrules(router: Router) -> None:
    """Clear words stay clear under a wrong category."""
    text = "村东头有人烧苞谷杆子，烟大得睁不开眼"
    assert router.route(text, category="党的建设").item_id == router.route(text).item_id


def test_an_over_long_text_is_routed_and_says_so(router: Router) -> None:
    """One megabyte: bounded work, and the verdict tells that only a part was read."""
    verdict = router.route("村里的路坏了没人修，" * 60_000)
    assert verdict.truncated
    assert verdict.item_id is not None


@pytest.mark.parametrize("bad", ["", "  \n ", "\x00", "\ud800"])
def test_what_is_not_text_is_refused(router: Router, bad: str) -> None:
    """One clear sentence, no verdict."""
    with pytest.raises(InputError):
        router.route(bad)


def test_any_text_gets_a_verdict_that_is_valid(rules: Router) -> None:
    """Whatever is pasted: no crash, a valid verdict, spans inside the text, the same again."""

    @settings(max_examples=150, deadline=None)
    @given(texts(rules))
    def check(text: str) -> None:
        try:
            verdict = rules.route(text)
        except InputError:
            return
        assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict
        assert all(text[e.start : e.end] == e.phrase for e in verdict.evidence)
        assert rules.route(text) == verdict
        known = {item.item for item in rules.items}
        assert {a.item_id for a in verdict.alternatives} <= known - {verdict.item_id}

    check()


def test_both_evaluators_give_the_same_verdict(rules: Router) -> None:
    """durable-rules and plain boolean logic, over whole texts."""
    plain = Router(rules.pack, reader=False, evaluator=PlainEvaluator(rules.firing.items))

    @settings(max_examples=100, deadline=None)
    @given(texts(rules))
    def check(text: str) -> None:
        try:
            assert rules.route(text) == plain.route(text)
        except InputError:
            return

    check()


def test_no_item_number_stands_in_code() -> None:
    """Rules know items; code does not."""
    root = Path(__file__).parent.parent
    for path in (*root.glob("engine/**/*.py"), *root.glob("commands/*.py"), root / "cli.py"):
        code = re.sub(r'"""[\s\S]*?"""|#.*|metavar=.*|例：.*|如 C.*|编号形如.*|help=.*', "", path.read_text(encoding="utf-8"))
        assert not re.search(r"[\"'][BCR][1-9]\d{0,2}[\"']", code), path


def test_the_demo_pack_chooses_the_department(demo_pack: Path) -> None:
    """Within one item the department is the one whose duty covers this text."""
    router = Router(load_pack(demo_pack), reader=False)
    assert router.route("没主的狗咬了人").lead_units == ("甲县公安局",)
    assert router.route("去哪里打狗针").lead_units == ("甲县农业农村局",)
