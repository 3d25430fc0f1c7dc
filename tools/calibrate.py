"""Fit `calibration.json` of a pack on texts that neither rules nor reader had seen.

    python tools/calibrate.py rules/azhatebage cases/rounds/r2_*.jsonl [--keep-out cases/rounds/r1_*.jsonl]

The reader's chances are taken out of fold: the texts are split five ways and
each part is read by a reader trained on the others (and on everything in
`cases/` that is not named). The rules must be blind to the texts by the way of
working of docs/evaluation.md. Fitted: how much a fired clause counts against
the reader's chances, and the curve from raw to measured confidence.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from sklearn.isotonic import IsotonicRegression

from engine import Router
from engine.calibration import Calibration
from engine.cases import Case, read_cases
from engine.facts import PASSAGE
from engine.normalise import normalise
from engine.pack import read_pack
from engine.reader import UNLISTED, Reader, case_files
from engine.training import official_texts, train

FOLDS = 5
CLEAR = 0.97  # how often a clear verdict of the rules must be right


def out_of_fold(router: Router, texts: list[Case], known: list[Case]) -> list[dict[str, float]]:
    """Chances of each text by a reader that has not seen it."""
    base = official_texts(router.pack) + [(c.text, c.item or UNLISTED) for c in known]
    order = np.random.default_rng(0).permutation(len(texts))
    chances: list[dict[str, float]] = [{} for _ in texts]
    for fold in range(FOLDS):
        held = set(order[fold::FOLDS].tolist())
        pairs = base + [(c.text, c.item or UNLISTED) for i, c in enumerate(texts) if i not in held]
        reader = Reader(*train(router.pack, pairs), router.index.names)
        for i in held:
            found = reader.chances(router.index.scan(normalise(texts[i].text).text)).tolist()
            chances[i] = dict(zip(reader.classes, found, strict=False))
        print(f"fold {fold + 1}/{FOLDS}", flush=True)
    return chances


def rows(router: Router, cases: list[Case], chances: list[dict[str, float]], cap: float) -> list[dict[str, Any]]:
    """For each text the candidates' features and which of them are right."""
    found = []
    for case, chance in zip(cases, chances, strict=True):
        trace = router.trace(case.text)
        for one in trace.ranked[:4]:
            one.measure()
        ranked = {r.item: r for r in trace.ranked}
        items = sorted((router.number[n] for n in chance if n != UNLISTED), key=lambda i: -chance[router.items[i].item])[:15]
        items = list(dict.fromkeys([*items, *ranked]))
        right = {router.number[i] for i in (case.item, *case.accept) if i in router.number}
        features = []
        for item in items:
            r = ranked.get(item)
            features.append(
                (
                    math.log(max(chance.get(router.items[item].item, 0.0), 1e-9)),
                    min(r.score, cap) if r and r.strong else 0.0,
                    min(r.score, cap) if r and not r.strong else 0.0,
                    1.0 if r else 0.0,
                    r.cover if r else 0.0,
                )
            )
        features.append((math.log(max(chance.get(UNLISTED, 0.0), 1e-9)), 0.0, 0.0, 1.0 if trace.hint else 0.0, 0.0))
        correct = [item in right for item in items] + [case.item is None]
        lead = [r.score for r in trace.ranked[:2]] + [0.0, 0.0]
        margin = lead[0] - lead[1]
        found.append(
            {
                "x": np.array(features),
                "y": np.array(correct),
                "items": [*items, None],
                "top": trace.ranked[0].item if trace.ranked else None,
                "strong": bool(trace.ranked and trace.ranked[0].strong),
                "margin": margin,
                "hint": trace.hint is not None,
                "long": len(trace.scan.text) > PASSAGE,
                "cover": trace.ranked[0].cover if trace.ranked else 0.0,
                "id": case.id,
                "wanted": case.item,
                "right": right,
                "null": case.item is None,
            }
        )
    return found


def logits(row: dict[str, Any], w: np.ndarray) -> np.ndarray:
    """Same sum as `engine.scoring.weigh`."""
    x = row["x"]
    base = np.maximum(w[0] * x[:, 0], np.where(x[:, 3] > 0, -7.0, -99.0))
    z = base + w[1] * x[:, 1] + w[2] * x[:, 2] + w[3] * x[:, 3] + w[6] * x[:, 4]
    z[-1] = w[0] * x[-1, 0] + w[4] + w[5] * x[-1, 3]
    return z


def loss(w: np.ndarray, data: list[dict[str, Any]], null_weight: float) -> float:
    total = 0.0
    for row in data:
        z = logits(row, w)
        z = z - z.max()
        p = np.exp(z) / np.exp(z).sum()
        total -= (null_weight if row["null"] else 1.0) * math.log(max(p[row["y"]].sum(), 1e-6))
    return total / len(data) + 0.001 * float((w**2).sum())


