"""Every format in, every format out: the same verdicts, the cells as they were."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from engine.batch import ADDED, Options, run_batch
from engine.batch.columns import CHINESE
from engine.errors import BatchError, InputError
from tests.batch.conftest import orders, read_csv, read_jsonl, write_csv, write_jsonl

openpyxl = pytest.importorskip("openpyxl")
pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
feather = pytest.importorskip("pyarrow.feather")
zstandard = pytest.importorskip("zstandard")

PACK = str(Path(__file__).resolve().parent.parent / "data" / "demo")


def batch(source: object, target: object, **options: Any) -> Any:
    """A batch with the small pack, by rules alone."""
    return run_batch(Options(source=str(source), target=str(target), pack=PACK, rules_only=True, **options))


def table_of(path: Path) -> list[dict[str, Any]]:
    """Rows of a columnar output."""
    read = pq.read_table if path.suffix == ".parquet" else feather.read_table
    rows: list[dict[str, Any]] = read(path).to_pylist()
    return rows


def sheets_of(path: Path) -> dict[str, list[list[Any]]]:
    """Cells of a workbook."""
    book = openpyxl.load_workbook(path)
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets}


@pytest.fixture
def verdicts(tmp_path: Path) -> list[Any]:
    """What a plain jsonl run says, row by row."""
    batch(write_jsonl(tmp_path / "plain.jsonl", orders(300)), tmp_path / "plain.out.jsonl")
    return [row["item_id"] for row in read_jsonl(tmp_path / "plain.out.jsonl")]


@pytest.mark.parametrize(
    "form", ["csv", "tsv", "jsonl", "jsonl.gz", "jsonl.zst", "csv.gz", "parquet", "arrow", "feather", "xlsx"]
)
def test_each_format_out_and_in_again(tmp_path: Path, verdicts: list[Any], form: str) -> None:
    """Written in a format, read from it again: every row and verdict is the same."""
    source = write_csv(tmp_path / "in.csv", orders(300))
    batch(source, tmp_path / f"one.{form}")
    summary = batch(tmp_path / f"one.{form}", tmp_path / "two.jsonl", headings="en", text_column="诉求内容")
    rows = read_jsonl(tmp_path / "two.jsonl")
    assert summary.rows == len(rows) == 300
    assert [row["item_id"] for row in rows] == verdicts
    first = CHINESE["item_id"] if form == "xlsx" else "item_id_in"
    assert [row[first] or None for row in rows] == verdicts
    assert [row["编号"] for row in rows] == [row["编号"] for row in orders(300)]


def test_packed_files_are_plain_gzip_and_zstd(tmp_path: Path) -> None:
    """Other programs read them."""
    source = write_csv(tmp_path / "in.csv", orders(50))
    for form in ("jsonl", "jsonl.gz", "jsonl.zst"):
        batch(source, tmp_path / f"out.{form}")
    plain = (tmp_path / "out.jsonl").read_bytes()
    assert gzip.decompress((tmp_path / "out.jsonl.gz").read_bytes()) == plain
    with (tmp_path / "out.jsonl.zst").open("rb") as handle:
        assert zstandard.ZstdDecompressor().stream_reader(handle, read_across_frames=True).read() == plain


def test_columns_keep_their_types(tmp_path: Path) -> None:
    """Parquet to parquet: dates, numbers and nulls stay what they were, lists are lists."""
    source = pa.table(
        {
            "n": pa.array([1, None, 3], pa.int32()),
            "text": ["没主的狗咬了人", None, "今天天气真好"],
            "when": pa.array([dt.date(2025, 7, 1)] * 3),
        }
    )
    pq.write_table(source, tmp_path / "in.parquet")
    batch(tmp_path / "in.parquet", tmp_path / "out.parquet")
    found = pq.read_table(tmp_path / "out.parquet")
    assert found.select(["n", "text", "when"]).equals(source)
    rows = found.to_pylist()
    assert rows[0]["alternatives"] is not None
    assert isinstance(rows[0]["lead_units"], list)
    assert "文本为空" in rows[1]["error"]


def test_workbook_with_title_merged_header_and_several_sheets(tmp_path: Path) -> None:
    """Titles and merged header rows are understood; dates, long numbers and leading zeros stay."""
    book = openpyxl.Workbook()
    july = book.active
    july.title = "七月"
    july.append(["2025年7月工单汇总表"])
    july.append(["工单编号", "诉求人", None, "诉求内容", "受理时间"])
    july.append([None, "姓名", "电话", None, None])
    for cells in ("A1:E1", "A2:A3", "B2:C2", "D2:D3", "E2:E3"):
        july.merge_cells(cells)
    july.append([202507010001234, "甲", "013812345678", "没主的狗咬了人", dt.datetime(2025, 7, 1, 8, 30)])
    july.append([None] * 5)
    july.append(["000123", "乙", "653125198001011234", None, dt.date(2025, 7, 2)])
    book.create_sheet("八月").append(["诉求内容"])
    book["八月"].append(["今天天气真好"])
    book.create_sheet("说明").append(["填表说明"])
    book.save(tmp_path / "in.xlsx")
    summary = batch(tmp_path / "in.xlsx", tmp_path / "out.xlsx")
    assert any("说明" in notice for notice in summary.notices)
    sheets = sheets_of(tmp_path / "out.xlsx")
    assert list(sheets) == ["七月", "八月"]
    head, first, second = sheets["七月"]
    assert head == ["工单编号", "姓名", "电话", "诉求内容", "受理时间", *(CHINESE[name] for name in ADDED)]
    assert first[:5] == [202507010001234, "甲", "013812345678", "没主的狗咬了人", dt.datetime(2025, 7, 1, 8, 30)]
    assert second[:4] == ["000123", "乙", "653125198001011234", None]
    assert "第 6 行 文本为空" in second[-1]
    batch(tmp_path / "in.xlsx", tmp_path / "out.csv")
    rows = read_csv(tmp_path / "out.csv")
    assert [row["sheet"] for row in rows] == ["七月", "七月", "八月"]
    assert rows[0]["工单编号"] == "202507010001234"
    assert rows[0]["受理时间"] == "2025-07-01 08:30:00"


def test_formulas_and_long_cells_in_a_workbook(tmp_path: Path) -> None:
    """Texts never become formulas; a text beyond Excel's limit is cut and says so."""
    source = write_csv(tmp_path / "in.csv", [{"诉求内容": "=HYPERLINK(1)"}, {"诉求内容": "狗" * 40_000}])
    batch(source, tmp_path / "out.xlsx")
    cells = [row[0] for row in sheets_of(tmp_path / "out.xlsx")["结果"]]
    assert cells[1] == "=HYPERLINK(1)"
    assert openpyxl.load_workbook(tmp_path / "out.xlsx")["结果"]["A2"].data_type == "s"
    assert len(cells[2]) == 32_767
    assert cells[2].endswith("已截断）")


