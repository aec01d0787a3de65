"""Changes one token of a hunk, or its formatting, its comments or its place only: what bench_forms measures with."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from reviewer.core.types import Line

HASHES = {"python", "ruby"}
_SWAPS = {
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "==": "!=",
    "!=": "==",
    "+": "-",
    "-": "+",
    "*": "/",
    "/": "*",
    "&&": "||",
    "||": "&&",
    "and": "or",
    "or": "and",
    "+=": "-=",
    "-=": "+=",
    "<<": ">>",
    ">>": "<<",
    "%": "*",
    "true": "false",
    "false": "true",
    "True": "False",
    "False": "True",
    "break": "continue",
    "is": "is not",
    "===": "!==",
    "!==": "===",
    "const": "let",
    "i32": "i64",
    "int": "long",
    "null": "0",
    "None": "False",
}
_GONE = ("not", "!", "await", "async", "unless", "return", "mut", "&", "*", "static", "else", "new")
_PIECE = re.compile(
    r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\d+|[^\W\d]\w*|[<>=!]==?|[-+]=|&&|\|\||<<|>>|(?<= )[-+*/%<>](?= )|[!&*]"
)
_TWO = re.compile(r"\((\w+), (\w+)(?=[,)])")
_LEAVES = re.compile(r"\s{4,}(?:return|raise|break|continue|pass)\b")
_PLAIN = re.compile(r"[^\"'`/#\\@%]*\Z")
_PROSE = re.compile(r"\s*(?://|#) [A-Z][a-z]+(?: [a-z]+){2,}\.?\Z")


@dataclass(frozen=True)
class Hunk:
    """Rows of a real diff."""

    path: str
    language: str
    lines: tuple[Line, ...]


def numbered(rows: Sequence[tuple[str, str]], old: int = 10, new: int = 10) -> tuple[Line, ...]:
    """Lines from kinds and texts."""
    made = []
    for kind, text in rows:
        made.append(Line(kind, text, old if kind != "+" else None, new if kind != "-" else None))
        old, new = old + (kind != "+"), new + (kind != "-")
    return tuple(made)


def _code_rows(hunk: Hunk) -> list[int]:
    """Rows that are surely code, without a comment."""
    marks = ("#",) if hunk.language in HASHES else ("//", "/*", "*/")
    texts = [line.text for line in hunk.lines]
    quoted, found = False, []
    inside = any("*/" in text or "/*" in text for text in texts)
    for at, text in enumerate(texts):
        triple = sum(text.count(mark) for mark in ('"""', "'''", "`"))
        comment = any(mark in text for mark in marks) or (inside and text.lstrip().startswith("*"))
        if not quoted and not triple and not comment and text.strip():
            found.append(at)
        quoted ^= triple % 2 == 1
    return [] if inside and hunk.language not in HASHES else found


def mutants(hunk: Hunk, chance: random.Random, most: int) -> Iterator[tuple[str, Hunk]]:
    """The hunk with one token changed, by the kind of change."""
    made: list[tuple[str, int, str]] = []
    for at in _code_rows(hunk):
        text = hunk.lines[at].text
        made += [(name, at, changed) for name, changed in _changed(text, hunk.language) if changed != text]
    for name, at, text in chance.sample(made, min(most, len(made))):
        lines = list(hunk.lines)
        lines[at] = replace(lines[at], text=text)
        yield name, replace(hunk, lines=tuple(lines))
    flip = {"+": "-", "-": "+", " ": " "}
    texts = {kind: [line.text.split() for line in hunk.lines if line.kind == kind] for kind in "+-"}
    if texts["+"] and texts["-"] and set(_code_rows(hunk)) >= {at for at, x in enumerate(hunk.lines) if x.kind != " "}:
        flat = {kind: re.sub(r"[\s,();'\"]", "", "".join(map("".join, rows))) for kind, rows in texts.items()}
        if flat["+"] != flat["-"]:
            yield "sides swapped", replace(hunk, lines=numbered([(flip[x.kind], x.text) for x in hunk.lines]))


def _changed(text: str, language: str) -> Iterator[tuple[str, str]]:
    for match in _PIECE.finditer(text):
        said, put = match[0], partial(_put, text, match)
        if said in _SWAPS:
            yield f"{said} to {_SWAPS[said]}", put(_SWAPS[said])
        if said in _GONE:
            yield f"{said} removed", put("")
        if said[0] in "\"'":
            if said[0] == "'" and language == "rust":  # a lifetime
                continue
            if len(said) > 2 and said[0] == said[-1]:
                yield "string changed", put(said[:-1] + "x" + said[-1])
                if " " in said:
                    yield "blanks in a string", put(said.replace(" ", "  ", 1))
        elif said.isdigit():
            yield "constant changed", put(str(int(said) + 1))
        elif said[0].isalpha():
            yield "name changed", put(said + "2")
    for match in _TWO.finditer(text):
        if match[1] != match[2]:
            yield "arguments swapped", f"{text[: match.start()]}({match[2]}, {match[1]}{text[match.end() :]}"
            yield "comma removed", f"{text[: match.start()]}({match[1]} {match[2]}{text[match.end() :]}"
    if language == "python" and _LEAVES.match(text):
        yield "out of its block", text[4:]


def _put(text: str, match: re.Match[str], new: str) -> str:
    return text[: match.start()] + new + text[match.end() :]


def reformatted(hunk: Hunk, chance: random.Random) -> Hunk | None:
    """The hunk in another style; None where nothing could be changed, or lines are not surely code."""
    texts = [line.text for line in hunk.lines]
    if _many_lines(texts, hunk.language) or any(text.endswith("\\") for text in texts):
        return None
    rows: list[tuple[str, str]] = []
    for line in hunk.lines:
        text = line.text
        lead = len(text) - len(text.lstrip())
        plain = _PLAIN.match(text) and not text.lstrip().startswith(("#", "*"))
        if plain:
            text = _respaced(text, lead, hunk.language, chance)
        made = _wrapped(text, hunk.language, chance) if plain else [text]
        if hunk.language != "python" and not (hunk.language == "c" and text.lstrip().startswith("#")):
            made = [" " * (chance.choice((2, 1)) * lead) + each.lstrip() for each in made]
        rows += [(line.kind, each) for each in made]
        if chance.random() < 0.1:
            rows.append((line.kind, chance.choice(("", "  "))))
    copy = replace(hunk, lines=numbered(rows))
    return copy if [x.text for x in copy.lines] != texts else None


def _many_lines(texts: Sequence[str], language: str) -> bool:
    """Whether there may be strings or comments of several lines, or markup."""
    body = "\n".join(texts)
    if re.search(r"</|/>|`|\"\"\"|'''|<<[~-]|=begin|^\s*\*", body, re.MULTILINE):
        return True
    if re.search(r"\br#*\"[^\"]*$|%[iwq]?[\[({]|^\.sp$|\\f[lBP]", body, re.MULTILINE):
        return True
    return language not in HASHES and body.count("/*") != body.count("*/")


