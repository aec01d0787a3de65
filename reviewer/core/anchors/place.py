"""Places one finding: the line, the range, whether its suggestion still fits, the code and the symbol around it."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace

from reviewer.core.anchors.places import FileRows, Found, Places, Row
from reviewer.core.anchors.quotes import normal, readings
from reviewer.core.types import Anchor, Finding, Hunk, Line, Placed, Side

OUTSIDE = "is about a file outside this diff"
NOT_SHOWN = "is about a file whose lines this diff does not show"
NO_QUOTE = "quotes no line"
NOT_FOUND = "quotes a line that this diff does not show, or too little to tell which is meant"

_MODIFIERS = (
    "abstract|async|const|default|export|extern|final|inline|internal|open|override|private|protected|public|static"
)
_DEFINITION = re.compile(
    rf"\s*(?:(?:{_MODIFIERS}|pub(?:\([a-z]+\))?|unsafe|virtual)\s+)*"
    r"(?:class|def|enum|fn|func|function|impl|interface|module|struct|trait)\b\s*\S"
)
_SYMBOL_LENGTH = 80  # where git cuts its own


def place(finding: Finding, places: Places) -> Placed:
    """The finding with its place, or with the reason why it has none. Never raises, whatever the model said."""
    file = places.rows(finding.path)
    if file is None:
        return _unplaced(finding, OUTSIDE)
    finding = replace(finding, path=file.file.path)
    if not file.rows:
        return _unplaced(finding, NOT_SHOWN)
    if not readings(finding.quote):
        return _unplaced(finding, NO_QUOTE)
    found = file.find(finding.quote, finding.line)
    return _placed(finding, found, file) if found else _unplaced(finding, NOT_FOUND)


def _unplaced(finding: Finding, problem: str) -> Placed:
    return Placed(replace(finding, suggestion=None), None, problem=problem)


def _placed(finding: Finding, found: Found, file: FileRows) -> Placed:
    hunk = file.file.hunks[found.first.hunk]
    span = _span(finding, found, hunk)
    first, last = span.lines[0].number, span.lines[-1].number
    side = found.first.line.side
    code = "\n".join(line.text for line in span.lines)
    fits = side is Side.RIGHT and span.whole and _replaces(finding.suggestion, code)
    return Placed(
        finding=finding if fits else replace(finding, suggestion=None),
        anchor=Anchor(file.file.path, side, last, first if first < last else None),
        code=code,
        symbol=_symbol(hunk, found.first),
    )


@dataclass(frozen=True, slots=True)
class _Span:
    """The lines that a finding is about, on one side of one hunk; not whole when it had more than are there."""

    lines: tuple[Line, ...]
    whole: bool


def _span(finding: Finding, found: Found, hunk: Hunk) -> _Span:
    """From the found line to the end that the finding gives, moved as far as its line was; else to the quote's end."""
    start = found.first.line
    follow = [start]
    for line in hunk.lines[found.first.index + 1 :]:
        if line.side is start.side and line.number == follow[-1].number + 1:
            follow.append(line)
    if finding.end_line is None:
        end = found.last.line.number if found.last.line.side is start.side else start.number
        whole = found.whole and found.last.line.side is start.side
    else:
        end = finding.end_line + start.number - finding.line
        whole = found.whole and start.number <= end <= follow[-1].number
    end = max(end, start.number)
    return _Span(tuple(line for line in follow if line.number <= end), whole)


def _replaces(suggestion: str | None, code: str) -> bool:
    """Whether a suggestion changes `code` and can: where bytes could not be read, it would write them wrong."""
    if suggestion is None or "\ufffd" in code:
        return False
    return suggestion.replace("\r\n", "\n").removesuffix("\n") != code.replace("\r\n", "\n").removesuffix("\r")


def _symbol(hunk: Hunk, row: Row) -> str:
    """What encloses the line by indentation in its hunk: the nearest definition, or as for git a line at the margin
    that begins with a letter; else git's own section.
    """
    if _DEFINITION.match(row.line.text):
        return _clean(row.line.text)
    depth = _indent(row.line.text) if row.line.text.strip() else sys.maxsize
    for line in reversed(hunk.lines[: row.index]):
        text = line.text
        if line.kind in (" ", row.line.kind) and text.strip() and _indent(text) < depth and text.lstrip()[0] != ")":
            depth = _indent(text)
            if _DEFINITION.match(text) or text[0].isalpha():
                return _clean(text)
    return _clean(hunk.section)


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _clean(text: str) -> str:
    return normal(text)[:_SYMBOL_LENGTH].rstrip(" {:\ufffd")
