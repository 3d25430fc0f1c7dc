"""The second reader: how similar cases were labelled, for texts the rules leave open.

A linear classifier over what is written (character 1- and 2-grams) and what it
means (the pack's concepts, by tf-idf), trained by `zhuban train` from `cases/`
and the official wording. It answers with chances over the items and "not on
the list"; it never overturns a rule that fires clearly
(docs/decisions/0005-second-reader.md). Reading needs numpy only; the weights
are one byte each and stay on disk until used.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import engine
from engine.concepts import Scan
from engine.model import Pack

if TYPE_CHECKING:
    import numpy as np

__all__ = ["CONCEPT_SHARE", "UNLISTED", "Reader", "load_reader", "reader_key", "reader_path"]

UNLISTED = "unlisted"
CONCEPT_SHARE = 0.7
"""Length of the concept half of a text's vector, the character half being 1."""

_TRAINER = "2"


def case_files(pack: Pack) -> list[Path]:
    """The labelled files that the reader of a pack learns from."""
    return sorted((Path(engine.__file__).resolve().parent.parent / "cases" / "rounds").glob("*.jsonl"))


def reader_key(pack: Pack, files: Iterable[Path]) -> str:
    """What the reader depends on: official wording, lexicon, cases, the way of training."""
    digest = hashlib.sha256(f"{_TRAINER}\n{pack.info.id}\n".encode())
    for row in pack.official:
        digest.update(f"{row.id}\t{row.name}\n".encode())
    for concept in pack.concepts:
        digest.update(concept.model_dump_json(exclude={"place", "note"}).encode())
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def reader_path(pack: Pack) -> Path:
    """Where `zhuban train` puts the reader of a pack."""
    return Path(engine.__file__).resolve().parent.parent / "build" / f"reader-{pack.info.id}"


class Reader:
    """A trained second reader.

    Args:
        arrays: `codes`, `gram_idf`, `concept_idf`, `scale`, `bias`, `weights`
            as `engine/training.py` makes them: rows of `weights` are the grams
            in the order of `codes`, then the concepts.
        meta: `classes`, `concepts` (names in row order), `temperature`, `key`.
        names: The pack's concept names in the order of its hits.
    """

    def __init__(self, arrays: dict[str, np.ndarray[Any, Any]], meta: dict[str, Any], names: Sequence[str]) -> None:
        import numpy as np

        from engine.scoring import Scorer

        self.key: str = meta["key"]
        self.classes: tuple[str, ...] = tuple(meta["classes"])
        if len(arrays["bias"]) != len(self.classes):
            raise ValueError("reader files do not belong together")
        row = {name: i for i, name in enumerate(meta["concepts"])}
        self._scorer = Scorer(
            arrays["codes"],
            arrays["gram_idf"],
            arrays["concept_idf"],
            arrays["scale"],
            arrays["bias"],
            arrays["weights"],
            np.array([row.get(name, -1) for name in names], dtype=np.int32),
            CONCEPT_SHARE,
            meta["temperature"],
        )

    def aligned(self, items: Sequence[str]) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The column of each item, and last that of `unlisted`; for `chances(...)[aligned]`.

        An item that the reader never saw gets the column of a class that does
        not exist; `chances` holds a zero there.
        """
        import numpy as np

        column = {name: i for i, name in enumerate(self.classes)}
        return np.array([column.get(name, len(self.classes)) for name in (*items, UNLISTED)], dtype=np.int64)

    def chances(self, scan: Scan) -> np.ndarray[Any, np.dtype[np.float32]]:
        """The chance of each class, in the order of `classes`, then a zero; they sum to 1.

        A long text is read in overlapping windows whose chances are multiplied,
        so that what runs through the text counts more than one loud sentence,
        and neither its length nor the order of its sentences decides.

        Args:
            scan: What was found in the normalised text.
        """
        return self._scorer.chances(scan)


_ARRAYS = ("codes", "gram_idf", "concept_idf", "scale", "bias", "weights")


def load_reader(pack: Pack, folder: Path | None = None) -> Reader | None:
    """The reader built for this pack, or None if there is none that fits its items.

    Args:
        pack: The pack.
        folder: Where its files are; None means where `zhuban train` puts them.
    """
    import numpy as np

    folder = folder or reader_path(pack)
    try:
        meta = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r" if name == "weights" else None) for name in _ARRAYS}
        reader = Reader(arrays, meta, [concept.concept for concept in pack.concepts])
    except (OSError, ValueError, KeyError):
        return None
    return reader if set(reader.classes) <= {row.id for row in pack.official} | {UNLISTED} else None