def _respaced(text: str, lead: int, language: str, chance: random.Random) -> str:
    head, body = text[:lead], text[lead:]
    if chance.random() < 0.5:
        body = re.sub(r"(?<=[\w)]) (=|==|\+|<=|&&|\|\||\+=) (?=\w)", r"\1", body)
        body = re.sub(r", (?=\w)", ",", body)
    else:
        body = re.sub(r"(?<=[a-z)])(==|\+=|&&|\|\||!=)(?=[a-z(])", r" \1 ", body)
        if language != "ruby":
            body = re.sub(r"\((?=\w)", "( ", body)
            body = re.sub(r"(?<=\w)\)", " )", body)
    return head + body + chance.choice(("", " ", "\t"))


def _wrapped(text: str, language: str, chance: random.Random) -> list[str]:
    """Over several lines where a list of arguments or a brace allows it."""
    match = re.search(r"(\w\()(\s*\w[^()]*,[^()]*)(\))", text)
    kept = text.count("(") != text.count(")") or re.search(r"\b(?:for|if|while|switch|def|do)\b", text)
    if match and not kept and chance.random() < 0.7:
        first, last = text[: match.end(1)], text[match.start(3) :]
        middle = match[2].strip().split(",")
        comma = "," if language == "go" else ""
        return [first, *[f"    {each}," for each in middle[:-1]], f"    {middle[-1]}{comma}", last]
    if language in {"java", "c", "javascript", "typescript", "rust"} and re.search(r"\)\s*\{\s*$", text):
        return [text[: text.rindex("{")], "{"]
    return [text]


def commented(hunk: Hunk, chance: random.Random) -> Hunk | None:
    """The hunk with comments added and taken away."""
    texts = [line.text for line in hunk.lines]
    if _many_lines(texts, hunk.language) or any(text.endswith("\\") for text in texts):
        return None
    mark = "#" if hunk.language in HASHES else "//"
    rows: list[tuple[str, str]] = []
    for line in hunk.lines:
        text = line.text
        if _PROSE.match(text) and chance.random() < 0.7:
            continue
        if chance.random() < 0.2:
            lead = text[: len(text) - len(text.lstrip())]
            own = mark != "//" or chance.random() < 0.5
            rows.append((line.kind, f"{lead}{mark} see the note above" if own else f"{lead}/* as it was */"))
        plain = _PLAIN.match(text) and text.strip() and not text.lstrip().startswith("#")
        rows.append((line.kind, f"{text}  {mark} as before" if plain and chance.random() < 0.2 else text))
    copy = replace(hunk, lines=numbered(rows))
    return copy if [x.text for x in copy.lines] != texts else None


def moved(hunk: Hunk, chance: random.Random) -> Hunk:
    """The hunk elsewhere in another file."""
    folder, _, name = hunk.path.rpartition("/")
    rows = [(line.kind, line.text) for line in hunk.lines]
    path = f"{folder}/moved_{name}" if folder else f"moved_{name}"
    return replace(hunk, path=path, lines=numbered(rows, chance.randint(1, 900), chance.randint(1, 900)))


COPIES: dict[str, Callable[[Hunk, random.Random], Hunk | None]] = {
    "formatting": reformatted,
    "comments": commented,
    "moved": moved,
}
