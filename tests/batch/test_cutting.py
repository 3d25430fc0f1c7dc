"""Cutting a csv for several processes gives the records that Python's csv module reads."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.batch import bytesource, cutting
from engine.batch.textparts import find_delimiter, parse_csv

_cells = st.text(alphabet='ab,"\n\r;|\t 村路坏', max_size=6)


def pieces(data: bytes, size: int, start: int = 0) -> list[bytes]:
    """Blocks that end at whole multiples of `size`, as the reader makes them."""
    first = size - start % size
    found = [data[start : start + first]]
    found += [data[i : i + size] for i in range(start + first, len(data), size)]
    return [piece for piece in found if piece]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of a few bytes, so that every border is crossed."""
    monkeypatch.setattr(cutting, "BLOCK", 8)
    monkeypatch.setattr(bytesource, "BLOCK", 8)


@given(
    st.lists(st.lists(_cells, min_size=2, max_size=3), min_size=1, max_size=12),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_stretches_hold_the_same_records(rows: list[list[str]], quoting: int) -> None:
    """Any cells, quoted as csv writes them: no record is split, lost or doubled, and lines are counted."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n", quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    text = buffer.getvalue()
    data = text.encode()
    whole = [(line, row) for line, row in parse_csv(text, ",")]
    found = []
    for stretch in cutting.cut_csv(pieces(data, 8), b",", 0, 0):
        assert data[stretch.offset : stretch.offset + len(stretch.data)] == stretch.data
        assert not stretch.in_quotes
        assert stretch.line == data.count(b"\n", 0, stretch.offset)
        found += [row for _, row in parse_csv(stretch.data.decode(), ",")]
    assert found == [row for _, row in whole]


@given(st.text(alphabet='ab,"\n村', max_size=60))
def test_any_bytes_are_cut_without_loss(text: str) -> None:
    """However wild the quotes are, the stretches together are the input and read as the whole reads."""
    data = text.encode()
    stretches = list(cutting.cut_csv(pieces(data, 8), b",", 0, 1))
    assert b"".join(s.data for s in stretches) == data
    rows = [row for s in stretches for _, row in parse_csv(s.data.decode(), ",")]
    assert rows == [row for _, row in parse_csv(text, ",")]


@given(st.lists(st.text(alphabet='ab,"村', max_size=9), min_size=1, max_size=20), st.integers(0, 19))
def test_going_on_from_a_cut_makes_the_same_cuts(lines: list[str], number: int) -> None:
    """A resumed run cuts where the first run would have cut."""
    data = "".join(line.replace('"', "") + "\n" for line in lines).encode()
    whole = list(cutting.cut_csv(pieces(data, 8), b",", 0, 1))
    if number >= len(whole):
        return
    start = whole[number]
    again = list(cutting.cut_csv(pieces(data, 8, start.offset), b",", start.offset, start.line))
    assert again == whole[number:]


def test_a_quote_left_open_does_not_eat_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record beyond the limit is refused with its line."""
    monkeypatch.setattr(cutting, "LONGEST", 64)
    with pytest.raises(Exception, match="第 1 行起的一条记录"):
        list(cutting.cut_csv(pieces(b'a,"b\n' + b"c,d\n" * 100, 8), b",", 0, 1))


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_the_one_that_makes_a_table(delimiter: str) -> None:
    """Commas inside texts do not win over the real delimiter."""
    text = "\n".join(
        delimiter.join(row)
        for row in (["编号", "内容", "村"], ["1", "路坏了, 没人修, 真的" if delimiter != "," else "路坏了", "3村"])
    )
    assert find_delimiter(text, "in.csv") == delimiter
