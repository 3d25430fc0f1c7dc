"""Chinese full-text search by overlapping character pairs.

A text becomes tokens: every pair of neighbouring Han characters (and the last
one alone), every run of letters or digits. A search word becomes the same
tokens as a phrase, so any substring of two or more characters is found, with
no word list that could miss a village's name.
"""

from __future__ import annotations

import re

__all__ = ["document", "match_query", "ts_query", "ts_vector", "words_of"]

_RUN = re.compile(r"[0-9a-z]+|[\u3400-\u4dbf\u4e00-\u9fff]+")
_MOST = 5000  # characters of a text that can be searched


def _tokens(text: str, whole: bool) -> list[str]:
    """Tokens in order; `whole` adds the last character of a run, as a document needs."""
    found: list[str] = []
    for run in _RUN.findall(text[:_MOST].lower()):
        if run[0].isascii() or len(run) == 1:
            found.append(run)
        else:
            found.extend(run[i : i + 2] for i in range(len(run) - 1))
            if whole:
                found.append(run[-1])
    return found


def document(text: str) -> str:
    """The tokens of a text as SQLite's FTS5 stores them."""
    return " ".join(_tokens(text, True))


def ts_vector(text: str) -> str:
    """The tokens of a text as a literal of PostgreSQL's `tsvector`; single characters stand in it without a place."""
    places: dict[str, list[str]] = {}
    for number, token in enumerate(_tokens(text, True), start=1):
        if number < 16000 and len(places.setdefault(token, [])) < 250:
            places[token].append(str(number))
    singles = {c for token in places if not token[0].isascii() for c in token} - places.keys()
    return " ".join([f"'{t}':{','.join(p)}" for t, p in places.items()] + [f"'{c}'" for c in singles])


def words_of(search: str) -> list[list[str]]:
    """The tokens of each word of a search; words without letters or characters are dropped."""
    return [tokens for word in search.split()[:8] if (tokens := _tokens(word, False))]


def match_query(search: str) -> str | None:
    """A search as FTS5 `MATCH` expression, None when nothing can be searched. Holds no user syntax."""
    phrases = []
    for tokens in words_of(search):
        prefix = "*" if len(tokens[-1]) == 1 or tokens[-1].isascii() else ""
        phrases.append(f'"{" ".join(tokens)}"{prefix}')
    return " AND ".join(phrases) or None


def ts_query(search: str) -> str | None:
    """A search as a literal of PostgreSQL's `tsquery`, None when nothing can be searched."""
    phrases = []
    for tokens in words_of(search):
        quoted = [f"'{token}'" for token in tokens]
        if tokens[-1].isascii():
            quoted[-1] += ":*"
        phrases.append("(" + " <-> ".join(quoted) + ")")
    return " & ".join(phrases) or None
