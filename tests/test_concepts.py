"""Concepts are found where people wrote them, and only there."""

from __future__ import annotations

from hypothesis import given, settings

from engine import Router
from engine.concepts import PhraseIndex
from engine.model import Concept, Place
from engine.normalise import normalise
from tests.strategies import texts

PLACE = Place(file="demo/lexicon/x.yaml", line=1, column=1)


def index(**concepts: dict[str, tuple[str, ...]]) -> PhraseIndex:
    return PhraseIndex([Concept(concept=name, place=PLACE, **fields) for name, fields in concepts.items()])  # type: ignore[arg-type]


def found(built: PhraseIndex, text: str) -> set[str]:
    return {built.names[c] for c in built.scan(normalise(text).text).concepts}


def test_a_phrase_is_found_inside_other_words() -> None:
    """Phrases need no word boundary."""
    assert found(index(狗={"phrases": ("流浪狗",)}), "好多流浪狗群") == {"狗"}


def test_unless_protects_longer_words() -> None:
    """A phrase inside an `unless` phrase does not count; elsewhere it does."""
    built = index(路={"phrases": ("公路",), "unless": ("公路局",)})
    assert found(built, "公路局在哪") == set()
    assert found(built, "公路局说公路不归他管") == {"路"}


def test_a_gap_phrase_spans_a_few_characters_of_one_clause() -> None:
    """Verb and object may stand apart, not across a comma and not far away."""
    built = index(欠薪={"phrases": ("欠…工钱",)})
    assert found(built, "老板欠我们三个月工钱") == {"欠薪"}
    assert found(built, "他欠了钱，工钱另说") == set()
    assert found(built, "欠着的这件事情说来话长总之还是工钱") == set()


def test_parts_bring_the_phrases_of_other_concepts() -> None:
    """A concept can be made of concepts."""
    built = index(牲畜={"parts": ("羊", "牛")}, 羊={"phrases": ("羊羔",)}, 牛={"phrases": ("奶牛",)})
    assert found(built, "羊羔病了") == {"羊", "牲畜"}


def test_words_wait_for_a_word_boundary() -> None:
    """An ambiguous word counts where jieba cuts it out, not inside another word."""
    built = index(井={"words": ("井",)})
    for text, real in (("村里打了一口井", True), ("环境井然有序", False)):
        scan = built.scan(text)
        (hit,) = scan.hits()
        assert scan.ambiguous == {0}
        assert built.confirmed(text, hit) is real


def test_hits_are_where_the_phrases_are(router: Router) -> None:
    """Every hit's span, in the normalised text, is a phrase of its concept."""
    phrases: dict[int, set[str]] = {}
    by_name = {c.concept: c for c in router.pack.concepts}

    def spoken(name: str) -> set[str]:
        concept = by_name[name]
        own = {*concept.phrases, *concept.words}
        return own.union(*(spoken(part) for part in concept.parts))

    @settings(max_examples=100, deadline=None)
    @given(texts(router))
    def check(text: str) -> None:
        if not text.strip():
            return
        normal = normalise(text).text if text.strip("　 \n\u200b.") else ""
        scan = router.index.scan(normal)
        assert {h.concept for h in scan.hits()} == scan.concepts | scan.ambiguous
        for hit in scan.hits():
            if hit.concept not in phrases:
                said = spoken(router.index.names[hit.concept])
                phrases[hit.concept] = {normalise(phrase.split("…")[0]).text for phrase in said}
            known = phrases[hit.concept]
            assert any(normal[hit.start :].startswith(phrase) for phrase in known)

    check()
