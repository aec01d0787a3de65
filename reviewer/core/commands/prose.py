"""Which lines of a comment are its writer's own words: outside quotes, code, HTML comments and what is folded away.

Stricter than Markdown where Markdown is subtle: a line that is left out costs a person a second try, one that is taken
from a quotation or from code does what nobody asked for. One thing is read as people mean it: a line right under a
quotation that does not begin with `>` is the writer's own, though GitHub shows it as part of the quotation.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

_LIST = r"(?:[ ]{0,3}+(?:[-*+]|[0-9]{1,9}+[.)])(?:[ ]{1,4}+|\t|$))"
_FENCE = re.compile(rf"^(?P<lead>{_LIST}*+)[ ]{{0,3}}+(?P<run>`{{3,}}+(?=[^`]*$)|~{{3,}}+)")
_BLOCK = re.compile(rf"^(?:{_LIST}|[ ]{{0,3}}#{{1,6}}(?:\s|$)|[ ]{{0,3}}<!--)")  # what ends the paragraph before it
_QUOTE = re.compile(r"^ {0,3}>")
_HEADING = re.compile(r"^ {0,3}#{1,6}(?:\s|$)")
_COMMENT = re.compile(r"^ {0,3}<!--")
_TICKS = re.compile(r"`+")
_HIDING = "details|blockquote|pre|script|style|textarea|template"  # elements that hide or quote what they hold
_TAG = re.compile(rf"<!--|<(?P<close>/?)(?P<name>{_HIDING}|code)(?=[\s/>]|$)", re.IGNORECASE)
_CODE_INDENT = 4


def own_lines(text: str) -> list[str | None]:
    """Each line; None for one that is not the writer's own, or is indented so far that it may be code."""
    lines = [line.expandtabs(_CODE_INDENT) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    own: list[str | None] = []
    depth = 0  # elements that hide, still open
    while len(own) < len(lines):
        at = len(own)
        if _QUOTE.match(lines[at]):
            own.append(None)
        elif fence := _FENCE.match(lines[at]):
            own += [None] * (_fence_end(lines, at, fence) - at)
        elif _COMMENT.match(lines[at]):
            end = next((n for n in range(at, len(lines)) if "-->" in lines[n]), len(lines) - 1)
            own += [None] * (end + 1 - at)
        elif not lines[at].strip() or _indent(lines[at]) >= _CODE_INDENT:  # code, as no paragraph is open here
            own.append(None if depth or lines[at].strip() else "")
        else:
            shown, depth = _paragraph(lines[at : _paragraph_end(lines, at)], depth)
            own += shown
    return own


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _fence_end(lines: Sequence[str], at: int, fence: re.Match[str]) -> int:
    """The line after the fence: after its closing run, or where the list ends that it stands in."""
    inside, run = len(fence["lead"]), fence["run"]
    for n in range(at + 1, len(lines)):
        line = lines[n].strip()
        if not line:
            continue
        if _indent(lines[n]) < inside:
            return n
        if len(line) >= len(run) and line == run[0] * len(line) and _indent(lines[n]) < inside + _CODE_INDENT:
            return n + 1
    return len(lines)


def _paragraph_end(lines: Sequence[str], at: int) -> int:
    if _HEADING.match(lines[at]):
        return at + 1
    for n in range(at + 1, len(lines)):
        line = lines[n]
        if not line.strip() or _QUOTE.match(line) or _BLOCK.match(line) or _FENCE.match(line):
            return n
    return len(lines)


def _paragraph(lines: Sequence[str], depth: int) -> tuple[list[str | None], int]:
    """Its own lines, and how many elements that hide are open after it."""
    text = _without_code("\n".join(lines))
    hidden: list[tuple[int, int]] = []  # [from, to) of what is hidden, in order
    since, inner, end = (0 if depth else -1), 0, 0
    unclosed = False
    for tag in _TAG.finditer(text):
        if tag.start() < end:
            continue
        if tag["name"] is None:
            closed = -1 if unclosed else text.find("-->", tag.end())
            unclosed = closed < 0  # then it is no comment, and none after it
            if not unclosed:
                end = closed + len("-->")
                hidden.append((tag.start(), end))
            continue
        step = -1 if tag["close"] else 1
        if tag["name"].lower() == "code":
            inner = max(inner + step, 0)  # ends with the paragraph
        else:
            depth = max(depth + step, 0)
        if depth + inner and since < 0:
            since = tag.start()
        elif not depth + inner and since >= 0:
            hidden.append((since, tag.end()))
            since = -1
    if since >= 0:
        hidden.append((since, len(text) + 1))
    return _seen(lines, text, hidden), depth


def _seen(lines: Sequence[str], text: str, hidden: Sequence[tuple[int, int]]) -> list[str | None]:
    """The lines whose first character is shown as it stands."""
    starts = [start for start, _ in hidden]
    furthest: list[int] = []
    for _, end in hidden:
        furthest.append(max(end, furthest[-1] if furthest else 0))
    shown: list[str | None] = []
    at = 0
    for line in lines:
        first = at + _indent(line)
        before = bisect_right(starts, first)
        covered = before > 0 and furthest[before - 1] > first
        plain = text[first : first + 1] == line[_indent(line) : _indent(line) + 1]  # else it is in a code span
        shown.append(line if plain and not covered and _indent(line) < _CODE_INDENT else None)
        at += len(line) + 1
    return shown


def _without_code(text: str) -> str:
    """The paragraph with its code spans blanked out, of the same length."""
    runs = [(run.start(), run.end()) for run in _TICKS.finditer(text)]
    by_length: dict[int, list[int]] = {}
    for at, (start, end) in enumerate(runs):
        by_length.setdefault(end - start, []).append(at)
    parts, done, at = [], 0, 0
    while at < len(runs):
        start, end = runs[at]
        slashes = start - len(text[done:start].rstrip("\\")) - done
        opens = start + slashes % 2  # an escaped backtick opens nothing
        alike = by_length.get(end - opens, [])
        next_one = bisect_right(alike, at)
        if opens == end or next_one == len(alike):
            parts.append(text[done:end])
            done, at = end, at + 1
            continue
        closing = alike[next_one]
        parts += [text[done:opens], "\0" * (runs[closing][1] - opens)]
        done, at = runs[closing][1], closing + 1
    return "".join([*parts, text[done:]])
