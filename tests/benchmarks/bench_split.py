"""Measures splitting and counting a diff against bare tiktoken on the same text, and what the chunks cost in tokens."""

from __future__ import annotations

import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import tiktoken

from reviewer.core import chunks
from reviewer.core.diff import decode, parse_diff
from reviewer.examine import CHUNK_BUDGET
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


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        measure(argument, decode(Path(argument).read_bytes()))
    if not sys.argv[1:]:
        measure("made up", _made_up())
