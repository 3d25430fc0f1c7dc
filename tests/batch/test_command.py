"""`zhuban batch` as a user meets it: files in, files out, one sentence for each mistake."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from engine import Router
from engine.batch.columns import ADDED
from tests.batch.conftest import orders, read_csv, read_jsonl, write_csv, write_jsonl

Zhuban = Callable[..., CompletedProcess[str]]


def run(zhuban: Zhuban, *args: object) -> CompletedProcess[str]:
    """A batch that must succeed, by rules alone and in one process unless told otherwise."""
    given = [*args, "--rules-only", *([] if "--workers" in args else ["--workers", 1])]
    result = zhuban("batch", *given)
    assert result.returncode == 0, result.stderr
    return result


def test_csv_keeps_every_column_and_adds_the_verdict(zhuban: Zhuban, tmp_path: Path, orders_csv: Path, rules: Router) -> None:
    """Each row carries what `route` says of its text; input columns and order stay."""
    result = run(zhuban, orders_csv, "-o", tmp_path / "out.csv")
    rows, given = read_csv(tmp_path / "out.csv"), read_csv(orders_csv)
    assert list(rows[0]) == [*given[0], *ADDED]
    assert [{name: row[name] for name in given[0]} for row in rows] == given
    for row in rows:
        if not row["诉求内容"]:
            assert "文本为空" in row["error"]
            continue
        said = rules.route(row["诉求内容"])
        assert row["verdict"] == said.verdict.value
        assert row["reason"] == said.reason
        assert row["needs_review"] == str(said.needs_review).lower()
        assert row["clause"] == (said.evidence[0].clause if said.evidence else "")
        assert row["item_id"] == (said.item_id or "")
        assert row["lead_units"] == "、".join(said.lead_units)
        assert row["alternatives"] == "、".join(other.item_id for other in said.alternatives)
        assert float(row["confidence"]) == said.confidence
    assert "文本列：诉求内容" in result.stderr
    assert "共 200 行" in result.stdout
    assert "坏行" in result.stdout


def test_jsonl_keeps_lists_and_the_line_itself(zhuban: Zhuban, tmp_path: Path, rules: Router) -> None:
    """Lists stay lists, numbers keep their form, lines that are broken stay with their fault."""
    text = "村东头有人烧苞谷杆子，烟大得睁不开眼"
    source = tmp_path / "in.jsonl"
    source.write_text(
        f'{{"text": "{text}", "n": 1.10, "big": 123456789012345678901}}\n{{"text":\n[1]\n{{"text": "\\ud800"}}\n{{}}\n',
        encoding="utf-8",
    )
    result = run(zhuban, source, "-o", tmp_path / "out.jsonl")
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    first = json.loads(lines[0])
    said = rules.route(text)
    assert '"n": 1.10, "big": 123456789012345678901' in lines[0]
    assert first["lead_units"] == list(said.lead_units)
    assert first["alternatives"] == [{"item_id": other.item_id, "why": other.why} for other in said.alternatives]
    assert "error" not in first
    faults = [row.get("error", "") for row in read_jsonl(tmp_path / "out.jsonl")[1:]]
    for place, fault in zip((2, 3, 4, 5), faults, strict=True):
        assert f"in.jsonl:{place} " in fault
    assert json.loads(lines[1])["raw"] == '{"text":'
    assert "坏行（原样保留，原因见 error 列）：4" in result.stdout


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_encodings_and_delimiters_are_detected(zhuban: Zhuban, tmp_path: Path, encoding: str, delimiter: str) -> None:
    """The same rows whatever program exported them; quotes, newlines and delimiters in cells survive."""
    rows = [
        ["编号", "诉求内容", "备注"],
        ["1", f"没主的狗{delimiter}咬了人", '他说"管管"\n第二行'],
        ["2", "家门口那条巷子路坏得不成样子", "㐂𠮷" if encoding != "gb18030" else "㐂"],
    ]
    source = tmp_path / "in.csv"
    with source.open("w", encoding=encoding, newline="") as handle:
        csv.writer(handle, delimiter=delimiter).writerows(rows)
    run(zhuban, source, "-o", tmp_path / "out.csv")
    found = read_csv(tmp_path / "out.csv")
    assert [[row["编号"], row["诉求内容"], row["备注"]] for row in found] == rows[1:]
    assert all(row["verdict"] for row in found)


def test_bad_rows_are_kept_and_counted(zhuban: Zhuban, tmp_path: Path) -> None:
    """Too many cells, undecodable bytes, an open quote: the row stays, the rest goes on."""
    source = tmp_path / "in.csv"
    head = "编号,诉求内容\n1,没主的狗咬了人\n2,没主的狗咬了人,多一列\n".encode()
    source.write_bytes(head + b"3," + b"\xff\xfe\xff\n" + '4,没主的狗咬了人\n5,"没有合上\n'.encode())
    run(zhuban, source, "-o", tmp_path / "out.csv")
    rows = read_csv(tmp_path / "out.csv")
    assert [row["编号"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert [bool(row["error"]) for row in rows] == [False, True, True, False, True]
    assert "in.csv:3 " in rows[1]["error"]
    assert "多一列" in rows[1]["error"]
    assert "引号没有闭合" in rows[4]["error"]


def test_mixed_encodings_are_read_line_by_line(zhuban: Zhuban, tmp_path: Path) -> None:
    """A GB18030 line glued into a UTF-8 file is still read."""
    source = tmp_path / "in.csv"
    good = "诉求内容\n" + "没主的狗咬了人\n" * 30
    source.write_bytes(good.encode() + "家门口那条巷子路坏得不成样子\n".encode("gb18030"))
    run(zhuban, source, "-o", tmp_path / "out.csv")
    assert read_csv(tmp_path / "out.csv")[-1]["诉求内容"] == "家门口那条巷子路坏得不成样子"


def test_a_million_characters_in_one_field(zhuban: Zhuban, tmp_path: Path) -> None:
    """A huge field is read, routed within the stated limit and kept whole."""
    long = "没主的狗咬了人。" * 125_000
    source = write_csv(tmp_path / "in.csv", [{"诉求内容": long}, {"诉求内容": "没主的狗咬了人"}])
    run(zhuban, source, "-o", tmp_path / "out.jsonl")
    rows = read_jsonl(tmp_path / "out.jsonl")
    assert rows[0]["诉求内容"] == long
    assert rows[1]["verdict"]


def test_cells_cannot_become_formulas(zhuban: Zhuban, tmp_path: Path) -> None:
    """A cell that a spreadsheet would run is disarmed; numbers and telephone numbers stay."""
    rows = [{"诉求内容": "没主的狗咬了人", "备注": cell} for cell in ("=1+1", "@cmd", "-12.5", "+8613812345678", "-")]
    run(zhuban, write_csv(tmp_path / "in.csv", rows), "-o", tmp_path / "out.csv")
    assert [row["备注"] for row in read_csv(tmp_path / "out.csv")] == ["'=1+1", "'@cmd", "-12.5", "+8613812345678", "'-"]


def test_title_and_content_are_joined(zhuban: Zhuban, tmp_path: Path) -> None:
    """A title column beside the content is read with it, and the choice is printed."""
    source = write_csv(tmp_path / "in.csv", [{"标题": "没主的狗", "内容": "昨天咬了人"}])
    result = run(zhuban, source, "-o", tmp_path / "out.csv")
    assert "文本列：标题+内容" in result.stderr


def test_workers_change_no_byte(zhuban: Zhuban, tmp_path: Path) -> None:
    """One, two or three processes write the same bytes."""
    source = write_csv(tmp_path / "in.csv", orders(9_000))
    for workers in (1, 2, 3):
        run(zhuban, source, "-o", tmp_path / f"{workers}.csv", "--workers", workers)
    first = (tmp_path / "1.csv").read_bytes()
    assert first.count(b"\n") == 9_001
    assert (tmp_path / "2.csv").read_bytes() == first
    assert (tmp_path / "3.csv").read_bytes() == first
    assert sorted(p.name for p in tmp_path.glob(".*zhuban")) == []


def test_names_that_clash_are_renamed(zhuban: Zhuban, tmp_path: Path) -> None:
    """Routing a result again keeps the earlier verdict under another name."""
    run(
        zhuban, write_jsonl(tmp_path / "in.jsonl", [{"text": "没主的狗咬了人", "category": "城管"}]), "-o", tmp_path / "out.csv"
    )
    row = read_csv(tmp_path / "out.csv")[0]
    assert row["category_in"] == "城管"
    assert row["verdict"]


def test_mask_leaves_no_person_in_the_output(zhuban: Zhuban, tmp_path: Path) -> None:
    """Names and numbers go from every column; the verdict is that of the whole text."""
    text = "我叫张建国，电话13812345678，村东头有人烧苞谷杆子"
    source = write_csv(tmp_path / "in.csv", [{"来电人": "张建国", "诉求内容": text}])
    run(zhuban, source, "-o", tmp_path / "out.jsonl", "--mask")
    written = (tmp_path / "out.jsonl").read_text(encoding="utf-8")
    assert "张建国" not in written
    assert "13812345678" not in written
    assert json.loads(written)["item_id"]


@pytest.mark.parametrize(
    ("content", "args", "said"),
    [
        ("a,b\n1,2\n", (), "找不到文本列"),
        ("", (), "文件是空的"),
        ("\n\n", (), "文件是空的"),
        ("诉求内容\n好\n", ("--text-column", "没有的列"), "没有「没有的列」这一列"),
        ("诉求内容\n好\n", ("--encoding", "klingon"), "没有「klingon」这种编码"),
        ("诉求内容\n好\n", ("--from", "docx"), "没有「docx」这种格式"),
        ("诉求内容\n好\n", ("--pack", "nowhere"), "不是规则包"),
    ],
)
def test_mistakes_are_one_sentence(zhuban: Zhuban, tmp_path: Path, content: str, args: tuple[str, ...], said: str) -> None:
    """Exit status 2, one sentence, no traceback, no output."""
    (tmp_path / "in.csv").write_text(content, encoding="utf-8")
    result = zhuban("batch", tmp_path / "in.csv", "-o", tmp_path / "out.csv", *args)
    assert result.returncode == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.csv"]


def test_targets_that_cannot_be_written_are_refused_first(zhuban: Zhuban, tmp_path: Path, orders_csv: Path) -> None:
    """A missing folder, a folder, an unknown format, the input itself: nothing is started."""
    for target, said in (
        (tmp_path / "no" / "out.csv", "没有文件夹"),
        (tmp_path, "看不出要写成什么格式"),
        (tmp_path / "out.docx", "看不出要写成什么格式"),
        (orders_csv, "输出不能就是输入文件"),
    ):
        result = zhuban("batch", orders_csv, "-o", target)
        assert result.returncode == 2
        assert said in result.stderr


def test_strict_stops_and_writes_nothing(zhuban: Zhuban, tmp_path: Path) -> None:
    """Under --strict the first bad row ends the run, and the row is named."""
    source = write_csv(tmp_path / "in.csv", [{"诉求内容": "没主的狗咬了人"}, {"诉求内容": " "}])
    result = zhuban("batch", source, "-o", tmp_path / "out.csv", "--strict", "--workers", 1)
    assert result.returncode == 2
    assert "in.csv:3 文本为空" in result.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.csv"]


def test_category_column_weighs_candidates(zhuban: Zhuban, tmp_path: Path, rules: Router) -> None:
    """A known category reaches the router."""
    text, category = "家门口那条巷子路坏得不成样子", "交通运输"
    source = write_csv(tmp_path / "in.csv", [{"诉求内容": text, "一级分类": category}])
    run(zhuban, source, "-o", tmp_path / "out.jsonl", "--category-column", "一级分类")
    row = read_jsonl(tmp_path / "out.jsonl")[0]
    assert row["confidence"] == rules.route(text, category=category).confidence
