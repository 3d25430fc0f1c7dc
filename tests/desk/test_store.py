"""Search, export cells, places, settings and candidate cases: what must hold for any text."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.exporting import safe_cell
from desk.settings import read_settings
from desk.store.places import place_of
from desk.store.words import document, match_query, ts_query, ts_vector
from engine.errors import InputError
from tests.desk.conftest import BARK, BITE, Server, zhuban

HAN = st.text(st.sampled_from("东村头有人烧苞谷杆子烟大路坏了井水"), min_size=1, max_size=30)


@pytest.fixture(scope="module")
def fts() -> sqlite3.Connection:
    """A full-text table as the first migration makes it."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.execute("CREATE VIRTUAL TABLE t USING fts5(body, tokenize='unicode61')")
    return connection


@given(before=HAN, word=HAN, after=HAN)
def test_any_piece_of_a_text_is_found(fts: sqlite3.Connection, before: str, word: str, after: str) -> None:
    """Whatever stands in a text is found by it, and what does not stand there is not."""
    fts.execute("DELETE FROM t")
    text = before + word + after
    fts.execute("INSERT INTO t VALUES (?)", (document(text),))

    assert fts.execute("SELECT count(*) FROM t WHERE t MATCH ?", (match_query(word),)).fetchone() == (1,)
    missing = word + "黄"
    assert fts.execute("SELECT count(*) FROM t WHERE t MATCH ?", (match_query(missing),)).fetchone() == (0,)


@given(st.text(max_size=60))
def test_no_search_is_a_syntax_error(fts: sqlite3.Connection, words: str) -> None:
    """Quotes, operators, stars, NUL: a search is made of words only."""
    query = match_query(words)
    if query is not None:
        fts.execute("SELECT count(*) FROM t WHERE t MATCH ?", (query,)).fetchone()
    assert (ts_query(words) is None) == (query is None)
    assert all(c not in (ts_query(words) or "") + ts_vector(words) for c in "\\;\0")


@given(st.text(max_size=40))
def test_no_cell_is_a_formula(value: str) -> None:
    """No cell begins like a formula, and nothing but control characters is lost."""
    cell = safe_cell(value)
    assert not cell.lstrip(" \n").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert value in (cell, cell[1:]) or any(ord(c) < 32 or c in "\ufffe\uffff" for c in value)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("英巴格村3组的路坏了", "英巴格村3组"),
        ("我家住在幸福小区5号楼，没水", "幸福小区5号楼"),
        ("想问问医保怎么交", None),
        ("", None),
    ],
)
def test_places(text: str, place: str | None) -> None:
    """The first named place, with its group or building."""
    assert place_of(text) == place


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("retention_days = -1", "retention_days"),
        ("unknown = 1", "unknown"),
        ("db = 'mysql://x'", "sqlite:///"),
        ("timezone = 'Mars'", "没有时区"),
        ("mask = ", "TOML"),
    ],
)
def test_settings_are_refused_by_key(tmp_path: Path, content: str, said: str) -> None:
    """A wrong setting stops the start and names the key."""
    file = tmp_path / "desk.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_settings(file)


def test_overrides_become_cases_only_through_a_person(lite: Server, tmp_path: Path) -> None:
    """Overridden orders are candidates; accepted ones and unreviewed rows never reach the cases."""
    with lite.api("orders") as api:
        ids = [api.post("/api/v1/orders", json={"text": text}).json()["id"] for text in (BITE, BARK, f"{BARK}，真吵")]
    clerk = lite.session("小陈")
    clerk.post(f"/orders/{ids[0]}/decide", data={"version": 1, "choice": "engine"})
    for order in ids[1:]:
        clerk.post(f"/orders/{order}/decide", data={"version": 1, "choice": "other", "item": "C1", "why": "狗要收容"})
    file, into = tmp_path / "候选.jsonl", tmp_path / "desk.jsonl"
    zhuban("cases", "from-desk", "--db", lite.db, "-o", file)
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    rows[0]["reviewed_by"] = "组长"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    for _ in range(2):
        zhuban("cases", "accept", file, "--into", into)
    taken = [json.loads(line) for line in into.read_text(encoding="utf-8").splitlines()]

    assert [(row["id"], row["said"], row["item"]) for row in rows] == [(f"desk-{i}", "B1", "C1") for i in ids[1:]]
    assert [row["id"] for row in taken] == [f"desk-{ids[1]}"]
    assert "组长" in taken[0]["note"]
    assert "狗要收容" in taken[0]["note"]
