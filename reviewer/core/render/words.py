"""What the texts share: counts in words, marks, cuts at GitHub's limits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from reviewer.core.render.harmless import code_span, harmless_line
from reviewer.core.types import Placed, Severity, State

COMMENT_LIMIT = 65_536  # characters in a comment's or review's body
TEXT_LIMIT = 65_535  # characters in a check run's summary and text
TITLE_LIMIT = 255
ANNOTATION_LIMIT = 64_000  # bytes in an annotation's message

_MARK_START = "<!-- reviewer:"
FINDING_MARK = re.compile(rf"{_MARK_START}finding=([^\s>]+) -->")  # how what we said is found again
RUN_MARK = re.compile(rf"{_MARK_START}run=([^\s>]+) -->")
STATE_MARK = re.compile(rf"{_MARK_START}state=(fixed|open|dismissed):([^\s>]+) -->")  # what became of it, and by whom

DOT = {Severity.CRITICAL: "🔴", Severity.HIGH: "🟠", Severity.MEDIUM: "🟡", Severity.LOW: "⚪"}
LEVEL: dict[Severity, Literal["notice", "warning", "failure"]] = {
    Severity.CRITICAL: "failure",
    Severity.HIGH: "failure",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
}


def finding_mark(fingerprint: str) -> str:
    return f"{_MARK_START}finding={fingerprint} -->"


def run_mark(run: str) -> str:
    return f"{_MARK_START}run={run} -->"


def state_mark(state: State, by: str) -> str:
    """For our own reply in a finding's thread; `by` is a commit's SHA, or the login of who dismissed it."""
    return f"{_MARK_START}state={state}:{by} -->"


def holds_mark(text: str) -> bool:
    return _MARK_START in text


def unmarked(text: str) -> str:
    """Text in which nothing can pass for a mark of ours: code keeps what a stranger wrote."""
    return text.replace(_MARK_START, "<!-- reviewer :")


def tally(findings: Sequence[Placed]) -> str:
    """`2 high, 1 low`, the worst first."""
    counts = Counter(placed.finding.severity for placed in findings)
    return ", ".join(f"{counts[severity]:,} {severity.word}" for severity in sorted(counts, reverse=True))


def many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def were(count: int) -> str:
    return "was" if count == 1 else "were"


def headline(placed: Placed) -> str:
    finding = placed.finding
    category = harmless_line(finding.category) or "finding"
    return f"{DOT[finding.severity]} **{finding.severity.word}** · {category} — **{harmless_line(finding.title)}**"


HEADLINE = re.compile(r"^\S+ \*\*\w+\*\* · .*? — \*\*(.+)\*\*$", re.MULTILINE)  # reads the title back


def place_of(placed: Placed) -> str:
    if not placed.finding.path:
        return "the pull request"
    line = f":{placed.anchor.line}" if placed.anchor else ""
    return code_span(f"{placed.finding.path}{line}")


def folded(summary: str, parts: Sequence[str]) -> str:
    inside = "\n\n".join(part for part in parts if part)
    return f"<details><summary>{summary}</summary>\n\n{inside}\n\n</details>"


def within(text: str, limit: int, mark: str = "") -> str:
    """`text` within GitHub's limit, with `mark` whole at its end and none before it; a cut closes what it left open,
    and is said.
    """
    text = unmarked(text)
    tail = f"\n\n{mark}" if mark else ""
    if len(text) + len(tail) <= limit:
        return text + tail
    notice = "\n\n… cut: GitHub takes no longer text here."
    kept = text[: limit - len(tail) - len(notice) - 64]
    kept = kept.rpartition("\n")[0] or _without_half_a_span(kept)
    return kept + _closing(kept) + notice + tail


def _without_half_a_span(line: str) -> str:
    """A line that was cut, without the code span that the cut left open: its words would be live."""
    return line[: line.rindex("`")] if line.count("`") % 2 else line


def _closing(kept: str) -> str:
    """What ends the code block and the folded parts that a cut left open."""
    fence = ""
    for line in kept.split("\n"):
        run = line[: len(line) - len(line.lstrip("`"))]
        if fence and run == fence and line == run:
            fence = ""
        elif not fence and len(run) >= 3:
            fence = run
    unfolded = kept.count("<details>") - kept.count("</details>")
    return (f"\n{fence}" if fence else "") + "\n\n</details>" * unfolded
