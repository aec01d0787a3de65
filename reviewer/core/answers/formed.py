"""Keeps findings by the tokens that they stand on, for a chunk that is formatted otherwise when they are recalled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from reviewer.core.answers.kept import TEXTS, VERSION, checked, end_row_of, entries, row_of
from reviewer.core.types import Chunk, Finding, Form, Severity


def keep_form(chunk: Chunk, form: Form, findings: Sequence[Finding]) -> str | None:
    """The answer for all chunks of this form as JSON.

    None when a finding stands on no token of it: it is about a comment, about another file or a line beyond the chunk.
    """
    first: dict[int, int] = {}  # the tokens that a row begins and ends with; the new side's come first
    last: dict[int, int] = {}
    for token, row in enumerate(form.rows):
        first.setdefault(row, token)
        if last.get(row, token - 1) == token - 1:  # a context row is in both sides: its tokens of the new one
            last[row] = token
    kept = [_kept(chunk, finding, first, last) for finding in findings]
    return None if None in kept else json.dumps({"version": VERSION, "findings": kept})


def recall_form(chunk: Chunk, form: Form, text: str) -> tuple[Finding, ...]:
    """What `keep_form` kept, on the rows of `chunk` as it is formatted now. Raises ValueError for anything else.

    Path, line, last line and quote are those of this chunk. A suggestion that would replace other lines than the ones
    that it was made for is left out.
    """
    return tuple(_recalled(chunk, form, entry) for entry in entries(text))


def _kept(chunk: Chunk, finding: Finding, first: Mapping[int, int], last: Mapping[int, int]) -> dict[str, Any] | None:
    row = row_of(chunk, finding)
    end = row
    if row is not None:
        more = _quoted(finding) if finding.end_line is None else finding.end_line - finding.line
        end = end_row_of(chunk, row, span=more)
        end = row if end is None and finding.end_line is None else end
    if row is None or end is None or end < row or row not in first:
        return None
    ending = next(at for at in range(end, row - 1, -1) if at in last and chunk.lines[at].side is chunk.lines[row].side)
    return {
        "token": first[row],
        "row_end": last[row],
        "end_token": None if finding.end_line is None and end == row else last[ending],
        "line": finding.line,
        "end_line": finding.end_line,
        "severity": finding.severity.word,
        "confidence": finding.confidence,
        "suggestion": finding.suggestion,
        "replaces": _digest(_between(chunk, row, end)),
        **{name: getattr(finding, name) for name in TEXTS},
    }


def _recalled(chunk: Chunk, form: Form, entry: object) -> Finding:
    fields = checked(entry)
    row = _row_of(form, chunk, fields.get("token"))
    if fields["end_line"] is None and fields.get("end_token") is None:
        row = _most_of(form, chunk, fields.get("token"), fields.get("row_end"))
    one_row = fields["end_line"] is None and fields.get("end_token") is None
    end = row if one_row else _row_of(form, chunk, fields.get("end_token"))
    one_side = end >= row and chunk.lines[end].side is chunk.lines[row].side
    end = end if one_side else row
    same = one_side and fields.get("replaces") == _digest(_between(chunk, row, end))
    return Finding(
        path=chunk.path,
        line=chunk.lines[row].number,
        end_line=None if fields["end_line"] is None or end == row else chunk.lines[end].number,
        quote="\n".join(_between(chunk, row, end)) if "\n" in fields["quote"].strip("\n") else chunk.lines[row].text,
        severity=Severity.parse(fields["severity"]),
        confidence=fields["confidence"],
        suggestion=fields["suggestion"] if same else None,
        **{name: fields[name] for name in TEXTS if name not in {"path", "quote"}},
    )


def _quoted(finding: Finding) -> int:
    """How many lines the quote has after its first."""
    return finding.quote.strip("\n").count("\n")


def _most_of(form: Form, chunk: Chunk, first: object, last: object) -> int:
    """The row that most of a row's text is on now: a formatter leaves an opening bracket where the row began."""
    row, end = _row_of(form, chunk, first), _row_of(form, chunk, last)
    if not isinstance(first, int) or not isinstance(last, int) or end < row:
        return row
    rows = {each for each in form.rows[first : last + 1] if chunk.lines[each].side is chunk.lines[row].side}
    return max(rows, key=lambda each: (len(chunk.lines[each].text.strip()), -each), default=row)


def _row_of(form: Form, chunk: Chunk, token: object) -> int:
    if not isinstance(token, int) or isinstance(token, bool) or not 0 <= token < len(form.rows):
        raise ValueError(f"a kept finding is on token {token!r}, which its chunk does not have: ask the model again")
    row = form.rows[token]
    if not 0 <= row < len(chunk.lines):
        raise ValueError("a kept finding is on a row that its chunk does not have: ask the model again")
    return row


def _between(chunk: Chunk, row: int, end: int) -> list[str]:
    """The lines of one version of the file from a row to another."""
    side = chunk.lines[row].side
    return [line.text for line in chunk.lines[row : end + 1] if line.side is side]


def _digest(texts: Sequence[str]) -> str:
    said = "\n".join(texts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(said, digest_size=16).hexdigest()
