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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.cases import Case, read_cases
from engine.model import Pack
from engine.normalise import normalise
from engine.reader import UNLISTED, case_files, gram_codes, reader_key, reader_path

__all__ = ["Trained", "official_texts", "train", "train_reader"]

_LEAST_TEXTS = 2
_COST = 1.0
_OFFICIAL_LENGTH = 80
TEMPERATURE = 6.0


@dataclass(frozen=True, slots=True)
class Trained:
    """Arrays of a trained reader; rows are grams, columns classes."""

    classes: tuple[str, ...]
    codes: np.ndarray[Any, Any]
    idf: np.ndarray[Any, Any]
    weights: np.ndarray[Any, Any]
    bias: np.ndarray[Any, Any]


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


def train(texts: Sequence[str], labels: Sequence[str]) -> Trained:
    """Fit one linear classifier over all labels.

    Args:
        texts: Normalised texts.
        labels: Item ids or `unlisted`, one for each text.
    """
    from scipy.sparse import csr_matrix
    from sklearn.svm import LinearSVC

    found = [np.unique(gram_codes(text), return_counts=True) for text in texts]
    codes, frequency = np.unique(np.concatenate([c for c, _ in found]), return_counts=True)
    codes, frequency = codes[frequency >= _LEAST_TEXTS], frequency[frequency >= _LEAST_TEXTS]
    idf = np.log((1 + len(texts)) / (1 + frequency)) + 1.0
    rows, columns, values = [], [], []
    for i, (text_codes, counts) in enumerate(found):
        where = np.searchsorted(codes, text_codes)
        where[where == len(codes)] = 0
        known = codes[where] == text_codes
        value = (1.0 + np.log(counts[known])) * idf[where[known]]
        value /= np.sqrt((value * value).sum()) or 1.0
        rows.append(np.full(int(known.sum()), i))
        columns.append(where[known])
        values.append(value)
    matrix = csr_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(len(texts), len(codes))
    )
    model = LinearSVC(C=_COST, random_state=0)
    model.fit(matrix, labels)
    return Trained(
        classes=tuple(str(c) for c in model.classes_),
        codes=codes,
        idf=idf,
        weights=model.coef_.T.astype(np.float32),
        bias=model.intercept_.astype(np.float32),
    )


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
    trained = train([normalise(text).text for text, _ in pairs], [label for _, label in pairs])
    scale = np.abs(trained.weights).max(axis=1, keepdims=True) / 127.0
    scale[scale == 0] = 1.0
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=target.parent))
    np.save(folder / "codes.npy", trained.codes)
    np.save(folder / "idf.npy", trained.idf.astype(np.float32))
    np.save(folder / "scale.npy", scale[:, 0].astype(np.float32))
    np.save(folder / "bias.npy", trained.bias)
    np.save(folder / "weights.npy", np.round(trained.weights / scale).astype(np.int8))
    meta = {"key": key, "pack_hash": pack.hash, "classes": trained.classes, "temperature": TEMPERATURE, "texts": len(pairs)}
    (folder / "reader.json").write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")
    if target.exists():
        shutil.rmtree(target)
    os.replace(folder, target)
    return target
