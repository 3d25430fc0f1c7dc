"""Clauses as rows."""

from __future__ import annotations

import pytest

from engine.check.rows import read_rows
from engine.errors import InputError


def test_json_lines_and_csv():
    rows = read_rows('{"id":"a","issuer":"县水利局","text":"请清淤"}\n'.encode(), "a.jsonl")
    table = read_rows("编号,发文单位,内容\n7,县水利局,请清淤\n".encode("gb18030"), "a.csv")

    assert (rows[0].id, rows[0].issuer, rows[0].text) == ("a", "县水利局", "请清淤")
    assert (table[0].id, table[0].text) == ("7", "请清淤")


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        ("{", "a.jsonl", "a.jsonl:1"),
        ("[1]", "a.jsonl", "a.jsonl:1"),
        ('{"id":1,"text":"x"}\n{"id":2}', "a.jsonl", "a.jsonl:2"),
        ('{"text":["x"]}', "a.jsonl", "a.jsonl:1"),
        ("a,b\n1,2\n", "a.csv", "表头"),
        ("\n", "a.jsonl", "没有可核对的行"),
    ],
)
def test_a_bad_row_is_named(data, name, said):
    with pytest.raises(InputError, match=said):
        read_rows(data.encode(), name)
