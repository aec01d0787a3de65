"""Keeps what the model said about a chunk so that it still points at the right lines when the chunk has moved.

A kept finding names its row in the chunk, not its line in the file. What is recalled stands on the row that reads like
the finding's quote, so let every answer pass through `keep` and `recall`, the fresh one too: then a review from the
cache says exactly what the first one said. Paths are compared to the letter: let them be the diff's own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from reviewer.core.types import Batch, Chunk, Finding, Severity

VERSION = 1

TEXTS = ("path", "quote", "category", "title", "body", "source")
_NONE = type(None)
_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys((*TEXTS, "severity"), (str,)),
    "line": (int,),
    "end_line": (int, _NONE),
    "confidence": (int, float),
    "suggestion": (str, _NONE),
}
_SEVERITIES = {severity.word for severity in Severity}


def keep(chunk: Chunk, findings: Sequence[Finding]) -> str:
    """The answer for `chunk` as JSON; a finding that stands on none of its rows keeps its line, with `row` null."""
    return json.dumps({"version": VERSION, "findings": [_kept(chunk, finding) for finding in findings]})


def recall(chunk: Chunk, text: str) -> tuple[Finding, ...]:
    """What `keep` kept, with the line numbers of `chunk` as it stands now. Raises ValueError for anything else."""
    return tuple(_recalled(chunk, entry) for entry in entries(text))


def entries(text: str) -> list[object]:
    """The findings of a kept answer, not looked at yet."""
    try:
        answer = json.loads(text)
    except RecursionError as error:
        raise ValueError("a kept answer is nested too deeply: ask the model again") from error
    if not isinstance(answer, dict) or answer.get("version") != VERSION or not isinstance(answer.get("findings"), list):
        raise ValueError(f"not a kept answer of version {VERSION}: ask the model again")
    return list(answer["findings"])


def share(batch: Batch, findings: Sequence[Finding]) -> dict[str, tuple[Finding, ...]]:
    """The findings of one answer by chunk key; a chunk without findings has an empty tuple.

    A finding goes to the chunk of its file that shows its line or its quote, else to the first chunk of its file, else
    to the first chunk of the batch.
    """
    shares: dict[str, list[Finding]] = {chunk.key: [] for chunk in batch.chunks}
    for finding in findings if batch.chunks else ():
        shares[min(batch.chunks, key=lambda chunk: _distance(chunk, finding)).key].append(finding)
    return {key: tuple(found) for key, found in shares.items()}


def _kept(chunk: Chunk, finding: Finding) -> dict[str, Any]:
    row = row_of(chunk, finding)
    end = None
    if row is not None and finding.end_line is not None:
        end = end_row_of(chunk, row, span=finding.end_line - finding.line)
    return {
        "row": row,
        "end_row": end,
        "line": finding.line,
        "end_line": finding.end_line,
        "severity": finding.severity.word,
        "confidence": finding.confidence,
        "suggestion": finding.suggestion,
        **{name: getattr(finding, name) for name in TEXTS},
    }


def _recalled(chunk: Chunk, entry: object) -> Finding:
    fields = checked(entry)
    row, end_row = _index(chunk, fields.get("row")), _index(chunk, fields.get("end_row"))
    line, end_line = fields["line"], fields["end_line"]
    if row is not None:
        moved = chunk.lines[row].number - line
        line += moved
        end_line = None if end_line is None else end_line + moved
    if end_row is not None:
        end_line = chunk.lines[end_row].number
    return Finding(
        line=line,
        end_line=end_line,
        severity=Severity.parse(fields["severity"]),
        confidence=fields["confidence"],
        suggestion=fields["suggestion"],
        **{name: fields[name] for name in TEXTS},
    )


def checked(entry: object) -> dict[str, Any]:
    fields = entry if isinstance(entry, dict) else {}
    bad = [name for name, kinds in _KINDS.items() if type(fields.get(name, ...)) not in kinds]
    if bad:
        raise ValueError(f"a kept finding has no good {bad[0]!r}: ask the model again")
    if fields["severity"] not in _SEVERITIES:
        raise ValueError(f"a kept finding has the severity {fields['severity']!r}: ask the model again")
    return fields


def _index(chunk: Chunk, row: object) -> int | None:
    if row is None:
        return None
    if not isinstance(row, int) or isinstance(row, bool) or not 0 <= row < len(chunk.lines):
        raise ValueError(f"a kept finding is on row {row!r}, which its chunk does not have: ask the model again")
    return row


def row_of(chunk: Chunk, finding: Finding) -> int | None:
    """The row that a finding is about: the quoted one nearest to its line, else the one that has its number."""
    if finding.path != chunk.path:
        return None
    quote = _first_line(finding.quote)
    lines = chunk.lines
    quoted = [at for at, line in enumerate(lines) if quote and line.text.strip() == quote]
    if quoted:
        return min(quoted, key=lambda at: (abs(lines[at].number - finding.line), lines[at].new is None))
    numbered = [at for at, line in enumerate(lines) if line.number == finding.line]
    return min(numbered, key=lambda at: lines[at].new is None, default=None)  # as anchors: the new file first


def end_row_of(chunk: Chunk, row: int, *, span: int) -> int | None:
    """The row `span` lines on from `row`, in the same version of the file."""
    side, number = chunk.lines[row].side, chunk.lines[row].number + span
    return next((at for at, line in enumerate(chunk.lines) if line.side is side and line.number == number), None)


def _distance(chunk: Chunk, finding: Finding) -> tuple[int, int]:
    """How far a finding is from being about `chunk`; smaller is nearer, and the first chunk wins a tie."""
    if finding.path != chunk.path:
        return 3, 0
    row = row_of(chunk, finding)
    if row is None:
        return 2, 0
    line = chunk.lines[row]
    away = abs(line.number - finding.line)
    return (0, away) if line.text.strip() == _first_line(finding.quote) else (1, away)


def _first_line(quote: str) -> str:
    return next((line.strip() for line in quote.split("\n") if line.strip()), "")
