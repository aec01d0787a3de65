"""Finds the names that a piece of code calls, by their look, in any language."""

from __future__ import annotations

import re
from collections.abc import Iterable

# `name(`, `name<T>(` and `name!(`; `new Name`; `@name`, the last word of a dotted one.
_CALL = re.compile(
    r"\b([^\W\d]\w{1,79}[?!]?)(?:(?:::)?<[\w, .:]{0,80}>)?\(|\bnew\s+(?:\w+(?:\.|::)){0,5}([^\W\d]\w{0,79})"
    r"|^\s*@(?:\w+\.){0,5}([^\W\d]\w{0,79})"
)

# What stands before a parenthesis and calls nothing, or names what is defined there.
_WORDS = frozenset(
    {
        *("and", "assert", "await", "case", "catch", "def", "del", "elif", "else", "except", "fn", "for", "foreach"),
        *("func", "function", "if", "in", "is", "lambda", "match", "not", "or", "print", "raise", "return", "sizeof"),
        *("super", "switch", "synchronized", "throw", "typeof", "until", "using", "when", "while", "with", "yield"),
    }
)
_DEFINES = re.compile(r"(?:\b(?:def|func|fun|fn|function|sub)|\bfunc\s*\([^()]{0,99}\))\s+(?:[\w.:]{1,80}[.:])?$")

_LONGEST = 2_000  # characters of a line that are looked at; a longer one is data


def calls(lines: Iterable[str]) -> tuple[str, ...]:
    """Names that look called in these lines, in the order in which they first appear."""
    found: dict[str, None] = {}
    for line in lines:
        if "(" not in line and "@" not in line and "new" not in line:
            continue
        for match in _CALL.finditer(line[:_LONGEST]):
            name = (match[1] or match[2] or match[3]).rstrip("?!")
            if name not in found and name not in _WORDS and not (match[1] and _defined(line, match.start())):
                found[name] = None
    return tuple(found)


def _defined(line: str, at: int) -> bool:
    """Whether the name at this place is being defined."""
    return _DEFINES.search(line, max(0, at - 200), at) is not None
