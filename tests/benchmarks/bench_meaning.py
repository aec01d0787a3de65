"""Calibrates the likeness of findings on labelled pairs, tries it on our own scenes, and times a scan of 5,000 texts.

    uv run python tests/benchmarks/bench_meaning.py PAIRS.json

PAIRS.json holds `{"pairs": [{"pull": …, "a": text, "b": text, "same": bool}, …]}`. The pairs are split by pull request
into five folds by the pull request's hash; weights and bar are chosen on four of them and tried on the fifth. Without
PAIRS.json only the scenes and the scan are run.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from scenes import FOLDER, cases

from reviewer.core.meaning import (
    LEXICAL,
    LEXICAL_MEANING,
    SAME_TEXT,
    Bars,
    Shelf,
    likeness,
    same_issue,
    two_things,
    vector,
)
from reviewer.core.meaning.vectors import WEIGHTS, Weights

FOLDS = 5
GRID = [Weights(part, name) for part, name in itertools.product((0.4, 0.5, 0.6, 0.8, 1.0), (0.0, 0.5, 0.8, 1.0))]
CURVE = (0.15, 0.20, 0.25, 0.30, 0.35, 0.40, 0.45, 0.50, 0.60, 0.70, 0.80)
STORED = 5_000


class Pair(NamedTuple):
    fold: int
    a: str
    b: str
    same: bool


class Scored(NamedTuple):
    like: float
    same: bool
    fold: int


class Rates(NamedTuple):
    precision: float
    recall: float
    f1: float


def read(path: Path) -> list[Pair]:
    folds = {}
    pairs = json.loads(path.read_text(encoding="utf-8"))["pairs"]
    for pair in pairs:
        digest = hashlib.sha256(pair["pull"].encode()).hexdigest()
        folds[pair["pull"]] = int(digest, 16) % FOLDS
    return [Pair(folds[pair["pull"]], pair["a"], pair["b"], pair["same"]) for pair in pairs]


def scored(pairs: Sequence[Pair], weights: Weights) -> list[Scored]:
    vectors = {text: vector(text, weights) for pair in pairs for text in (pair.a, pair.b)}
    return [Scored(likeness(vectors[pair.a], vectors[pair.b]), pair.same, pair.fold) for pair in pairs]


def rates(said: Iterable[bool], same: Iterable[bool]) -> Rates:
    counts = Counter(zip(said, same, strict=True))
    right, wrong, missed = counts[True, True], counts[True, False], counts[False, True]
    precision = right / (right + wrong) if right + wrong else 1.0
    recall = right / (right + missed) if right + missed else 1.0
    return Rates(precision, recall, 2 * right / (2 * right + wrong + missed) if right else 0.0)


def at(rows: Sequence[Scored], bar: float) -> Rates:
    return rates((row.like >= bar for row in rows), (row.same for row in rows))


def best_bar(rows: Sequence[Scored]) -> tuple[float, float]:
    """(F1, bar), of bars in steps of a hundredth."""
    return max((at(rows, step / 100).f1, step / 100) for step in range(5, 90))


def auc(rows: Sequence[Scored]) -> float:
    """How often a pair of the same issue is more alike than a pair of two."""
    ranked = sorted(rows)
    ranks = [place for place, row in enumerate(ranked, 1) if row.same]
    return (sum(ranks) - len(ranks) * (len(ranks) + 1) / 2) / (len(ranks) * (len(rows) - len(ranks)))


def calibrate(pairs: Sequence[Pair]) -> None:
    tried = {weights: scored(pairs, weights) for weights in GRID}
    said, same = [], []
    print("| fold | pairs | chosen on the others | precision | recall | F1 |\n|---|---|---|---|---|---|")
    for fold in range(FOLDS):
        learned = {weights: [row for row in rows if row.fold != fold] for weights, rows in tried.items()}
        (_, bar), weights = max(
            ((best_bar(rows), weights) for weights, rows in learned.items()), key=lambda pick: pick[0]
        )
        held = [row for row in tried[weights] if row.fold == fold]
        said += [row.like >= bar for row in held]
        same += [row.same for row in held]
        told = at(held, bar)
        print(f"| {fold} | {len(held)} | part {weights.part}, name {weights.name}, bar {bar:.2f} | {_percent(told)} |")
    print(f"| held out, all | {len(same)} | | {_percent(rates(said, same))} |\n")
    rows = scored(pairs, WEIGHTS)
    plain = scored(pairs, Weights(1.0, 0.0))
    print(
        f"As it ships (part {WEIGHTS.part}, name {WEIGHTS.name}): AUC {auc(rows):.3f}; every word alike: {auc(plain):.3f}\n"
    )
    print("| bar | precision | recall | F1 |\n|---|---|---|---|")
    for bar in CURVE:
        mark = " (chosen)" if bar == SAME_TEXT else ""
        print(f"| {bar:.2f}{mark} | {_percent(at(rows, bar))} |")


def scenes() -> None:
    tally: Counter[tuple[str, bool, bool]] = Counter()
    for case in cases():
        tally[case.kind, case.same, same_issue(case.first, case.second)] += 1
    print("\n| cases of our own | same | number | right |\n|---|---|---|---|")
    for kind, same in sorted({key[:2] for key in tally}, key=lambda key: (not key[1], key[0])):
        number = tally[kind, same, True] + tally[kind, same, False]
        print(f"| {kind} | {'yes' if same else 'no'} | {number} | {tally[kind, same, same]} |")


def by_name_first() -> None:
    """As the line does it: findings of one line and category have one name, and are one unless clearly two."""
    told: Counter[tuple[str, bool]] = Counter()
    for case in cases():
        first, second = case.first, case.second
        one_context = first.context == second.context or (first.alone and second.alone)
        one_line = first.path == second.path and first.spot == second.spot and one_context
        known = (one_line and not two_things(second, first)) or same_issue(first, second)
        told[case.kind, known] += 1
    print("\n| with the fingerprint first | known | of |\n|---|---|---|")
    for kind in dict.fromkeys(kind for kind, _ in told):
        print(f"| {kind} | {told[kind, True]} | {told[kind, True] + told[kind, False]} |")


def bars() -> None:
    """What another bar for the same line and category would cost and bring."""
    here = [case for case in cases() if case.kind in {"reworded", "near"}]
    print("\n| bar for one line | rewordings known | another issue taken for it |\n|---|---|---|")
    for line in (0.05, 0.10, 0.15, 0.20, 0.25, 0.31, 0.40):
        told = Counter(
            (case.same, same_issue(case.first, case.second, meaning=replace(LEXICAL_MEANING, bars=Bars(line=line))))
            for case in here
        )
        mark = " (chosen)" if line == LEXICAL.line else ""
        known, lost = told[True, True], told[True, False]
        print(
            f"| {line:.2f}{mark} | {known} of {known + lost} | {told[False, True]} of {told[False, True] + told[False, False]} |"
        )


def scan(found: Sequence[str]) -> None:
    """Texts of findings, each with another's beginning and a name of its own: as many as a repository may have kept."""
    texts = [f"{text} {found[place * 7 % len(found)][:80]}" for place, text in enumerate(found)]
    kept = [vector(f"{texts[number % len(texts)]} `value_{number}`") for number in range(STORED)]
    start = time.perf_counter()
    shelf = Shelf(kept)
    made = time.perf_counter() - start
    times = []
    for asked in map(vector, texts):
        start = time.perf_counter()
        shelf.like(asked, least=SAME_TEXT)
        times.append(time.perf_counter() - start)
    print(
        f"\nOne text against {STORED} kept: median {statistics.median(times) * 1e3:.1f} ms, "
        f"95 of 100 under {statistics.quantiles(times, n=20)[-1] * 1e3:.1f} ms; making the shelf, once: "
        f"{made * 1e3:.0f} ms; {statistics.mean(map(len, kept)):.0f} bytes a text"
    )


def our_texts() -> list[str]:
    files = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.json"))]
    issues = [issue for file in files for scene in file for issue in scene["issues"].values()]
    return ["\n".join(said[:2]) for issue in issues for said in issue["said"]]


def _percent(told: Rates) -> str:
    return f"{told.precision:.3f} | {told.recall:.3f} | {told.f1:.3f}"


if __name__ == "__main__":
    labelled = read(Path(sys.argv[1])) if len(sys.argv) > 1 else []
    if labelled:
        calibrate(labelled)
    scenes()
    by_name_first()
    bars()
    scan(sorted({text for pair in labelled for text in (pair.a, pair.b)}) or our_texts())
