"""Findings for the tests of what is decided and said about them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from test_harmless import texts

from reviewer.core.types import Anchor, Finding, Placed, Severity, Side

SEVERITIES = st.sampled_from(list(Severity))
NAMES = st.from_regex(r"\A[0-9a-f]{16}(-[2-9])?\Z")
LONG = st.tuples(texts, st.sampled_from([1, 1, 1, 30])).map(lambda pair: (pair[0] * pair[1])[:2_000])
PATHS = st.sampled_from(["a.py", "b/c d.py", "`@x`.py", "größe.txt", "x" * 400]) | st.text(min_size=1, max_size=30)
ANCHORS = st.builds(
    Anchor, path=PATHS, side=st.sampled_from(Side), line=st.integers(2, 10**6), start_line=st.just(1) | st.none()
)


def a_finding(**changes: Any) -> Finding:
    usual: dict[str, Any] = {
        "path": "shop.py",
        "line": 2,
        "end_line": None,
        "quote": "    subtotal = sum(items)",
        "severity": Severity.HIGH,
        "category": "logic",
        "confidence": 0.9,
        "title": "The sum is wrong",
        "body": "With an empty list it is None.\n\nThe caller adds it up.",
    }
    return Finding(**{**usual, **changes})


def placed(
    *,
    line: int | None = 2,
    start: int | None = None,
    side: Side = Side.RIGHT,
    more: dict[str, Any] | None = None,
    **changes: Any,
) -> Placed:
    """A finding on a line (None: without a place); `changes` are the finding's, `more` the place's."""
    made = a_finding(**changes, **({} if line is None else {"line": line}))
    anchor = None if line is None else Anchor(made.path, side, line, start)
    about: dict[str, Any] = {"code": made.quote, "fingerprint": f"{made.title}/{made.path}:{line}", **(more or {})}
    return Placed(made, anchor, **about)


@st.composite
def any_placed(draw: st.DrawFn) -> Placed:
    """Whatever a model may have said, within the lengths that the report's door lets in."""
    made = a_finding(
        path=draw(PATHS),
        severity=draw(SEVERITIES),
        category=draw(texts)[:40],
        confidence=draw(st.floats(0, 1)),
        title=draw(texts),
        body=draw(LONG),
        suggestion=draw(st.none() | LONG),
    )
    return Placed(
        made,
        draw(st.none() | ANCHORS),
        problem=draw(st.sampled_from(["", "quotes no line"])),
        fingerprint=draw(NAMES),
        confirmed=draw(st.sampled_from([None, True, False])),
        reason=draw(texts),
    )
