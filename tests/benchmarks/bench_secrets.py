"""Measures cutting secrets out of diffs: lines a second, the share of altered lines, the program's start and memory."""

from __future__ import annotations

import asyncio
import resource
import statistics
import sys
import time
import tracemalloc
from pathlib import Path

from reviewer.core.diff import decode, parse_diff
from reviewer.core.redaction import redact_diff, texts_of
from reviewer.core.types import Diff, Secret
from reviewer.redacting import secrets_in
from reviewer.secrets import RuleSet

RUNS = 5
SHOWN = 20  # altered lines
LARGE = 200_000  # lines of the made-up diff


def _made_up(lines: int) -> str:
    """One diff of made-up Python with 300 tokens, in files of 1,000 lines."""
    parts = []
    for number in range(lines // 1_000):
        body = [
            f"+    value_{line} = compute(items[{line}], limit={line * 3})  # was: old_{line}" for line in range(1_000)
        ]
        body[7] = f"+    client = connect('ghp_{number:04d}Kq2mZp4Lr6Tv9Wc1Yb3Nd5Hf7Jg0Sa2Q')"
        body[70] = f'+    password = "tr0ub4dor-{number}"'
        parts.append(
            f"diff --git a/f{number}.py b/f{number}.py\nnew file mode 100644\n--- /dev/null\n+++ b/f{number}.py\n"
        )
        parts.append("@@ -0,0 +1,1000 @@\n" + "\n".join(body) + "\n")
    return "".join(parts)


def _lines(diff: Diff) -> list[tuple[str, tuple[str, ...]]]:
    return [(line.text, line.secrets) for file in diff.files for hunk in file.hunks for line in hunk.lines]


async def measure(name: str, text: str, rules: RuleSet) -> None:
    diff = parse_diff(text)
    start = time.perf_counter()
    found = await rules.find(texts_of(diff))
    searching = time.perf_counter() - start
    values = [secret for each in found for secret in each]
    start = time.perf_counter()
    redact_diff(diff, values)
    cutting = time.perf_counter() - start
    start = time.perf_counter()
    lines = _lines(redact_diff(diff, await secrets_in(texts_of(diff), rules)))
    both = time.perf_counter() - start
    altered = [line for line in lines if line[1]]
    share = len(altered) / max(1, len(lines))
    print(f"{name}: {len(lines)} lines, {len(lines) / both:,.0f} a second; {len(altered)} altered ({share:.3%})")
    print(f"  {searching:.2f} s to search, {cutting:.2f} s to cut {len(values)} values out")
    for line, kinds in altered[:SHOWN] if len(sys.argv) > 1 else []:
        print(f"  {', '.join(kinds)}: {line.strip()[:100]}")


async def sizes(rules: RuleSet) -> None:
    for size in (1_000, 500_000, 10_000_000):
        text = (_made_up(LARGE)[: size - 1] + "\n").replace("ghp_", "xyz_")
        taken = []
        for _ in range(RUNS):
            start = time.perf_counter()
            await rules.find([text])
            taken.append(time.perf_counter() - start)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"{size:,} characters: {statistics.median(taken):.2f} s; the program's peak so far {peak:.0f} MB")


async def main(texts: dict[str, str]) -> None:
    rules = RuleSet()
    start = time.perf_counter()
    await rules.warm()
    print(f"warm: {time.perf_counter() - start:.2f} s")
    await sizes(rules)
    for name, text in texts.items():
        await measure(name, text, rules)
    if not texts:
        await measure("made up", _made_up(LARGE), rules)
        diff = parse_diff(_made_up(LARGE))
        tracemalloc.start()
        redact_diff(diff, [Secret("a-token", f"{number:04d}Kq2mZp4Lr6Tv9Wc1Yb3") for number in range(300)])
        print(f"  peak of cutting: {tracemalloc.get_traced_memory()[1] / 1e6:.0f} MB")


if __name__ == "__main__":
    asyncio.run(main({name: decode(Path(name).read_bytes()) for name in sys.argv[1:]}))
