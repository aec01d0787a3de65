"""Lays out Python: the depth of each statement is a token, and brackets that only wrap a line are none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from reviewer.core.structure.lexicon import words
from reviewer.core.structure.scan import Token

_ASSIGNS = words("= += -= *= /= //= %= **= >>= <<= &= ^= |= @=")
_OPEN, _CLOSE = {"(", "[", "{"}, {")", "]", "}"}
_TAB = 8
_PLAIN = {"", "f"}
_OCTAL = re.compile(r"\\[0-7]{1,2}\Z")  # a digit after it would be part of it

Statements: TypeAlias = list[tuple[int, list[int]]]


def statements(text: str, tokens: list[Token], inside: list[int | None]) -> Statements | None:
    """(columns before it, places of its tokens) of each statement; None where blanks and tabs are mixed.

    A comment has the statement's place that it ends or precedes. The columns of a text that begins in a bracket are -1.
    """
    found: list[tuple[int, list[int]]] = []
    now: list[int] = []
    code = False  # whether there is more than comments in it
    for at, token in enumerate(tokens):
        if token.kind == "end":
            if inside[at] is None and code:
                found.append((0, now))
                now, code = [], False
            continue
        now.append(at)
        code = code or token.kind != "comment"
    if now:
        found.append((0, now))
    laid: list[tuple[int, list[int]]] = []
    kinds: set[str] = set()
    for _, places in found:
        first = next((at for at in places if tokens[at].kind != "comment"), places[0])
        start = text.rfind("\n", 0, tokens[first].at) + 1
        lead = text[start : tokens[first].at]
        lead = lead[: len(lead) - len(lead.lstrip())]  # a comment may be kept before it
        kinds |= set(lead)
        cut_off = inside[first] is not None or (tokens[first].kind == "op" and tokens[first].text in _CLOSE)
        laid.append((-1 if cut_off else len(lead) * (_TAB if "\t" in lead else 1), places))
    return laid if len(kinds) < 2 else None


def wrapping(tokens: list[Token], places: list[int], partners: dict[int, int]) -> Iterator[int]:
    """The brackets of a statement that only allow it to take several lines."""
    shown = [at for at in places if tokens[at].kind not in {"comment", "end"}]
    if not shown:
        return
    after = dict(zip(shown, [*shown[1:], -1], strict=True))
    first = tokens[shown[0]].text if tokens[shown[0]].kind == "word" else ""
    depth, was_in, last = 0, False, ""
    for at in shown:
        text = tokens[at].text if tokens[at].kind in {"op", "word"} else "'"
        if text == "(" and depth == 0 and at in partners:
            close = partners[at]
            then = tokens[after[close]].text if after.get(close, -1) >= 0 else ""
            if _wraps(first, last, _contents(tokens, at, close), then):
                yield from (at, close)
        if depth == 0 and text == "in":
            was_in, last = True, ("in" if not was_in else "in again")
        else:
            last = text
        depth += (text in _OPEN) - (text in _CLOSE)


def _contents(tokens: list[Token], start: int, end: int) -> set[str]:
    """What stands between two brackets and in no other."""
    depth, found = 0, set()
    for token in tokens[start + 1 : end]:
        text = token.text if token.kind in {"op", "word"} else "'"
        if token.kind in {"end", "comment"}:
            continue
        depth -= text in _CLOSE
        if depth == 0:
            found.add(text)
        depth += text in _OPEN
    return found


_BLOCKS = {("for", "for", "in"), ("for", "in", ":"), ("with", "with", ":")}


def _wraps(first: str, last: str, held: set[str], then: str) -> bool:
    """Whether a bracket after `last`, followed by `then` or by the end of its statement, could as well not be there."""
    if not held or "for" in held:  # an empty tuple, a generator
        return False
    if first == "assert":
        return "," not in held and (last, then) in {("assert", ""), ("assert", ","), (",", "")}
    if (last, then) in {("->", ":"), ("=", "=")}:
        return "," not in held
    if first in {"if", "elif", "while"}:
        return last == first and then == ":" and "," not in held
    if first in {"for", "with"}:
        return (first, last, then) in _BLOCKS
    return not then and (last in _ASSIGNS or (first, last) in {("from", "import"), ("return", "return")})


def joined(texts: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Neighbouring strings as the one that they are, where nothing in them is escaped or quoted."""
    made: list[tuple[str, int]] = []
    for text, at in texts:
        one, two = _parts(made[-1][0]) if made else None, _parts(text)
        if one is None or two is None or _OCTAL.search(one[1]):
            made.append((text, at))
            continue
        prefix = one[0] or two[0]
        if prefix and any("{" in body or "}" in body for own, body in (one, two) if not own):
            made.append((text, at))
            continue
        made[-1] = (f's{prefix}"{one[1]}{two[1]}"', made[-1][1])
    return made


def _parts(text: str) -> tuple[str, str] | None:
    """Prefix and content of a string that can be joined."""
    if not text.startswith("s") or not text.endswith('"') or '"""' in text:
        return None
    prefix, body = text[1:].split('"', 1)
    return None if prefix not in _PLAIN or '"' in body[:-1] else (prefix, body[:-1])
