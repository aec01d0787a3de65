"""Reads one side of a chunk as the tokens that a compiler tells apart."""

from __future__ import annotations

import re
from typing import TypeAlias

from reviewer.core.structure.commas import idle_commas
from reviewer.core.structure.endings import ends
from reviewer.core.structure.languages import Language, Lines
from reviewer.core.structure.proof import proven
from reviewer.core.structure.python import Statements, joined, statements, wrapping
from reviewer.core.structure.scan import Token, brackets, prose, scan

Read: TypeAlias = list[tuple[str, int]]  # a token with its kind before it, and its place, -1 for what is no text

_PLAIN = re.compile(r"([A-Za-z]{0,2})('''|\"\"\"|['\"])([^'\"]*)\2\Z")

# What an example of a Go test is to print stands in comments at its end.
_OUTPUT = re.compile(r"Example|utput:|//[^\n]*\s*(?:\n\}|\Z)")

_CAPITALS = re.compile(r"[A-Z_][A-Z\d_]+\Z")

# Ruby: whether a blank is before, and after, tells what these are; of the others only one that is before and not after.
_BOTH, _BEFORE = frozenset({":", "?", "::", "|"}), frozenset({"(", "["})


def read(path: str, text: str, language: Language) -> Read | None:
    """The tokens of `text`; None where they cannot be told surely."""
    keep_all = language.lines is Lines.GO and (
        '"C"' in text or (path.endswith("_test.go") and bool(_OUTPUT.search(text)))
    )
    tokens = scan(text, language, keep_all=keep_all)
    if tokens is None or prose(tokens, language) or (text.strip() and not proven(tokens, language)):
        return None
    if language.lines is Lines.FREE and not language.closers:
        spaced = _in_macros(tokens) if language.name == "c++" else set()
        return [
            (_said(tokens, at, language) + (" " if at in spaced and token.before else ""), token.at)
            for at, token in enumerate(tokens)
            if token.kind != "end"
        ]
    pairs = brackets(tokens)
    if pairs is None:
        return None
    partners, inside, before = pairs
    idle = idle_commas(tokens, language, partners, inside)
    if language.lines is Lines.PYTHON:
        laid = statements(text, tokens, inside)
        return None if laid is None else _python(laid, tokens, language, partners, idle)
    return [
        (_said(tokens, at, language), token.at if token.kind != "end" and token.text != "\n" else -1)
        for token, at in ends(tokens, language, inside, before)
        if at not in idle
    ]


def _python(
    laid: Statements, tokens: list[Token], language: Language, partners: dict[int, int], idle: set[int]
) -> Read:
    made: Read = []
    for columns, places in laid:
        gone = idle | set(wrapping(tokens, places, partners))
        made.append((f">{columns}", -1))
        made += joined([(_said(tokens, at, language), tokens[at].at) for at in places if at not in gone])
    return made


def _said(tokens: list[Token], at: int, language: Language) -> str:
    """A token's kind and text, and what the blanks around it tell."""
    token = tokens[at]
    if token.text == "\n" or token.kind == "end":
        return "\n"
    kind, text = token.kind[0], token.text
    last = tokens[at - 1] if at else None
    if kind == "s":
        text = _string(text, language)
        glued = last is not None and not token.before and last.kind in {"word", "number"}
        return f"S{text}" if glued or _followed(tokens, at) else f"s{text}"
    if language.lines is Lines.RUBY and kind == "o" and last is not None and last.kind != "end":
        if text in _BOTH:
            return f"o{text} {token.before:d}{token.after:d}"
        if text in _BEFORE and token.before and not (last.kind == "op" and last.text not in {")", "]", "}"}):
            return f"o{text} 1"
        if text not in _BEFORE and token.before and not token.after:
            return f"o{text} 10"
    return kind + text


def _in_macros(tokens: list[Token]) -> set[int]:
    """The tokens that a C macro may make a string of, with the blanks before them: its name is in capitals.

    Around its arguments blanks do not count; a macro of any number of arguments (`#__VA_ARGS__`) would keep them too.
    """
    found: set[int] = set()
    open_: list[str] = []  # a macro's bracket, one in it, or another
    last: Token | None = None
    for at, token in enumerate(tokens):
        if token.kind in {"end", "comment"}:
            continue
        text = token.text if token.kind == "op" else ""
        own = bool(open_) and open_[-1] == "macro"
        edge = own and last is not None and (last.text in {"(", ","} or text in {")", ","})
        if open_ and open_[-1] and not edge:
            found.add(at)
        if text == "(":
            named = last is not None and last.kind == "word" and _CAPITALS.match(last.text) is not None
            inner = "inner" if open_ and open_[-1] else ""
            open_.append(inner or ("macro" if named else ""))
        elif text == ")" and open_:
            open_.pop()
        last = token
    return found


def _followed(tokens: list[Token], at: int) -> bool:
    return not tokens[at].after and at + 1 < len(tokens) and tokens[at + 1].kind in {"word", "number"}


def _string(text: str, language: Language) -> str:
    """A string in the quotes that every other may have too, where that makes no difference."""
    if language.lines not in {Lines.PYTHON, Lines.SCRIPT, Lines.RUBY} or text[-1] not in "'\"":
        return text
    plain = _PLAIN.match(text)
    if plain is None or (language.lines is Lines.RUBY and ("\\" in text or "#" in text)):
        return text
    prefix, quotes, body = plain.groups()
    quotes = '"' * len(quotes)
    return f"{prefix}{quotes}{body}{quotes}"
