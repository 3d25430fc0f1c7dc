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
from engine.normalise import normalise
from engine.pack import read_pack
from engine.reader import UNLISTED, Reader, case_files
from engine.training import official_texts, train

FOLDS = 5


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
            chances[i] = reader.chances(router.index.scan(normalise(texts[i].text).text))
        print(f"fold {fold + 1}/{FOLDS}", flush=True)
    return chances


def rows(router: Router, cases: list[Case], chances: list[dict[str, float]], cap: float) -> list[dict[str, Any]]:
    """For each text the candidates' features and which of them are right."""
    found = []
    for case, chance in zip(cases, chances, strict=True):
        trace = router.trace(case.text)
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
                )
            )
        features.append((math.log(max(chance.get(UNLISTED, 0.0), 1e-9)), 0.0, 0.0, 1.0 if trace.hint else 0.0))
        correct = [item in right for item in items] + [case.item is None]
        margin = (trace.ranked[0].score - trace.ranked[1].score if len(trace.ranked) > 1 else trace.ranked[0].score) if trace.ranked else 0.0
        found.append(
            {
                "x": np.array(features),
                "y": np.array(correct),
                "items": [*items, None],
                "top": trace.ranked[0].item if trace.ranked else None,
                "strong": bool(trace.ranked and trace.ranked[0].strong),
                "margin": margin,
                "hint": trace.hint is not None,
                "id": case.id,
                "wanted": case.item,
                "right": right,
                "null": case.item is None,
            }
        )
    return found


def logits(row: dict[str, Any], w: np.ndarray) -> np.ndarray:
    """Same sum as `Calibration.logits`."""
    x = row["x"]
    base = np.maximum(w[0] * x[:, 0], np.where(x[:, 3] > 0, -7.0, -99.0))
    z = base + w[1] * x[:, 1] + w[2] * x[:, 2] + w[3] * x[:, 3]
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--null-weight", type=float, default=3.0)
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
    start = np.array([1.0, 0.3, 0.2, 0.0, 0.0, 1.0])
    fitted = minimize(loss, start, args=(data, args.null_weight), method="Nelder-Mead", options={"maxiter": 400, "fatol": 1e-5})
    w = fitted.x
    print("reader %.3f strong %.3f supporting %.3f fired %.3f unlisted %.3f hinted %.3f loss %.4f" % (*w, fitted.fun))
    raw, right, null_kept, top_right, clear_right = [], [], [], [], []
    for row in data:
        z = logits(row, w)
        p = np.exp(z - z.max())
        p /= p.sum()
        best = int(p.argmax())
        ok = bool(row["y"][best])
        if row["strong"]:
            clear_right.append((row["margin"], row["top"] in row["right"], row["null"]))
        if row["null"]:
            null_kept.append(ok)
        else:
            top_right.append(ok)
        if row["items"][best] is not None:
            raw.append(p[best])
            right.append(ok)
    print(f"top1 {np.mean(top_right):.3f}  kept {np.mean(null_kept) if null_kept else math.nan:.3f}  n {len(data)}")
    for low in (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0):
        some = [ok for m, ok, _ in clear_right if m >= low]
        nulls = [n for m, _, n in clear_right if m >= low]
        if some:
            print(f"rules alone, margin ≥ {low}: {len(some) / len(data):.2f} of texts, right {np.mean(some):.3f}, unlisted among them {sum(nulls)}")
    curve = IsotonicRegression(out_of_bounds="clip", y_min=0.02, y_max=0.99).fit(raw, right)
    knots = np.unique(np.quantile(raw, np.linspace(0, 1, 12)).round(4))
    points = [(0.0, float(curve.predict([knots[0]])[0]))] + [(float(k), float(curve.predict([k])[0])) for k in knots] + [(1.0, float(curve.predict([1.0])[0]))]
    smooth: list[tuple[float, float]] = []
    for x, y in points:
        if not smooth or x > smooth[-1][0]:
            smooth.append((x, round(max(y, smooth[-1][1] if smooth else 0.0), 4)))
    out = {
        "reader": round(float(w[0]), 4),
        "strong": round(float(w[1]), 4),
        "supporting": round(float(w[2]), 4),
        "fired": round(float(w[3]), 4),
        "unlisted": round(float(w[4]), 4),
        "hinted": round(float(w[5]), 4),
        "cap": cap,
        "review_below": 0.7,
        "curve": smooth,
    }
    print(json.dumps(out))
    if not args.dry:
        (args.pack / "calibration.json").write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
