"""Texts reach the rules in one form, and every character knows where it stood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.normalise import TEXT_LIMIT, normalise


@pytest.mark.parametrize(
    ("written", "searched"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("燒玉米稈", "烧玉米秆"),
        ("秸 秆 焚　烧", "秸秆焚烧"),
        ("秸.秆*焚-烧", "秸秆焚烧"),
        ("医\u200b保", "医保"),
        ("低\ufeff保", "低保"),
        ("一,二!三?", "一，二！三？"),
        ("上一行\n下一行", "上一行。下一行"),
        ("路坏了。\r\n\r\n来修", "路坏了。。来修"),
    ],
)
def test_one_form(written: str, searched: str) -> None:
    """Width, script, blanks and stray marks inside words do not matter."""
    assert normalise(written).text == searched


@pytest.mark.parametrize("empty", ["", "   ", "\n\t　", "\x00\x00", "\u200b\ufeff"])
def test_an_empty_text_is_said_to_be_empty(empty: str) -> None:
    """Nothing to route is the user's mistake, said in one sentence."""
    with pytest.raises(InputError, match="文本为空"):
        normalise(empty)


def test_a_lone_surrogate_is_named_by_its_place() -> None:
    """Half a character is not text."""
    with pytest.raises(InputError, match="第 3 个字符"):
        normalise("路坏\ud83d了")


def test_a_long_text_is_read_to_the_limit() -> None:
    """One megabyte costs no more than the limit, and the verdict says so."""
    found = normalise("烧苞谷杆子，" * 200_000)
    assert found.truncated
    assert found.length == TEXT_LIMIT == len(found.text)


@given(st.text(min_size=1, max_size=200))
def test_offsets_point_into_the_original(text: str) -> None:
    """Each kept character stands for the character of the original at its offset."""
    try:
        found = normalise(text)
    except InputError:
        return
    ends = [found.original(i, i + 1) for i in range(len(found.text))]
    assert all(0 <= start < end <= len(text) for start, end in ends)
    assert [start for start, _ in ends] == sorted({start for start, _ in ends})
    for character, (start, end) in zip(found.text, ends, strict=True):
        if text[start].isalnum() and text[start].isascii():
            assert character == text[start:end].lower()


@given(st.text(min_size=1, max_size=100))
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    """What was normalised is in the one form."""
    try:
        once = normalise(text).text
        twice = normalise(once).text
    except InputError:
        return
    assert normalise(twice).text == twice
