"""Tells by its look what a line defines, in any language: it reads no grammar, so a line says the same every time."""

from __future__ import annotations

import re

LOOKED_AT = 400  # characters of a line
NOTES = 12  # rows of comment and decorators above a definition that are taken for its own

_BEFORE = (
    r"(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|unsafe|extern|virtual|override"
    r"|sealed|open|data|inline|suspend|partial|local|declare|case|const|pub(?:\([\w: ]{1,40}\))?)\s+)*"
)
_FUNCTION = r"(?:def|defp|defmacro|defmacrop|func|fun|fn|function|sub|modifier)"
_HOLDER = (
    r"(?:class|interface|struct|enum|trait|record|object|contract|protocol|extension|defmodule|module|mod|namespace"
    r"|type|impl)"
)

# A definition with a word for it; the name is the last one of a dotted or scoped one. Go's receiver goes before it.
_NAMED = re.compile(
    rf"\s*{_BEFORE}(?:{_FUNCTION}(?:\s?\*)?\s+(?:\([^()]{{0,99}}\)\s*)?|{_HOLDER}\s+)"
    r"(?:<[^<>]{0,99}>\s*)?(?:\w+(?:\.|::?))*([^\W\d]\w*)"
)
# A function that is a value: `const f = (a) => …`, `exports.f = function …`, `f: async (a) => …`.
_VALUE = re.compile(
    r"\s*(?:(?:export|const|let|var|public|private|protected|static|readonly|local)\s+)*(?:[\w$]+\.)*"
    r"([^\W\d][\w$]*)\s*(?!::)(?::[^=]{0,80}?)?[=:]\s*(?:async\s+)?"
    r"(?:function\b|(?:\([^()]{0,200}\)|[\w$]+)\s*(?::[^=]{0,80})?=>)"
)
_OPENED = re.compile(r"\s*(?:export\s+)?(?:const|let|var)\s+([^\W\d][\w$]*)\s*=\s*(?:async\s*)?\($")
_CASE = re.compile(r"\s*(?:describe|it|test)\s*\(")
_NOTE = re.compile(r"\s*(?:@|#|//|/\*|\*(?:\s|/|$)|--|\[[^\[\]]{1,200}\]\s*$)")

_TYPES = re.compile(r"[\w\s<>\[\],.*&?:~$]*\Z")
_NAME = re.compile(r"[*&]*(?:[\w<>,]+::)*~?([^\W\d][\w$]*)(?:<[^<>]{0,99}>)?\Z")
_NO_TYPE = frozenset(
    {
        *("and", "assert", "await", "case", "catch", "defer", "del", "delete", "do", "elif", "else", "elsif", "except"),
        *("for", "foreach", "from", "go", "guard", "if", "import", "in", "is", "lambda", "let", "match", "new", "not"),
        *("or", "print", "raise", "return", "select", "sizeof", "switch", "synchronized", "throw", "try", "typeof"),
        *("unless", "until", "using", "when", "while", "with", "yield", "lock", "fixed", "repeat", "super", "this"),
    }
)


def defined(text: str, after: str = "") -> str | None:
    """The name that this line defines, None where it defines none; `after` is the line that follows it.

    A guess: what is no definition may pass for one, and one that looks like none is not seen.
    """
    text = text[:LOOKED_AT]
    if named := _NAMED.match(text):
        return named[1]
    if "(" not in text and "=" not in text:
        return None
    if value := _VALUE.match(text) or _OPENED.match(text):
        return value[1]
    return _typed(text, after)


def begins(rows: list[str], at: int) -> bool:
    """Whether a symbol begins with this row (they have their signs): its definition, or the notes right above that."""
    if at and _NOTE.match(rows[at - 1], 1):
        return False
    last = min(at + NOTES, len(rows))
    for place in range(at, last):
        if not _NOTE.match(rows[place], 1):
            return is_head(rows[place][1:], rows[place + 1][1:] if place + 1 < len(rows) else "")
    return False


def is_head(text: str, after: str = "") -> bool:
    """Whether this line is a definition, or a test by its name."""
    return _CASE.match(text) is not None or defined(text, after) is not None


def _typed(text: str, after: str) -> str | None:
    """A definition without a word for it: a name before a parenthesis and, but for what opens a body, types first."""
    code = text.strip()
    opens = code.endswith("{") or after.strip() == "{"
    if not opens and code[-1:] not in {"(", ","}:
        return None
    before = code.partition("(")[0]
    words = before.split()
    if not words or before[-1].isspace() or not _TYPES.match(before) or not _NO_TYPE.isdisjoint(words):
        return None
    if (not opens and len(words) == 1) or "=>" in code or "function" in code:
        return None  # a call, with what it calls back
    name = _NAME.match(words[-1])
    return name[1] if name else None
