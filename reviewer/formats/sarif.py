"""A local review as SARIF 2.1.0, the form that code scanning and editors read."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from reviewer import __version__
from reviewer.core.types import Fate, Placed, Severity
from reviewer.formats.result import LocalResult, hunk_record, in_order, left_out, new_lines

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
_NO_CATEGORY = "other"


def as_sarif(result: LocalResult) -> str:
    """One run; a rule for each category; what was not covered is a notification of the run."""
    findings = in_order(result)
    rules = sorted({_rule(placed) for placed in findings})
    run = {
        "tool": {
            "driver": {
                "name": "reviewer",
                "version": __version__,
                "rules": [{"id": rule, "shortDescription": {"text": f"Findings about {rule}"}} for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(result)],
        "results": [_result(placed, rules, blocking=placed.fingerprint in result.blocking) for placed in findings],
        "properties": {
            "conclusion": result.conclusion,
            "title": result.title,
            "model": result.model,
            "promptVersion": result.prompt_version,
            "hunks": [hunk_record(entry) for entry in result.coverage.entries],
        },
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, allow_nan=False)


def _invocation(result: LocalResult) -> dict[str, Any]:
    failed = [f"Not reviewed: {what}" for what in left_out(result.coverage, Fate.FAILED)]
    ignored = [f"Ignored: {what}" for what in left_out(result.coverage, Fate.IGNORED)]
    said = [("error", text) for text in (*result.problems, *failed)] + [("note", text) for text in ignored]
    return {
        "executionSuccessful": result.coverage.complete and not result.problems,
        "toolExecutionNotifications": [{"level": level, "message": {"text": text}} for level, text in said],
    }


def _rule(placed: Placed) -> str:
    return placed.finding.category.strip() or _NO_CATEGORY


def _result(placed: Placed, rules: list[str], *, blocking: bool) -> dict[str, Any]:
    finding = placed.finding
    text = f"{finding.title}\n\n{finding.body}".strip()
    record: dict[str, Any] = {
        "ruleId": _rule(placed),
        "ruleIndex": rules.index(_rule(placed)),
        "level": _LEVELS[finding.severity],
        "message": {"text": text or _rule(placed), "markdown": f"**{finding.title}**\n\n{finding.body}".strip()},
        "properties": {
            "severity": finding.severity.word,
            "confidence": finding.confidence,
            "blocking": blocking,
            "confirmed": placed.confirmed,
        },
    }
    if placed.anchor or finding.path:
        record["locations"] = [{"physicalLocation": _place(placed)}]
    if placed.fingerprint:
        record["partialFingerprints"] = {"reviewerFinding/v1": placed.fingerprint}
    if finding.suggestion is not None and new_lines(placed):
        record["fixes"] = [_fix(placed, finding.suggestion)]
    return record


def _place(placed: Placed) -> dict[str, Any]:
    """The file and, for what stands in the new file, the region: SARIF has no word for a line that is gone."""
    lines = new_lines(placed)
    region = {} if lines is None else {"region": {"startLine": lines[0], "endLine": lines[1]}}
    return {"artifactLocation": _artifact(placed), **region}


def _artifact(placed: Placed) -> dict[str, str]:
    path = placed.anchor.path if placed.anchor else placed.finding.path
    return {"uri": quote(path, errors="replace"), "uriBaseId": "%SRCROOT%"}


def _fix(placed: Placed, suggestion: str) -> dict[str, Any]:
    lines = new_lines(placed)
    assert lines is not None
    replacement = {
        "deletedRegion": {"startLine": lines[0], "endLine": lines[1]},
        "insertedContent": {"text": suggestion},
    }
    return {"artifactChanges": [{"artifactLocation": _artifact(placed), "replacements": [replacement]}]}
