"""How right zhuban is beside what a user would have without it, on the same texts.

    python -m bench.accuracy TEXTS.jsonl … [--not-learned-from GLOB]

Peers: BM25 and character TF-IDF over the official wording; a linear classifier
over character n-grams trained on the same cases and wording as the second
reader. Each peer that can stay silent is also shown at zhuban's own silence:
with the threshold that leaves as many unlisted texts unlisted.

The texts named are taken out of what the reader and the classifier learn from,
so that a round can be measured as if it were new.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import bm25s
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from engine import Router, load_pack
from engine.cases import Case, read_cases
from engine.evaluate import evaluate, score
from engine.normalise import normalise
from engine.reader import UNLISTED, Reader, case_files
from engine.training import official_texts, train

Ranking = tuple[list[str], float]  # items, best first; how sure


def figures(name: str, cases: Sequence[Case], answers: Sequence[Ranking], spent: float, silence: float | None) -> str:
    """One row; with `silence` the threshold keeps that share of the unlisted texts."""
    threshold = -np.inf
    if silence is not None:
        nulls = [sure for case, (_, sure) in zip(cases, answers, strict=True) if case.item is None]
        threshold = float(np.quantile(nulls, silence)) if nulls else -np.inf
    top1, top3, verdict, kept, false_reclaimed = [], [], [], [], []
    for case, (order, sure) in zip(cases, answers, strict=True):
        said = order if sure > threshold else []
        wanted = {case.item, *case.accept} - {None}
        if not any(str(item).startswith("R") for item in wanted):
            false_reclaimed.append(bool(said) and said[0].startswith("R"))
        if case.item is None:
            kept.append(not said or said[0] in wanted)
            continue
        top1.append(bool(said) and said[0] in wanted)
        top3.append(bool(wanted & set(order[:3])) and bool(said))
        verdict.append(bool(said) and said[0][0] in {str(item)[0] for item in wanted})
    mean = [f"{np.mean(x):.3f}" if x else "—" for x in (verdict, top1, top3, kept, false_reclaimed)]
    return f"{name:44}" + "".join(f"{m:>9}" for m in mean) + f"{spent / len(cases) * 1e6:10.0f}"


def ask(call: Callable[[str], Ranking], cases: Sequence[Case]) -> tuple[list[Ranking], float]:
    """Answers to all cases and the seconds it took."""
    start = time.perf_counter()
    answers = [call(normalise(case.text).text) for case in cases]
    return answers, time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", nargs="*", type=Path)
    args = parser.parse_args()
    pack = load_pack()
    files = case_files(pack)
    texts = args.texts or [path for path in files if path.name.startswith("r2_")]
    named = {path.resolve() for path in texts}
    cases = [case for path in texts for case in read_cases(path)]
    learned = [case for path in files if path.resolve() not in named for case in read_cases(path)]
    pairs = official_texts(pack) + [(case.text, case.item or UNLISTED) for case in learned]
    router = Router(pack, reader=False)
    print(f"{len(cases)} texts measured, {len(learned)} cases and {len(pairs) - len(learned)} official sentences learned from")
    print(f"{'':44}" + "".join(f"{h:>9}" for h in ("verdict", "top-1", "top-3", "kept", "false R")) + f"{'µs/text':>10}")

    def show(route: Router, name: str) -> float | None:
        start = time.perf_counter()
        scores = score(evaluate(route, cases), groups=False)
        spent = time.perf_counter() - start
        shares = (scores.verdict, scores.top1, scores.top3, scores.kept, scores.false_reclaimed)
        row = "".join(f"{'—' if s is None else f'{s:.3f}':>9}" for s in shares)
        print(f"{name:44}{row}{spent / len(cases) * 1e6:10.0f}", flush=True)
        return scores.kept

    silence = show(Router(pack, reader=Reader(*train(pack, pairs), router.index.names)), "zhuban")
    show(router, "zhuban, rules alone")

    documents = [
        (row.id, " ".join((row.name, *(d.text for d in row.duties), *row.town_duties, row.takeover))) for row in pack.official
    ]
    names = np.array([item for item, _ in documents])
    tokens = bm25s.tokenize([" ".join(normalise(text).text) for _, text in documents], token_pattern=r"\S", show_progress=False)
    bm25 = bm25s.BM25()
    bm25.index(tokens, show_progress=False)

    def by_bm25(text: str) -> Ranking:
        query = bm25s.tokenize([" ".join(text)], token_pattern=r"\S", show_progress=False)
        found, value = bm25.retrieve(query, k=10, show_progress=False)
        return [names[i] for i in found[0]], float(value[0][0])

    vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    matrix = vectors.fit_transform([normalise(text).text for _, text in documents])

    def by_tfidf(text: str) -> Ranking:
        near = (matrix @ vectors.transform([text]).T).toarray().ravel()
        order = np.argsort(-near)[:10]
        return [names[i] for i in order], float(near[order[0]])

    grams = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    model = LinearSVC(C=1.0, random_state=0)
    model.fit(grams.fit_transform([normalise(text).text for text, _ in pairs]), [label for _, label in pairs])
    listed = np.array([label != UNLISTED for label in model.classes_])

    def by_classifier(text: str) -> Ranking:
        values = model.decision_function(grams.transform([text]))[0]
        order = np.argsort(-values[listed])[:10]
        best = values[listed][order[0]]
        return [model.classes_[listed][i] for i in order], float(best - values[~listed].max(initial=-9.0))

    for name, call in (("BM25 over the official wording", by_bm25), ("character TF-IDF over the official wording", by_tfidf)):
        answers, spent = ask(call, cases)
        print(figures(name, cases, answers, spent, None), flush=True)
        print(figures("  at zhuban's silence", cases, answers, spent, silence), flush=True)
    answers, spent = ask(by_classifier, cases)
    print(figures("trained character classifier, never silent", cases, answers, spent, None), flush=True)
    print(figures("  at zhuban's silence", cases, answers, spent, silence), flush=True)


if __name__ == "__main__":
    main()
