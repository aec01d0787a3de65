"""How a file and its lines are shown to the model."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reviewer.core.types import FileDiff, Line

LONGEST_LINE = 2_000  # characters; a longer line is data or minified code and is shown by its head
SHOWN_OF_LONG = 400

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
    """The lines as shown, without their numbers. The place where a long run of deleted lines can be made short."""
    rows = [line.kind + line.text for line in lines]
    body = "\n".join([*rows, ""])
    if not rows or (len(body.splitlines()) == len(rows) and max(map(len, rows)) <= LONGEST_LINE and _valid(body)):
        return rows  # nearly always
    return [_shown(row) for row in rows]


def _shown(row: str) -> str:
    if len(row) > LONGEST_LINE:
        row = f"{row[:SHOWN_OF_LONG]} … [{len(row) - SHOWN_OF_LONG} more characters cut]"
    return _visible(row[:-1]) + "\r" if row.endswith("\r") else _visible(row)


def _visible(text: str) -> str:
    """One line of valid UTF-8: control characters become escapes, lone surrogates U+FFFD."""
    return _ODD.sub(lambda odd: "\ufffd" if odd[0] >= "\ud800" else f"\\u{ord(odd[0]):04x}", text)


def _valid(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
