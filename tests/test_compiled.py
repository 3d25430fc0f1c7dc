"""The compiled steps do what their plain description says (`tests/reference.py`)."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Router
from engine.arbitrate import Ranked
from engine.concepts import Hit, PhraseIndex
from engine.errors import InputError
from engine.facts import PASSAGE, passages
from engine.model import Concept, Pack, Place
from engine.normalise import normalise
from engine.reader import CONCEPT_SHARE, load_reader, reader_path
from engine.training import gram_codes, unit
from tests.reference import Found, Reference
from tests.strategies import texts

CASES = Path(__file__).parent.parent / "cases" / "rounds"


@pytest.fixture(scope="module")
def reference(rules: Router) -> Reference:
    return Reference(rules)


def same(rules: Router, reference: Reference, text: str) -> None:
    trace = rules.trace(text)
    concepts, wanted = reference.route(trace.scan.text)
    assert trace.concepts == concepts
    for ranked in trace.ranked:
        ranked.measure()
    assert [found(ranked) for ranked in trace.ranked] == [rounded(one) for one in wanted]


def found(ranked: Ranked) -> Found:
    clauses = tuple(one.index for one in ranked.fired)
    return rounded(Found(ranked.item, ranked.score, ranked.strong, clauses, ranked.beaten, ranked.cover))


def rounded(one: Found) -> Found:
    return Found(one.item, round(one.score, 9), one.strong, one.clauses, one.beaten, round(one.cover, 9))


def test_real_texts_fire_and_rank_as_described(rules: Router, reference: Reference) -> None:
    """A sample of the labelled texts, each of one passage: same concepts, clauses, order, reasons."""
    lines = [line for path in sorted(CASES.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]
    short = [text for text in (json.loads(line)["text"] for line in lines) if len(text) <= PASSAGE]
    for text in random.Random(5).sample(short, 60):
        same(rules, reference, text)


def test_any_text_fires_and_ranks_as_described(rules: Router, reference: Reference) -> None:
    """Texts made of the pack's own phrases and of stray marks."""

    @settings(max_examples=60, deadline=None)
    @given(texts(rules).map(lambda text: text[:100]))
    def check(text: str) -> None:
        try:
            same(rules, reference, text)
        except InputError:
            return

    check()


PIECES = st.sampled_from(
    ["打井", "井", "水利局", "ab", "B超", "1", "2", "。", "，", "的", "龘", "😀", "研究生命", "起源", "-", "."]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=9), st.data())
def test_words_are_bounded_where_jieba_cuts(pieces: list[str], data: st.DataObject) -> None:
    """Any stretch of any text: a word exactly where jieba, cutting without its model, begins and ends one."""
    text = "".join(pieces)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert INDEX.confirmed(text, Hit(0, start, end, True)) == Reference.is_word(REFERENCE, text, start, end)


PLACE = Place(file="demo/lexicon/x.yaml", line=1, column=1)
INDEX = PhraseIndex([Concept(concept="井", words=("井",), place=PLACE)])
REFERENCE = Reference.__new__(Reference)  # `is_word` needs no rules


def test_chances_are_those_of_the_trained_model(router: Router) -> None:
    """The reader's arithmetic, on texts short and long, is that of the vectors it was trained on."""
    folder = reader_path(router.pack)
    meta = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
    names = ("codes", "gram_idf", "concept_idf", "scale", "bias", "weights")
    codes, gram_idf, concept_idf, scale, bias, weights = (np.load(folder / f"{name}.npy") for name in names)
    reader = load_reader(router.pack)
    assert reader is not None

    def stretch(text: str, concepts: set[int]) -> np.ndarray:
        grams, counts = np.unique(gram_codes(text), return_counts=True)
        where = np.minimum(np.searchsorted(codes, grams), len(codes) - 1)
        known = codes[where] == grams
        written = unit((1.0 + np.log(counts[known])) * gram_idf[where[known]])
        rows = np.array(sorted(concepts), dtype=np.int64)
        meant = unit(concept_idf[rows]) * CONCEPT_SHARE
        every = np.concatenate([where[known], rows + len(codes)])
        scores = (np.concatenate([written, meant]) * scale[every]) @ weights[every].astype(float) + bias
        chances = np.exp((scores - scores.max()) * meta["temperature"])
        return chances / chances.sum()

    for text in ("村东头有人烧苞谷杆子，烟大得睁不开眼", "路坏了", "1", "村里的路坏了没人修，晚上看不见，老人摔了两次。" * 9):
        scan = router.index.scan(normalise(text).text)
        read, hits = scan.text, scan.hits()
        if len(read) <= 120:
            wanted = stretch(read, {hit.concept for hit in hits})
        else:
            windows = [(start, start + 80) for start in range(0, len(read) - 40, 40)]
            found = [stretch(read[a:b], {h.concept for h in hits if a <= h.start and h.end <= b}) for a, b in windows]
            wanted = np.exp(np.log(np.stack(found) + 1e-4).mean(axis=0))
            wanted /= wanted.sum()
        chances = reader.chances(scan)
        assert chances[-1] == 0.0
        assert np.allclose(chances[:-1], wanted, atol=1e-5)


def test_what_belongs_to_other_rules_is_refused(rules: Router, pack: Pack) -> None:
    """Indexes of one pack mean nothing in another: said, not computed with."""
    other = Router(pack.model_copy(update={"concepts": pack.concepts[:-1], "items": ()}), reader=False)
    text = normalise("村东头有人烧苞谷杆子").text
    parts = passages(other.index.scan(text))
    with pytest.raises(ValueError, match="another index"):
        rules.firing.fire(parts[0])
    with pytest.raises(IndexError):
        rules.firing.held(frozenset({len(rules.index.names)}))
    fired = rules.firing.fire(passages(rules.index.scan(text))[0])
    with pytest.raises(ValueError, match="other rules"):
        other.arbiter.arbitrate(fired)
    reader = load_reader(pack)
    assert reader is not None
    with pytest.raises(ValueError, match="another lexicon"):
        reader.chances(other.index.scan(text))
