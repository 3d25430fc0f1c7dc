"""Load a pack: read every file, report every fault, remember the result.

Reading and checking the YAML costs seconds; a checked pack is therefore kept
as JSON in the user's cache under the hash of its files, and any change to any
file makes a new hash. The cache is only ever a copy: deleting it is safe.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

import engine
from engine._version import __version__
from engine.errors import OutputError, PackError, Problem
from engine.files import write_whole
from engine.model import CheckWord, Concept, Hint, Item, Office, Pack, PackInfo, Repair, Unit, Urgency
from engine.official import read_official
from engine.sources import Located, parse_rows
from engine.startup import collector_paused
from engine.units import UnitRegister

__all__ = ["DEFAULT_PACK", "cache_folder", "find_pack", "load_pack", "pack_files", "pack_hash", "read_pack"]

DEFAULT_PACK = "azhatebage"
_SUFFIXES = {".yaml", ".jsonl", ".txt", ".json"}


def default_folder() -> Path:
    """Where the packs of this installation stand."""
    return Path(engine.__file__).resolve().parent.parent / "rules"


def cache_folder() -> Path:
    """The user's cache for compiled packs and second readers (`ZHUBAN_CACHE` overrides)."""
    given = os.environ.get("ZHUBAN_CACHE")
    if given:
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "zhuban"


def pack_files(folder: Path) -> list[Path]:
    """The files that make the pack, in a fixed order."""
    return sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES and path.is_file())


def pack_hash(folder: Path) -> str:
    """SHA-256 over the names and bytes of the pack's files; its revision."""
    digest = hashlib.sha256()
    for path in pack_files(folder):
        name = path.relative_to(folder).as_posix().encode()
        data = path.read_bytes()
        digest.update(len(name).to_bytes(4, "big") + name + len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def find_pack(pack: str | Path) -> Path:
    """The folder of a pack, by name or path.

    Raises:
        PackError: There is no pack there.
    """
    folder = Path(pack)
    if not folder.is_dir() and not folder.is_absolute() and len(folder.parts) == 1:
        folder = default_folder() / pack
    if not (folder / "pack.yaml").is_file():
        raise PackError([Problem(str(pack), 0, 0, "ZB000", "不是规则包：缺少 pack.yaml")])
    return folder


def load_pack(pack: str | Path = DEFAULT_PACK, *, cached: bool = True) -> Pack:
    """Load and check a pack.

    Args:
        pack: A pack's folder, or the name of one under `rules/`.
        cached: Use the cached copy when the files' hash is the same.

    Returns:
        The checked pack.

    Raises:
        PackError: The pack has faults; the error lists all of them with file,
            line and column.

    Example:
        >>> from engine import load_pack
        >>> pack = load_pack("azhatebage")
        >>> len(pack.official)
        261
    """
    folder = find_pack(pack)
    digest = pack_hash(folder)
    store = cache_folder() / f"pack-{__version__}-{digest[:32]}.json"
    if cached:
        try:
            with collector_paused():
                return Pack.model_validate_json(store.read_bytes())
        except (OSError, ValidationError):
            pass
    loaded, problems = read_pack(folder, digest)
    if loaded is None or any(p.severity == "error" for p in problems):
        raise PackError([p for p in problems if p.severity == "error"])
    if cached:
        _remember(store, loaded)
    return loaded


def _remember(store: Path, pack: Pack) -> None:
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
        write_whole(store, pack.model_dump_json().encode())
    except (OSError, OutputError):
        return  # a cache that cannot be written only costs time


def _yaml_files(folder: Path, name: str) -> Iterator[Path]:
    single, many = folder / f"{name}.yaml", folder / name
    if single.is_file():
        yield single
    yield from sorted(many.rglob("*.yaml"))


def read_pack(folder: Path, digest: str | None = None) -> tuple[Pack | None, list[Problem]]:
    """Read every file of a pack and gather every fault.

    Args:
        folder: The pack's folder.
        digest: Its hash, when already known.

    Returns:
        The pack (None when it cannot be built at all) and all problems,
        including those of cross-references (unknown concepts, units, items).
    """
    problems: list[Problem] = []

    def shown(path: Path) -> str:
        return f"{folder.name}/{path.relative_to(folder).as_posix()}"

    def rows(name: str, model: type, nested: tuple[str, ...] = ()) -> tuple:  # type: ignore[type-arg]
        found: list[object] = []
        for path in _yaml_files(folder, name):
            document = Located(path, shown(path))
            found.extend(parse_rows(document, model, nested))
            problems.extend(document.problems)
        return tuple(found)

    info_file = Located(folder / "pack.yaml", f"{folder.name}/pack.yaml")
    info: PackInfo | None = None
    try:
        info = PackInfo.model_validate_json(json.dumps(info_file.value))
    except ValidationError as error:
        for fault in error.errors():
            path = tuple(part for part in fault["loc"] if isinstance(part, str))
            problems.append(info_file.problem(path, "ZB010", f"「{'.'.join(path)}」{fault['msg']}"))
    problems.extend(info_file.problems)

    units = rows("units", Unit)
    register = UnitRegister(units)
    problems.extend(register.problems)
    repairs = rows("official/repairs", Repair)
    official = read_official(folder / "official", f"{folder.name}/official", repairs, register, problems)
    introduction = folder / "official" / "introduction.txt"
    concepts = rows("lexicon", Concept)
    items = rows("items", Item, ("match", "departments", "over", "examples"))
    hints = rows("hints", Hint)
    urgencies = rows("urgent", Urgency)
    offices = rows("offices", Office)
    calibration_file = folder / "calibration.json"
    calibration = calibration_file.read_text(encoding="utf-8") if calibration_file.is_file() else ""
    if info is None:
        return None, problems
    pack = Pack(
        info=info,
        hash=digest or pack_hash(folder),
        official=official,
        repairs=repairs,
        units=units,
        concepts=concepts,
        items=items,
        hints=hints,
        urgencies=urgencies,
        offices=offices,
        check=rows("check", CheckWord),
        calibration=calibration,
        introduction=introduction.read_text(encoding="utf-8") if introduction.is_file() else "",
    )
    from engine.references import check_references

    problems.extend(check_references(pack, register))
    return pack, problems
