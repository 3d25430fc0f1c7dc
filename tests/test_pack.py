"""A pack is read whole or refused with all of its faults, each with its place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine import Pack, load_pack
from engine.errors import PackError
from engine.lint import lint_folder
from engine.model import Kind
from engine.pack import cache_folder, pack_hash

DATA = Path(__file__).parent / "data"
CASES = sorted(path.name for path in (DATA / "pack_errors").iterdir())


@pytest.mark.parametrize("name", CASES)
def test_faults_are_reported_with_place_and_code(name: str, demo_pack: Path) -> None:
    """Each folder of tests/data/pack_errors is the demo pack with one flaw; expected.txt is what lint prints."""
    folder = DATA / "pack_errors" / name
    shutil.copytree(folder, demo_pack, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected.txt"))
    found = "".join(f"{problem.severity} {problem}\n" for problem in lint_folder(demo_pack))
    assert found == (folder / "expected.txt").read_text(encoding="utf-8")


def test_the_clean_twin_has_no_fault(demo_pack: Path) -> None:
    """The demo pack itself is clean, so each flaw above is what was found."""
    assert lint_folder(demo_pack) == []


def test_the_real_pack_has_every_item_and_no_error() -> None:
    """117 + 97 + 47 items, each with a rule."""
    pack = load_pack()
    count = {kind: sum(row.kind is kind for row in pack.official) for kind in Kind}
    assert count == {Kind.BASIC: 117, Kind.COOPERATING: 97, Kind.RECLAIMED: 47}
    assert {row.id for row in pack.official} == {item.item for item in pack.items}


def test_all_faults_are_told_in_one_run(demo_pack: Path) -> None:
    """Two flaws in two files: both are in the error."""
    for rel, old, new in (("items/animals.yaml", "犬吠", "犬废"), ("units.yaml", "县城管局", "县城官局")):
        path = demo_pack / rel
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(PackError) as caught:
        load_pack(demo_pack)
    assert {p.code for p in caught.value.problems} == {"ZB103", "ZB104"}


def test_a_folder_without_a_pack_is_said_so(tmp_path: Path) -> None:
    """The wrong path is one sentence."""
    with pytest.raises(PackError, match=r"缺少 pack\.yaml"):
        load_pack(tmp_path)


def test_any_changed_byte_changes_the_hash(demo_pack: Path) -> None:
    """The hash is the revision of the whole pack."""
    before = pack_hash(demo_pack)
    path = demo_pack / "official" / "introduction.txt"
    path.write_text(path.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert pack_hash(demo_pack) != before


def test_the_cached_pack_is_the_pack(demo_pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second load reads the copy and gives the same; a spoilt copy is ignored."""
    monkeypatch.setenv("ZHUBAN_CACHE", str(tmp_path / "cache"))
    first = load_pack(demo_pack)
    (copy,) = cache_folder().iterdir()
    assert load_pack(demo_pack) == first
    copy.write_text("{", encoding="utf-8")
    assert load_pack(demo_pack) == first


def test_official_text_is_kept_as_published(pack: Pack) -> None:
    """Repairs mend what is shown; the cell as published stays, cut-off texts stay cut off."""
    by_id = {row.id: row for row in pack.official}
    assert any("work" in cell for row in pack.official for cell in row.raw.values())
    assert not any("work" in row.name or "<p>" in "".join(row.town_duties) for row in pack.official)
    truncated = {row.id for row in pack.official if row.truncated}
    assert truncated == {r.item for r in pack.repairs if r.truncated}
    for repair in pack.repairs:
        if repair.truncated:
            cell = by_id[repair.item].raw[repair.field]
            assert cell.endswith(by_id[repair.item].raw[repair.field][-6:])
            assert not cell.endswith("。")


def test_units_print_one_way(pack: Pack) -> None:
    """However the list spells a department, it prints by the register."""
    printed = {unit.name for unit in pack.units}
    for row in pack.official:
        assert set(row.departments) <= printed
        assert {unit for duty in row.duties for unit in duty.units} <= printed


def test_reclaimed_without_a_taker_is_abolished(pack: Pack) -> None:
    """Nobody took the matter over, so nobody does it any more."""
    for row in pack.official:
        assert row.abolished == (row.kind is Kind.RECLAIMED and not row.departments)
    assert sum(row.abolished for row in pack.official) == 2
