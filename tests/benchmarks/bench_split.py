"""Measures splitting and counting a diff against bare tiktoken on the same text, and what the chunks cost in tokens.

    uv run python tests/benchmarks/bench_split.py [DIFF … | --git DIR A...B …]

With --git the outlines of the changed files at head are read too, and what context costs is told.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import tiktoken

from reviewer.core import chunks
from reviewer.core.coverage import sort_out
from reviewer.core.diff import decode, parse_diff
from reviewer.core.symbols import calls, outline
from reviewer.core.types import Diff, Outline
from reviewer.plan import CHUNK_BUDGET
from reviewer.tokens import O200k

RUNS = 15


def _made_up() -> str:
    """A diff of 60 files and some 10,000 lines of made-up Python, for when none is given."""
    parts = []
    for number in range(60):
        body = "".join(
            f"-    value_{line} = compute(old_{line}, limit={line})\n"
            f"+    value_{line} = compute(items[{line}], limit={line * 3})  # was: old_{line}\n"
            f"     if value_{line} is None:\n         raise ValueError(f'no value for {line} in {{name!r}}')\n"
            for line in range(40)
        )
        path = f"src/package/module_{number}.py"
        parts.append(f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n")
        parts.append(f"@@ -1,120 +1,120 @@ def function_{number}(items):\n{body}")
    return "".join(parts)


def _both(first: Callable[[], object], second: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of each, run in turns so that a noisy neighbour meets both."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(RUNS):
        for work, taken in zip((first, second), times, strict=True):
            start = time.perf_counter()
            work()
            taken.append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])


def measure(name: str, text: str) -> None:
    tokens = O200k()
    diff = parse_diff(text)
    encoding: tiktoken.Encoding = tokens._built()  # the bare encoder is what we compare with
    bare, ours = _both(
        lambda: len(encoding.encode_ordinary(text)),
        lambda: chunks.split(diff, count=tokens.count, budget=CHUNK_BUDGET),
    )
    made = chunks.split(diff, count=tokens.count, budget=CHUNK_BUDGET)
    start = time.perf_counter()
    batches = chunks.pack(made, budget=4 * CHUNK_BUDGET)
    packing = time.perf_counter() - start
    tracemalloc.start()
    kept = chunks.split(diff, count=tokens.count, budget=CHUNK_BUDGET)
    memory = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    raw, sent = tokens.count(text), sum(chunk.tokens for chunk in kept)
    print(f"{name}: {len(text.splitlines())} lines, {len(made)} chunks, {len(batches)} batches")
    print(
        f"  encode_ordinary {bare * 1e3:.1f} ms, split {ours * 1e3:.1f} ms: {bare / ours:.2f} of its speed (goal 0.50)"
    )
    print(f"  pack {packing * 1e3:.2f} ms; split's peak {memory:.1f} MB")
    print(f"  tokens: diff {raw}, chunks {sent}: {sent / raw:.3f}")


def git(folder: str, *arguments: str) -> str:
    return decode(subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True).stdout)


def outlined(diff: Diff, folder: str, head: str) -> dict[str, Outline]:
    """The outlines at head, and how fast they were read."""
    present = [file.path for file in diff.files if file.status != "removed" and not file.binary and not file.submodule]
    texts = {path: git(folder, "show", f"{head}:{path}") for path in present}
    start = time.perf_counter()
    found = {path: made for path, text in texts.items() if (made := outline(path, text))}
    taken = time.perf_counter() - start
    read = sum(len(texts[path]) for path in found) / 1e6
    print(f"  outlines of {len(found)} files, {read:.2f} MB: {taken * 1e3:.1f} ms, {read / taken:.1f} MB/s")
    return found


def context(name: str, text: str, folder: str, head: str) -> None:
    """What heads and signatures cost beside the rows, over the tokens of the raw diff; ignored files left out."""
    count = O200k().count
    diff, _ = sort_out(parse_diff(text), ())
    print(f"{name}: {len(diff.files)} files to review")
    outlines = outlined(diff, folder, head)
    plain, heads, whole = (
        sum(chunk.tokens for chunk in chunks.split(diff, count=count, budget=CHUNK_BUDGET, **more))
        for more in ({}, {"outlines": outlines}, {"outlines": outlines, "calls": calls})
    )
    raw = count(text)
    bare, full = _both(
        lambda: chunks.split(diff, count=count, budget=CHUNK_BUDGET),
        lambda: chunks.split(diff, count=count, budget=CHUNK_BUDGET, outlines=outlines, calls=calls),
    )
    print(f"  tokens: raw diff {raw}, chunks {plain}, heads {heads - plain:+}, signatures {whole - heads:+}")
    print(f"  context over raw {(whole - plain) / raw:.3f}, over chunks {(whole - plain) / plain:.3f}")
    print(f"  split {bare * 1e3:.1f} ms, with context {full * 1e3:.1f} ms")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--git"]:
        for range_ in sys.argv[3:]:
            changes = git(sys.argv[2], "diff", "-M", range_)
            measure(range_, changes)
            context(range_, changes, sys.argv[2], range_.split("...")[1])
        sys.exit()
    for argument in sys.argv[1:]:
        measure(argument, decode(Path(argument).read_bytes()))
    if not sys.argv[1:]:
        measure("made up", _made_up())
