"""Train the second reader. Build time only: needs scikit-learn.

Reproducible: same official wording and cases, same reader, byte for byte.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.cases import Case, read_cases
from engine.concepts import PhraseIndex
from engine.model import Pack
from engine.normalise import normalise
from engine.reader import CONCEPT_SHARE, UNLISTED, case_files, reader_key, reader_path

__all__ = ["official_texts", "train", "train_reader"]

_LEAST_TEXTS = 2
_COST = 1.0
_OFFICIAL_LENGTH = 80
TEMPERATURE = 6.0


def gram_codes(text: str) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """Codes of a text's character 1- and 2-grams: 32 bits for each character."""
    points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    return np.concatenate([points, (points[:-1] << np.uint64(32)) | points[1:]])


def unit(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A vector at length 1; an empty one as it is."""
    length = np.sqrt((values * values).sum())
    return values / length if length else values


def official_texts(pack: Pack) -> list[tuple[str, str]]:
    """The list's own sentences, each with its item."""
    found: list[tuple[str, str]] = []
    for row in pack.official:
        found.append((row.name, row.id))
        for part in (*(duty.text for duty in row.duties), *row.town_duties):
            for sentence in re.split(r"[；;。]", part):
                if len(sentence) > 8:
                    found.append((sentence[:_OFFICIAL_LENGTH], row.id))
    return found


def train(pack: Pack, pairs: Sequence[tuple[str, str]]) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, Any]]:
    """Fit one linear classifier over all labels.

    Args:
        pack: For its lexicon.
        pairs: Texts and their labels, item ids or `unlisted`.

    Returns:
        The arrays and the meta data that make a `Reader`.
    """
    from scipy.sparse import csr_matrix
    from sklearn.svm import LinearSVC

    index = PhraseIndex(pack.concepts)
    texts = [normalise(text).text for text, _ in pairs]
    grams = [np.unique(gram_codes(text), return_counts=True) for text in texts]
    meant = [np.array(sorted(scan.concepts | scan.ambiguous), dtype=np.int64) for scan in map(index.scan, texts)]
    codes, frequency = np.unique(np.concatenate([c for c, _ in grams]), return_counts=True)
    codes, frequency = codes[frequency >= _LEAST_TEXTS], frequency[frequency >= _LEAST_TEXTS]
    gram_idf = np.log((1 + len(texts)) / (1 + frequency)) + 1.0
    seen = np.bincount(np.concatenate(meant), minlength=len(index.names))
    concept_idf = np.log((1 + len(texts)) / (1 + seen)) + 1.0
    rows, columns, values = [], [], []
    for i, ((text_codes, counts), concepts) in enumerate(zip(grams, meant, strict=True)):
        where = np.minimum(np.searchsorted(codes, text_codes), len(codes) - 1)
        known = codes[where] == text_codes
        columns += [where[known], concepts + len(codes)]
        values += [unit((1.0 + np.log(counts[known])) * gram_idf[where[known]]), unit(concept_idf[concepts]) * CONCEPT_SHARE]
        rows.append(np.full(int(known.sum()) + len(concepts), i))
    shape = (len(texts), len(codes) + len(concept_idf))
    matrix = csr_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape)
    model = LinearSVC(C=_COST, random_state=0)
    model.fit(matrix, [label for _, label in pairs])
    weights = model.coef_.T.astype(np.float32)
    scale = np.abs(weights).max(axis=1, keepdims=True) / 127.0
    scale[scale == 0] = 1.0
    arrays = {
        "codes": codes,
        "gram_idf": gram_idf.astype(np.float32),
        "concept_idf": concept_idf.astype(np.float32),
        "scale": scale[:, 0].astype(np.float32),
        "bias": model.intercept_.astype(np.float32),
        "weights": np.round(weights / scale).astype(np.int8),
    }
    meta = {
        "classes": [str(label) for label in model.classes_],
        "concepts": list(index.names),
        "temperature": TEMPERATURE,
        "texts": len(pairs),
        "pack_hash": pack.hash,
        "key": "",
    }
    return arrays, meta


def train_reader(pack: Pack, target: Path | None = None, cases: Sequence[Case] | None = None) -> Path:
    """Train the reader of a pack and put it where the router looks for it.

    Args:
        pack: The pack.
        target: Folder to write; the pack's own place when None.
        cases: Labelled texts; all of `cases/` when None.

    Returns:
        The folder written. It appears whole or not at all.
    """
    files = case_files(pack)
    target = target or reader_path(pack)
    key = reader_key(pack, files)
    if cases is None:
        try:
            if json.loads((target / "reader.json").read_text(encoding="utf-8"))["key"] == key:
                return target
        except (OSError, ValueError, KeyError):
            pass
        cases = [case for path in files for case in read_cases(path)]
    pairs = official_texts(pack) + [(case.text, case.item or UNLISTED) for case in cases]
    arrays, meta = train(pack, pairs)
    meta["key"] = key
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=target.parent))
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    (folder / "reader.json").write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")
    if target.exists():
        shutil.rmtree(target)
    os.replace(folder, target)
    return target