def test_a_folder_and_a_glob_are_one_input(tmp_path: Path, verdicts: list[Any]) -> None:
    """Files of several formats become one output that says where each row is from."""
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    rows = orders(300)
    write_csv(folder / "a.csv", rows[:100], "gb18030")
    write_jsonl(folder / "b.jsonl", rows[100:200])
    pq.write_table(pa.Table.from_pylist(rows[200:]), folder / "sub" / "c.parquet")
    (folder / "~$lock.xlsx").write_text("x")
    for source in (folder, f"{folder}/**/*.*"):
        batch(source, tmp_path / "out.csv")
        found = read_csv(tmp_path / "out.csv")
        assert [row["item_id"] or None for row in found] == verdicts
        assert {row["source_file"].rpartition("/")[2] for row in found} == {"a.csv", "b.jsonl", "c.parquet"}


def test_sqlite_in_and_out(tmp_path: Path, verdicts: list[Any]) -> None:
    """A table or query is read, a table is written whole, and the input's table is never overwritten."""
    base = tmp_path / "base.db"
    connection = sqlite3.connect(base)
    connection.execute("create table orders (编号 text, 诉求内容 text, n int)")
    connection.executemany(
        "insert into orders values (?, ?, ?)", [(r["编号"], r["诉求内容"], i) for i, r in enumerate(orders(300))]
    )
    connection.commit()
    batch(f"sqlite:////{base}?table=orders".replace("////", "///", 1), f"sqlite:///{base}?table=routed")
    found = connection.execute("select item_id, n from routed order by 编号").fetchall()
    assert [item for item, _ in found] == verdicts
    assert [n for _, n in found] == list(range(300))
    batch(f"sqlite:///{base}", tmp_path / "some.jsonl", query="select * from orders where n < 10 order by n")
    assert len(read_jsonl(tmp_path / "some.jsonl")) == 10
    with pytest.raises(BatchError, match="输出不能就是输入的表"):
        batch(f"sqlite:///{base}?table=orders", f"sqlite:///{base}?table=orders")
    with pytest.raises(BatchError, match="table=表名"):
        batch(f"sqlite:///{base}", tmp_path / "x.csv")
    with pytest.raises(InputError, match="查询不成"):
        batch(f"sqlite:///{base}?table=nowhere", tmp_path / "x.csv")
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("in.xlsx", b"PK\x03\x04broken", "不是能读的 xlsx"),
        ("in.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 20, "另存为 xlsx"),
        ("in.parquet", b"PAR1broken", "不是能读的 parquet"),
        ("in.parquet", b"text", "内容不是"),
        ("in.jsonl.gz", b"\x1f\x8b\x08\x00broken", "压缩内容损坏"),
        ("in.jsonl", b'[{"text": "x"}]', "JSON 数组"),
        ("in.jsonl", b"no json here\n", "不像 jsonl"),
    ],
)
def test_broken_files_are_named(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    """One sentence that names the file and the fault; nothing is written."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=said):
        batch(tmp_path / name, tmp_path / "out.csv")
    assert sorted(p.name for p in tmp_path.iterdir()) == [name]


def test_jsonl_keys_that_come_late_get_their_column(tmp_path: Path) -> None:
    """A key that first stands in the last line is a column of a csv output."""
    lines = [{"text": "没主的狗咬了人"}] * 3000 + [{"text": "没主的狗咬了人", "late": {"a": 1}}]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    batch(tmp_path / "in.jsonl", tmp_path / "out.csv")
    rows = read_csv(tmp_path / "out.csv")
    assert rows[-1]["late"] == '{"a": 1}'
    assert rows[0]["late"] == ""


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ('\ufeff"诉求内容","b"\n"狗","1"\n', ["狗"]),
        ("诉求内容,b\r\n狗,1\r\n\r\n猫,2", ["狗", "猫"]),
        ("诉求内容,b\r狗,1\r猫,2\r", ["狗", "猫"]),
        ("诉求内容,b\n", []),
        ("诉求内容,b\n\0狗\0,1\n", ["\0狗\0"]),
        ("诉求内容,诉求内容,,b\n狗,1,2,3\n", ["狗"]),
        ('备注;诉求内容\n"a\n""b"";c";狗\n', ["狗"]),
    ],
)
def test_csv_as_programs_really_write_it(tmp_path: Path, content: str, texts: list[str]) -> None:
    """Marks, all line ends, blank lines, NULs, doubled and missing column names."""
    (tmp_path / "in.csv").write_bytes(content.encode())
    batch(tmp_path / "in.csv", tmp_path / "out.jsonl")
    rows = read_jsonl(tmp_path / "out.jsonl")
    assert [row["诉求内容"] for row in rows] == texts
    assert all(row["verdict"] for row in rows)


def test_output_encodings_that_lose_characters_are_refused(tmp_path: Path) -> None:
    """GB18030 holds every character; ASCII would not."""
    source = write_csv(tmp_path / "in.csv", [{"诉求内容": "没主的狗咬了人㐂"}])
    batch(source, tmp_path / "out.csv", out_encoding="gb18030")
    assert "没主的狗咬了人㐂" in (tmp_path / "out.csv").read_text(encoding="gb18030")
    with pytest.raises(BatchError, match="不能写成「ascii」"):
        batch(source, tmp_path / "out.csv", out_encoding="ascii")
