"""Hypothesis strategies shared by the property tests: facts and texts."""

from __future__ import annotations

from hypothesis import strategies as st

from engine import Router

__all__ = ["facts_of", "texts"]

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)


def facts_of(router: Router) -> st.SearchStrategy[frozenset[int]]:
    """Sets of concepts: some at random, some the whole of a clause, so that clauses do fire."""
    every = sorted({concept for item in router.firing.items for concept in item.concepts})
    clauses = [clause for clause in router.firing.clauses if clause.groups]

    @st.composite
    def build(draw: st.DrawFn) -> frozenset[int]:
        chosen = set(draw(st.lists(st.sampled_from(every), max_size=8)))
        for clause in draw(st.lists(st.sampled_from(clauses), max_size=3)):
            for group in clause.groups:
                chosen.add(draw(st.sampled_from(sorted(group))))
            if clause.none and draw(st.booleans()):
                chosen.add(draw(st.sampled_from(sorted(clause.none))))
        return frozenset(chosen)

    return build()


def texts(router: Router) -> st.SearchStrategy[str]:
    """Texts made of the pack's own phrases, stray characters and punctuation."""
    phrases = st.sampled_from(router.index.patterns)
    stray = st.text(HAN, max_size=6)
    marks = st.sampled_from(["，", "。", "！", "？", " ", "\n", "　", ".", "😀", "\u200b", "ＡＢ", "臺灣"])
    return st.lists(st.one_of(phrases, stray, marks), min_size=1, max_size=40).map("".join)
