"""Measures the structural tier of the answer cache: wrong hits on mutants, hits on copies, and its time.

    uv run python tests/benchmarks/bench_forms.py [--short] [--git DIR …] [--hunks N]

Hunks are those of real commits of the repositories, by language, or small ones of its own. Each is mutated by one token
(an equal form is a wrong hit) and copied in another format, with other comments and to another place. Python is
formatted by `ruff format` in whole files for other line lengths; a copy is the diff of the same statements. What
`git diff` shows of those files anew is told too: its three lines of context may be others then.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from mutants import COPIES, Hunk, mutants, numbered
from ruffed import again, pairs_of
from samples import SAMPLES

from reviewer.core.diff import decode, parse_diff
from reviewer.core.structure import form

LANGUAGES = {
    ".py": "python",
    ".js": "javascript",
    ".mjs": "javascript",
    ".ts": "typescript",
    ".go": "go",
    ".java": "java",
    ".rb": "ruby",
    ".rs": "rust",
    ".c": "c",
    ".h": "c",
    ".cc": "c",
    ".cpp": "c",
}
MUTANTS = 8  # of a hunk
FEWEST = 4  # lines of a hunk: those of made-up diffs (`-1`, `+2`) are no code


def git(folder: str, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True).stdout


def hunks_of(folder: str, most: int) -> list[Hunk]:
    """Hunks of the newest commits of a repository."""
    found: list[Hunk] = []
    for commit in git(folder, "log", "--no-merges", "--format=%H", "-n", "1500").decode().split():
        if len(found) >= most:
            break
        text = git(folder, "show", "--format=", "--no-color", "-M", commit, "--", *[f"*{each}" for each in LANGUAGES])
        if len(text) < 100_000:
            found += hunks_in(text)
    return found[:most]


def hunks_in(text: bytes) -> list[Hunk]:
    return [
        Hunk(file.path, LANGUAGES[Path(file.path).suffix], hunk.lines)
        for file in parse_diff(decode(text)).files
        for hunk in file.hunks
        if Path(file.path).suffix in LANGUAGES and FEWEST <= len(hunk.lines) < 300
    ]


def own_hunks() -> list[Hunk]:
    """Those of the samples: each line changed once."""
    found = []
    for path, text in SAMPLES.items():
        rows = text.strip("\n").split("\n")
        for at in range(2, len(rows), 4):
            shown = (
                [(" ", row) for row in rows[at - 2 : at]]
                + [("+", rows[at])]
                + [(" ", r) for r in rows[at + 1 : at + 5]]
            )
            found.append(Hunk(path, LANGUAGES[Path(path).suffix], numbered(shown)))
    return found


def measure(hunks: Iterable[Hunk], *, told: int) -> bool:
    """Print a row for each language; whether the goals are met."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    kinds: Counter[str] = Counter()
    chance = random.Random(5)
    for hunk in hunks:
        count, own = counts[hunk.language], form(hunk.path, hunk.lines)
        if own is None:
            count["none"] += 1
            continue
        count["hunks"] += 1
        for name, mutant in mutants(hunk, chance, MUTANTS):
            made = form(mutant.path, mutant.lines)
            count["mutants"] += 1
            kinds[name] += 1
            if made is not None and made.digest == own.digest:
                count["wrong"] += 1
                show(f"WRONG HIT ({name})", hunk, mutant, told)
        for name, copied in COPIES.items():
            copy = copied(hunk, chance)
            if copy is not None:
                made = form(copy.path, copy.lines)
                count[name] += 1
                hit = made is not None and made.digest == own.digest
                count[f"{name} hit"] += hit
                if not hit and name != "moved":
                    show(f"MISS ({name}, {hunk.language})", hunk, copy, told)
    print(f"{'language':12} {'hunks':>6} {'mutants':>8} {'wrong':>6} {'format':>14} {'comments':>14} {'moved':>14}")
    for language, count in sorted(counts.items()):
        cells = [f"{percent(count[f'{name} hit'], count[name]):>6} of {count[name]:4}" for name in COPIES]
        print(
            f"{language:12} {count['hunks']:6} {count['mutants']:8} {count['wrong']:6} {' '.join(f'{c:>14}' for c in cells)}"
        )
    total = sum(counts.values(), Counter())
    print(f"{total['mutants']} mutants of {len(kinds)} kinds in {len(counts)} languages, wrong hits: {total['wrong']}")
    enough = ((c[f"{name} hit"], c[name]) for c in counts.values() for name in COPIES if c[name] >= 20)
    good = all(20 * hits >= 19 * of for hits, of in enough)  # of fewer copies a share says nothing
    return not total["wrong"] and good


_shown = [0]


def show(title: str, one: Hunk, other: Hunk, told: int) -> None:
    if _shown[0] < told:
        _shown[0] += 1
        print(f"--- {title} {one.path}")
        for hunk in (one, other):
            print("\n".join(f"    {line.kind}{line.text}" for line in hunk.lines), end="\n    =====\n")


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def formatted(folders: Sequence[str], most: int, told: int) -> bool:
    """Python by its formatter."""
    hits = tried = 0
    anew: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as place:
        files = [pair for folder in folders for pair in pairs_of(folder, most)]
        for path, one, copy in again(files, Path(place), anew):
            own, made = form(path, one), form(path, copy)
            hit = own is not None and made is not None and own.digest == made.digest
            tried, hits = tried + 1, hits + hit
            if not hit:
                show("MISS (ruff)", Hunk(path, "python", one), Hunk(path, "python", copy), told)
    print(f"python by ruff format: {percent(hits, tried)} of {tried} copies of the same statements; ", end="")
    print(f"{percent(anew['hits'], anew['all'])} of {anew['all']} hunks when git cuts the context anew")
    return 100 * hits >= 99 * tried


def timed(hunks: Sequence[Hunk]) -> None:
    some = hunks[:200]
    begun = time.perf_counter()
    none = sum(form(hunk.path, hunk.lines) is None for hunk in some)
    took = time.perf_counter() - begun
    rows = sum(len(hunk.lines) for hunk in some)
    print(f"{len(some)} hunks ({rows} lines) in {took * 1000:.0f} ms, {none} without a form")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--git", action="append", default=[], help="a repository; several times")
    parser.add_argument("--hunks", type=int, default=400, help="of a repository")
    parser.add_argument("--short", action="store_true", help="a few seconds")
    parser.add_argument("--show", type=int, default=0, help="so many misses and wrong hits are printed")
    options = parser.parse_args()
    hunks = own_hunks() + [hunk for file in Path("fixtures").rglob("*.diff") for hunk in hunks_in(file.read_bytes())]
    for folder in options.git:
        hunks += hunks_of(folder, 60 if options.short else options.hunks)
    random.Random(1).shuffle(hunks)
    timed(hunks)
    good = measure(hunks, told=options.show)
    if options.git:
        good = formatted(options.git, 10 if options.short else 60, options.show) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