def clearest(alone: list[dict[str, Any]]) -> tuple[float, float, float, float]:
    """The margin and cover from which rules alone are right often enough, on most texts."""
    best = (99.0, 1.1, 0.0, 1.0)
    for margin in (3.0, 5.0, 7.0, 9.0, 11.0):
        for cover in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7):
            kept = [row for row in alone if row["margin"] >= margin and row["cover"] >= cover and not row["hint"]]
            if len(kept) < 60:
                continue
            right = float(np.mean([row["top"] in row["right"] for row in kept]))
            share = len(kept) / len(alone)
            if right >= CLEAR and share > best[2]:
                best = (margin, cover, share, right)
    return best


def covers(alone: list[dict[str, Any]], margin: float) -> list[tuple[float, float]]:
    """Confidence of the rules alone by cover; measured where the lead is as large as a clear verdict needs."""
    some = [row for row in alone if row["margin"] >= margin and not row["hint"]] or alone
    return knots([row["cover"] for row in some], [row["top"] in row["right"] for row in some], 8)


def knots(x: list[float], y: list[bool], count: int = 12) -> list[tuple[float, float]]:
    """An ascending line through measured shares, as few points."""
    curve = IsotonicRegression(out_of_bounds="clip", y_min=0.02, y_max=0.99).fit(x, y)
    at = np.unique(np.concatenate([[0.0], np.quantile(x, np.linspace(0, 1, count)).round(4), [1.0]]))
    return [(float(k), round(float(curve.predict([k])[0]), 4)) for k in at]


def fit(data: list[dict[str, Any]], null_weight: float, name: str) -> dict[str, Any]:
    """Weights for texts of one length, and the curve of their confidence."""
    start = np.array([1.0, 0.1, 0.1, 0.0, 0.5, 1.0, 2.0])
    options = {"maxiter": 900, "fatol": 1e-5}
    w = minimize(loss, start, args=(data, null_weight), method="Nelder-Mead", options=options).x
    raw, right, kept, top = [], [], [], []
    for row in data:
        z = logits(row, w)
        p = np.exp(z - z.max())
        p /= p.sum()
        best = int(p.argmax())
        ok = bool(row["y"][best])
        (kept if row["null"] else top).append(ok)
        if row["items"][best] is not None:
            raw.append(float(p[best]))
            right.append(ok)
    print(f"{name}: {len(data)} texts, item right {np.mean(top):.3f}, unlisted kept {np.mean(kept):.3f}", w.round(3).tolist())
    names = ("reader", "strong", "supporting", "fired", "unlisted", "hinted", "cover")
    return {key: round(float(value), 4) for key, value in zip(names, w, strict=True)} | {"curve": knots(raw, right)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--null-weight", type=float, default=3.0)
    parser.add_argument("--null-weight-long", type=float, default=1.0)
    parser.add_argument(
        "--shift-long", type=float, default=-2.2, help="added to the fitted offset of 'not on the list' for long texts"
    )
    parser.add_argument("--reclaimed", type=float, default=0.5)
    parser.add_argument("--review-below", type=float, default=0.7)
    parser.add_argument("--dry", action="store_true")
    args = parser.parse_args()
    pack, problems = read_pack(args.pack)
    if pack is None or any(p.severity == "error" for p in problems):
        raise SystemExit("\n".join(map(str, problems[:20])))
    router = Router(pack, reader=False)
    named = {path.resolve() for path in args.texts}
    texts = [case for path in args.texts for case in read_cases(path)]
    known = [c for path in case_files(pack) if path.resolve() not in named for c in read_cases(path)]
    chances = out_of_fold(router, texts, known)
    cap = Calibration().cap
    data = rows(router, texts, chances, cap)
    alone = [row for row in data if row["strong"]]
    clear = clearest(alone)
    print(f"rules alone from margin {clear[0]} and cover {clear[1]}: {clear[2]:.2f} of texts, right {clear[3]:.3f}")
    fitted = {
        name: fit([row for row in data if row["long"] is long], weight, name)
        for name, long, weight in (("short", False, args.null_weight), ("long", True, args.null_weight_long))
    }
    # Long texts of the rounds are read too silently against real messages (docs/evaluation.md).
    fitted["long"]["unlisted"] = round(fitted["long"]["unlisted"] + args.shift_long, 4)
    out = {
        **fitted,
        "cap": cap,
        "reclaimed": args.reclaimed,
        "review_below": args.review_below,
        "clear_margin": clear[0],
        "clear_cover": clear[1],
        "covers": covers(alone, clear[0]),
    }
    Calibration.model_validate_json(json.dumps(out))
    print(json.dumps(out))
    if not args.dry:
        (args.pack / "calibration.json").write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
