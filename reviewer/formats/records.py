"""A local review as JSON, in a shape that stays: fields are added, never renamed or taken away within a version.

    {"version": 1,
     "verdict": {"conclusion": "success" | "failure" | "neutral" | "cancelled", "title": str},
     "findings": [{"path", "line", "start_line", "side", "severity", "category", "confidence", "title", "body",
                   "suggestion", "quote", "source", "fingerprint", "blocking", "confirmed", "reason", "problem"}],
     "coverage": {"complete": bool, "covered": int, "reviewable": int, "percent": float, "counts": {FATE: int},
                  "hunks": [{"path", "hunk", "new_start", "fate", "reason"}]},
     "usage": {"input", "cached", "output", "reasoning", "calls"},
     "cost_usd": "0.0123" | null, "model": str, "prompt_version": str, "problems": [str]}

`line` is the last line of the finding and `start_line` the first of a range, else null; `side` is RIGHT (they count in
the new file) or LEFT (in the old one). Where a finding has no place in the diff, all three are null and `problem` says
why. `confirmed` is null when nobody asked. `hunk` counts from 0, -1 stands for a file without hunks; `new_start` is the
number of its first line in the new file, else null. `percent` is of the hunks that are not ignored, rounded down.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from reviewer.core.types import Fate, Placed
from reviewer.formats.result import LocalResult, hunk_record, in_order, percent

VERSION = 1


def as_json(result: LocalResult) -> str:
    """The result as JSON in ASCII: escaped, so that a terminal obeys nothing in it, and whole."""
    coverage = result.coverage
    record = {
        "version": VERSION,
        "verdict": {"conclusion": result.conclusion, "title": result.title},
        "findings": [_finding(placed, blocking=placed.fingerprint in result.blocking) for placed in in_order(result)],
        "coverage": {
            "complete": coverage.complete,
            "covered": coverage.covered,
            "reviewable": coverage.reviewable,
            "percent": percent(coverage),
            "counts": {fate.value: coverage.count(fate) for fate in Fate},
            "hunks": [hunk_record(entry) for entry in coverage.entries],
        },
        "usage": asdict(result.usage),
        "cost_usd": None if result.cost is None else f"{result.cost:f}",
        "model": result.model,
        "prompt_version": result.prompt_version,
        "problems": list(result.problems),
    }
    return json.dumps(record, indent=2, allow_nan=False)


def _finding(placed: Placed, *, blocking: bool) -> dict[str, Any]:
    finding, anchor = placed.finding, placed.anchor
    return {
        "path": finding.path if anchor is None else anchor.path,
        "line": None if anchor is None else anchor.line,
        "start_line": None if anchor is None else anchor.start_line,
        "side": None if anchor is None else anchor.side.value,
        "severity": finding.severity.word,
        "category": finding.category,
        "confidence": finding.confidence,
        "title": finding.title,
        "body": finding.body,
        "suggestion": finding.suggestion,
        "quote": finding.quote,
        "source": finding.source,
        "fingerprint": placed.fingerprint,
        "blocking": blocking,
        "confirmed": placed.confirmed,
        "reason": placed.reason,
        "problem": placed.problem,
    }
