"""A local review's results for the tests of the output formats."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from reviewer.core.types import (
    Anchor,
    Coverage,
    Covered,
    Fate,
    Finding,
    HunkId,
    Placed,
    Severity,
    Side,
    Usage,
)
from reviewer.formats import LocalResult

BODY = """With `n` = 0 the loop never runs, because `<` leaves the last row out; the total is then too small by that row.

- every caller of `total` in the report module adds the rows up again, so the mistake shows twice
```
for row in rows: this line of code is longer than the page is wide and stays as it is, whole
```"""
FINDING = Finding(
    "src/sum.py", 12, None, "for i in range(n):", Severity.HIGH, "correctness", 0.9, "Last row lost", BODY
)
RANGE = Placed(
    replace(FINDING, suggestion="    for i in range(n + 1):\n        add(i)"),
    Anchor("src/sum.py", Side.RIGHT, 13, 12),
    "    for i in range(n):\n        add(i)",
    fingerprint="f-range",
    confirmed=True,
)
REMOVED = Placed(
    replace(FINDING, severity=Severity.LOW, category="contract", title="Check, gone: why?", body="100% of calls"),
    Anchor("src/sum.py", Side.LEFT, 9),
    "\tcheck(n)",
    fingerprint="f-removed",
)
UNPLACED = Placed(
    replace(FINDING, severity=Severity.MEDIUM, path="ä b.py", body="", title="Nowhere"),
    None,
    problem="The quote is on no line of the diff.",
    fingerprint="f-unplaced",
    confirmed=False,
)
COVERAGE = Coverage(
    (
        Covered(HunkId("src/sum.py", 0), Fate.REVIEWED, new_start=12),
        Covered(HunkId("src/sum.py", 1), Fate.CACHED, new_start=40),
        Covered(HunkId("ä b.py", 0), Fate.FAILED, "The model refused.", 1),
        Covered(HunkId("uv.lock", 0), Fate.IGNORED, "fits `**/*.lock`", 1),
        Covered(HunkId("logo.png", -1), Fate.IGNORED, "binary"),
    )
)
RESULT = LocalResult(
    placed=(REMOVED, UNPLACED, RANGE),
    coverage=COVERAGE,
    conclusion="failure",
    title="1 finding blocks: 1 high",
    blocking=frozenset({"f-range"}),
    usage=Usage(input=1000, cached=100, output=50, reasoning=20, calls=2),
    model="gpt-6.1-terra",
    prompt_version="review-1",
    cost=Decimal("0.01230"),
    problems=("One batch of 2 was refused.",),
)
CLEAN = LocalResult((), Coverage(COVERAGE.entries[:2]), "success", "No findings", model="gpt-6.1-terra")
HOSTILE = "\x1b[2J\x1b]0;title\x07\r\x9b31m\u202eevil\u2066\u2028\ud800\n::add-mask::x\n  ##[add-mask]y\n%0A::error::z"


def everywhere(words: str) -> LocalResult:
    """A result in which strangers' words stand wherever they can."""
    finding = replace(FINDING, path=words, title=words, body=words, category=words, quote=words, suggestion=words)
    return replace(
        RESULT,
        placed=(Placed(finding, None, problem=words), Placed(finding, Anchor(words, Side.RIGHT, 2), words)),
        coverage=Coverage(
            (Covered(HunkId(words, 0), Fate.FAILED, words), Covered(HunkId(words, 1), Fate.IGNORED, words))
        ),
        title=words,
        model=words,
        problems=(words,),
    )
