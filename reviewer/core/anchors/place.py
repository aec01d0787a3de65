"""Places one finding: the line, the range, whether its suggestion still fits, its code and what is around it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reviewer.core.anchors.places import FileRows, Found, Places
from reviewer.core.anchors.quotes import readings
from reviewer.core.types import PLACEHOLDER, Anchor, Finding, Hunk, Line, Placed, Side

ITSELF = "is about no single line of the diff"  # but about the pull request's own text, say, or many places at once
OUTSIDE = "is about a file outside this diff"
NOT_SHOWN = "is about a file whose lines this diff does not show"
NO_QUOTE = "quotes no line"
NOT_FOUND = "quotes a line that this diff does not show, or too little to tell which is meant"

_SHOWN_IN_PART = 2_000  # characters of a line, from which on the prompt may leave some out


def place(finding: Finding, places: Places) -> Placed:
    """The finding with its place, or with the reason why it has none. Never raises, whatever the model said."""
    file = places.rows(finding.path)
    if file is None:
        return _unplaced(finding, OUTSIDE if finding.path else ITSELF)
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
    fits = side is Side.RIGHT and span.whole and found.exact and not any(line.secrets for line in span.lines)
    suggestion = _indented(finding, code) if fits else None
    return Placed(
        finding=replace(finding, suggestion=suggestion if _replaces(suggestion, code) else None),
        anchor=Anchor(file.file.path, side, last, first if first < last else None),
        code=code,
        context=file.context(found.first),
        alone=file.alone(found.first),
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
    """Whether a suggestion changes `code` and can: where bytes could not be read, it would write them wrong, and of a
    line that was shown in part it would drop the rest. It would also write a placeholder where a secret stands.
    """
    if suggestion is None or "\ufffd" in code or any(len(line) >= _SHOWN_IN_PART for line in code.split("\n")):
        return False
    if PLACEHOLDER.search(code) or PLACEHOLDER.search(suggestion):
        return False
    return suggestion.replace("\r\n", "\n").removesuffix("\n") != code.replace("\r\n", "\n").removesuffix("\r")


def _indented(finding: Finding, code: str) -> str | None:
    """The suggestion as deep as the code that it replaces, where quote and suggestion have both lost that indentation.

    A quote with its indentation says that the model keeps it: then less of it is what the model wants.
    """
    quoted = next((line for line in finding.quote.split("\n") if line.strip()), "")
    lost = _indent(code).removesuffix(_indent(quoted))
    if finding.suggestion is None or not lost or _indent(finding.suggestion) != _indent(quoted):
        return finding.suggestion
    return "\n".join(f"{lost}{line}" if line.strip() else line for line in finding.suggestion.split("\n"))


def _indent(text: str) -> str:
    return text[: len(text) - len(text.lstrip(" \t"))]
