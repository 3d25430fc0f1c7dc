"""The second reader: how similar cases were labelled, for texts the rules leave open.

A linear classifier over character 1- and 2-grams (tf-idf), trained by
`zhuban train` from `cases/` and the official wording. It answers with chances
over the items and "not on the list"; it never overturns a rule that fires
clearly (docs/decisions/0005-second-reader.md). Reading needs numpy only; the
weights are one byte each and stay on disk until used.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import engine
from engine.model import Pack

if TYPE_CHECKING:
    import numpy as np

__all__ = ["UNLISTED", "Reader", "load_reader", "reader_key", "reader_path"]

UNLISTED = "unlisted"
_TRAINER = "1"
_WINDOW = 160


def case_files(pack: Pack) -> list[Path]:
    """The labelled files that the reader of a pack learns from."""
    folder = Path(engine.__file__).resolve().parent.parent / "cases"
    return sorted(path for path in folder.glob("**/*.jsonl") if path.name != "samples.jsonl" and "notices" not in path.parts)


def reader_key(pack: Pack, files: Iterable[Path]) -> str:
    """What the reader depends on: official wording, cases, the way of training."""
    digest = hashlib.sha256(f"{_TRAINER}\n{pack.info.id}\n".encode())
    for row in pack.official:
        digest.update(f"{row.id}\t{row.name}\n".encode())
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def reader_path(pack: Pack) -> Path:
    """Where `zhuban train` puts the reader of a pack."""
    return Path(engine.__file__).resolve().parent.parent / "build" / f"reader-{pack.info.id}"


def gram_codes(text: str) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """Codes of a text's character 1- and 2-grams: 32 bits for each character."""
    import numpy as np

    points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    return np.concatenate([points, (points[:-1] << np.uint64(32)) | points[1:]])


class Reader:
    """A trained second reader.

    Args:
        folder: What `zhuban train` wrote.

    Raises:
        OSError, ValueError, KeyError: The folder does not hold a reader.
    """

    def __init__(self, folder: Path) -> None:
        import numpy as np

        meta = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
        self.key: str = meta["key"]
        self.classes: tuple[str, ...] = tuple(meta["classes"])
        self.temperature: float = meta["temperature"]
        self._codes = np.load(folder / "codes.npy")
        self._idf = np.load(folder / "idf.npy")
        self._scale = np.load(folder / "scale.npy")
        self._bias = np.load(folder / "bias.npy")
        self._weights = np.load(folder / "weights.npy", mmap_mode="r")
        if self._weights.shape != (len(self._codes), len(self.classes)):
            raise ValueError("reader files do not belong together")

    def scores(self, text: str) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Decision values, one for each class.

        A long text is read in windows; of each class the best window counts.
        """
        import numpy as np

        if len(text) <= _WINDOW:
            return self._score(text)
        step = _WINDOW // 2
        windows = [text[start : start + _WINDOW] for start in range(0, max(1, len(text) - step), step)][:60]
        scored = np.stack([self._score(window) for window in windows])
        unlisted = self.classes.index(UNLISTED)
        best = scored.max(axis=0)
        best[unlisted] = np.sort(scored[:, unlisted])[len(windows) // 2]
        return best.astype(np.float32)

    def _score(self, text: str) -> np.ndarray[Any, np.dtype[np.float32]]:
        import numpy as np

        codes, counts = np.unique(gram_codes(text), return_counts=True)
        where = np.searchsorted(self._codes, codes)
        where[where == len(self._codes)] = 0
        known = self._codes[where] == codes
        rows = where[known]
        if not len(rows):
            return self._bias.copy()
        values = (1.0 + np.log(counts[known])) * self._idf[rows]
        values /= np.sqrt((values * values).sum())
        values *= self._scale[rows]
        return (values.astype(np.float32) @ self._weights[rows].astype(np.float32)) + self._bias

    def chances(self, text: str) -> dict[str, float]:
        """The chance of each item, and of `unlisted`; they sum to 1."""
        import numpy as np

        scores = self.scores(text) * self.temperature
        scores -= scores.max()
        chances = np.exp(scores)
        chances /= chances.sum()
        return dict(zip(self.classes, chances.tolist(), strict=True))


def load_reader(pack: Pack) -> Reader | None:
    """The reader built for this pack's official wording, or None if there is none."""
    try:
        reader = Reader(reader_path(pack))
    except (OSError, ValueError, KeyError):
        return None
    return reader if set(reader.classes) <= {row.id for row in pack.official} | {UNLISTED} else None
