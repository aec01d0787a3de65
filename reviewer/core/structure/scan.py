"""Cuts text into tokens, or finds that it cannot be done surely."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reviewer.core.structure.comments import kept
from reviewer.core.structure.languages import Language, Lines
from reviewer.core.structure.lexicon import REGEX, words

_OPENS = {"(": ")", "[": "]", "{": "}", "#[": "]"}

# What ends a value: a slash after it divides.
_VALUES = frozenset({"word", "number", "string", "percent", "op_global"})

# Words that are no value: a slash after them does not divide.
_BEFORE_REGEX = words(
    "return typeof case in delete void throw new instanceof do else yield await if unless while until when and or not"
    " then elsif"
)

# A template, a triple-quoted or another string that takes several lines, read from its end to the next one's beginning.
_INSIDE_OUT = re.compile(r"[`\"']+[ \t]*[);,\]}\r\n][\s\S]*(?:[(=,+\[{:?]|\breturn)\s*[`\"']+\Z")


@dataclass(slots=True)
class Token:
    """`kind` is word, number, string, op, row, comment or end; `before` and `after` tell of a blank or a line's end.

    `at` is the place of its first character.
    """

    kind: str
    text: str
    at: int
    before: bool
    after: bool = False


def scan(text: str, language: Language, *, keep_all: bool) -> list[Token] | None:
    """The tokens, without the comments that nobody reads; None where they cannot be told apart."""
    tokens: list[Token] = []
    match_at, size, at, blank = language.tokens.match, len(text), 0, True
    while at < size:
        match = match_at(text, at)
        kind = match.lastgroup if match else None
        if match is None or kind is None or kind.startswith("bad"):
            return None
        said, start = match[0], at
        if kind == "op" and said[0] == "/" and language.regexes:
            regex = _regex(text, at, tokens, language, blank=blank)
            if regex is None:
                return None
            kind, said = ("string", regex) if regex else (kind, said)
        at = start + len(said)
        if kind in {"blank", "join"}:
            blank = True
            _blank_after(tokens)
            continue
        if kind in {"comment", "block"}:
            blank = True
            _blank_after(tokens)
            _comment(tokens, said, start, language, keep_all=keep_all)
            if kind == "block" and "/*" in said[2:]:
                return None  # they may nest
            continue
        if kind == "end":
            _blank_after(tokens)
            tokens.append(Token("end", "", start, before=blank, after=True))
            blank = True
            continue
        kind = {"text": "string", "percent": "string"}.get(kind, kind.partition("_")[0])
        if _unsure(kind, said, language):
            return None
        tokens.append(Token(kind, said.strip() if kind == "row" else said, start, before=blank))
        blank = False
    _blank_after(tokens)
    return tokens


def _blank_after(tokens: list[Token]) -> None:
    if tokens:
        tokens[-1].after = True


def _comment(tokens: list[Token], said: str, at: int, language: Language, *, keep_all: bool) -> None:
    if keep_all or kept(said, language.name):
        own = not tokens or tokens[-1].kind == "end"  # it is about what follows
        tokens.append(Token("comment", f"{'own' if own else ''}{said.rstrip()}", at, before=True, after=True))
    if "\n" in said:
        tokens.append(Token("end", "", at, before=True, after=True))


def _regex(text: str, at: int, tokens: list[Token], language: Language, *, blank: bool) -> str | None:
    """The regular expression that begins here; empty where none does, None where it may be or be a division."""
    found = REGEX.match(text, at)
    stands = found is not None and _regex_stands(tokens, language, text[at + 1], blank=blank)
    if found is None or stands is None:
        return "" if found is None else None
    return found[0] if stands else ""


def _regex_stands(tokens: list[Token], language: Language, first: str, *, blank: bool) -> bool | None:
    """Whether what begins with `first` is a regular expression; None where it may be or be a division."""
    last = next((token for token in reversed(tokens) if token.kind != "comment"), None)
    if last is None:
        return True
    if last.kind == "end":
        if language.lines is not Lines.SCRIPT:
            return True
        last = next((token for token in reversed(tokens) if token.kind not in {"comment", "end"}), None)
        closed = last is not None and (last.kind in _VALUES or last.text in {")", "]"})
        return None if closed and last is not None and last.text not in _BEFORE_REGEX else True
    if last.kind in _VALUES:  # Ruby's `match /x/`
        return last.kind == "word" and (last.text in _BEFORE_REGEX or (blank and first not in " \t"))
    if last.text in {")", "}"} and language.lines is Lines.SCRIPT:
        return None
    return last.text not in {")", "]", "}"}


def _unsure(kind: str, said: str, language: Language) -> bool:
    """Whether a token says that the text was read wrongly: begun inside a string, or one nested in another."""
    if kind == "row":
        return said.count("/*") != said.count("*/")
    if kind != "string":
        return language.name == "c++" and said[0] == "#"  # a directive behind a comment
    if (said[0] == "`" or "\n" in said) and _INSIDE_OUT.match(said):
        return True
    opener = {"javascript": "${", "typescript": "${", "ruby": "#{"}.get(language.name)
    if opener is not None and opener in said:
        return said.count("{") != said.count("}")
    if language.lines is Lines.PYTHON and said[0] in "fFtTrR" and "{" in said:
        bare = said.replace("{{", "").replace("}}", "")
        return bare.count("{") != bare.count("}")
    return False


def prose(tokens: list[Token], language: Language) -> bool:
    """Whether there are so many names in a row that this is the inside of a string or of a comment."""
    run = 0
    for token in tokens:
        if token.kind == "word" and token.text not in language.keywords and token.text not in _SOFT:
            run += 1
            if run >= language.prose:
                return True
        else:
            run = 0
    return False


_SOFT = frozenset({"match", "case", "type", "print", "exec"})


def brackets(tokens: list[Token]) -> tuple[dict[int, int], list[int | None], list[str]] | None:
    """For closing brackets their opening ones, for each token the innermost one it is in, and those opened before.

    None when they do not match. A token in a bracket that was opened before the text has a negative number, counted
    from the innermost: `before[-number - 1]` is the bracket.
    """
    stack: list[int] = []
    partners: dict[int, int] = {}
    before: list[str] = []
    inside: list[int | None] = []
    base: list[int] = []  # how many brackets of before were closed ahead of each token outside all brackets
    for at, token in enumerate(tokens):
        text = token.text if token.kind == "op" else ""
        if text in {")", "]", "}"}:
            if stack:
                if _OPENS[tokens[stack[-1]].text] != text:
                    return None
                partners[stack[-1]] = at
                partners[at] = stack.pop()
                inside.append(stack[-1] if stack else None)
            else:
                before.append({")": "(", "]": "[", "}": "{"}[text])
                inside.append(None)
            base.append(len(before))
            continue
        inside.append(stack[-1] if stack else None)
        base.append(len(before))
        if text in _OPENS:
            stack.append(at)
    for at, closed in enumerate(base):
        if inside[at] is None and closed < len(before):
            inside[at] = -closed - 1
    return partners, inside, before
