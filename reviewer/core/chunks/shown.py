"""How a file and its lines are shown to the model."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reviewer.core.types import FileDiff, Line

LONGEST_LINE = 8_000  # characters; a longer line is data or minified code and is shown by its head and tail
TAIL_OF_LONG = 1_600
LONG = 2_000  # characters; a longer line's long blanks are told by their length

# What is longer than an indentation is there to push code out of sight; in a long line it is told by its length.
_BLANKS = re.compile(r"[^\S\r\n]{61,}")

_WIDEST = 6  # characters that one may be shown by: \u2028

# Line breaks for a reader that are none for git, and what is no valid UTF-8.
_ODD = re.compile("[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")


def head_of(file: FileDiff, section: str) -> str:
    words: list[str] = [file.status] if file.status != "modified" else []
    if file.old_path != file.path:
        words.append(f"from {_visible(file.old_path)}")
    if file.mode:
        words.append(f"mode {file.mode}")
    note = f" ({' '.join(words)})" if words else ""
    tail = f" @@ {_shown(section)}" if section else ""
    return f"@@ {_visible(file.path)}{note}{tail}"


def rows_of(lines: Sequence[Line]) -> list[str]:
    """The lines as shown, without their numbers."""
    rows = [line.kind + line.text for line in lines]
    body = "\n".join([*rows, ""])
    if not rows or (len(body.splitlines()) == len(rows) and max(map(len, rows)) <= LONG and _valid(body)):
        return rows  # nearly always
    return [_shown(row) for row in rows]


def longest_cut(lines: Sequence[Line]) -> int:
    """The length of the longest changed line that is not shown whole, 0 when there is none."""
    long = (line.text for line in lines if line.kind != " " and len(line.text) * _WIDEST >= LONGEST_LINE)
    return max((len(text) for text in long if len(_whole("+" + text)) > LONGEST_LINE), default=0)


def ellipsed(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def one_line(text: str) -> str:
    """Any text as one line of valid UTF-8, for what stands around the rows."""
    return _visible(text)


def _shown(row: str) -> str:
    end = "\r" if row.endswith("\r") else ""
    row = _whole(row[: len(row) - len(end)])
    if len(row) > LONGEST_LINE:
        head = LONGEST_LINE - TAIL_OF_LONG
        row = f"{row[:head]} … [{len(row) - LONGEST_LINE} characters cut] … {row[-TAIL_OF_LONG:]}"
    return row + end


def _whole(row: str) -> str:
    """All of a row as one line: of a long one the long blanks are told by their length."""
    if len(row) > LONG:
        row = _BLANKS.sub(lambda blanks: f" … [{len(blanks[0])} spaces] … ", row)
    return _visible(row)


def _visible(text: str) -> str:
    """One line of valid UTF-8: control characters become escapes, lone surrogates U+FFFD."""
    return _ODD.sub(lambda odd: "\ufffd" if odd[0] >= "\ud800" else f"\\u{ord(odd[0]):04x}", text)


def _valid(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
