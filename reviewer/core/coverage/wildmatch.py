"""Git's glob patterns for attributes as regular expressions that never try the same thing twice.

Unlike those of .gitignore, a pattern that matches a folder says nothing of the files in it, and there is no negation.
Each run of letters between two stars is looked for once, from the left, in an atomic group: where it is found first
leaves the most room for the rest. So a pattern of a hundred stars costs no more than its length.
"""

from __future__ import annotations

import re
from functools import cache

_NAMED = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "blank": r" \t", "digit": "0-9", "lower": "a-z", "space": r"\s",
    "upper": "A-Z", "xdigit": "0-9A-Fa-f", "punct": r"!-/:-@\[-`{-~", "cntrl": r"\x00-\x1f\x7f", "graph": "!-~",
    "print": " -~",
}  # fmt: skip
_ONE = re.compile(
    r"\\(?P<escaped>.)|(?P<set>\[[!^]?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\])|(?P<star>\*+)|(?P<any>\?)|(?P<plain>.)"
)
_IN_SET = re.compile(r"\[:(\w+):\]|\\(.)|(-)|(.)", re.DOTALL)


@cache
def compiled(pattern: str) -> re.Pattern[str] | None:
    """For `fullmatch` on a path from the pattern's own folder; None for one that matches no file (`dir/`, `[a`)."""
    if not pattern or pattern.endswith("/"):
        return None
    bare = pattern.removeprefix("/")
    names = bare.split("/")
    if len(names) == 1 and bare == pattern:
        names = ["**", *names]  # without a slash it counts at any depth
    try:
        return re.compile(_path(names), re.DOTALL)
    except (re.error, ValueError):  # a set that is no set: git matches nothing by it either
        return None


def _path(names: list[str]) -> str:
    """Runs of names between `**`, each looked for once; the last one has to end the path."""
    runs: list[list[str]] = [[]]
    for name in names:
        if name == "**":
            runs.append([])
        else:
            runs[-1].append(_name(name))
    joined = ["/".join(run) for run in runs]
    if len(joined) == 1:
        return joined[0]
    first = f"{joined[0]}/" if joined[0] else ""
    middle = "".join(rf"(?>(?:[^/]+/)*?{run}/)" for run in joined[1:-1] if run)
    last = rf"(?:[^/]+/)*{joined[-1]}" if joined[-1] else ".+"
    return first + middle + last


def _name(glob: str) -> str:
    """One name between slashes: the pieces between its stars."""
    pieces = [""]
    for one in _ONE.finditer(glob):
        if one["star"]:
            pieces.append("")
        else:
            pieces[-1] += _letter(one)
    first, *rest = pieces
    if not rest:
        return first
    return first + "".join(rf"(?>[^/]*?{piece})" for piece in rest[:-1] if piece) + rf"[^/]*{rest[-1]}"


def _letter(one: re.Match[str]) -> str:
    if one["any"]:
        return "[^/]"
    if one["set"]:
        return _set(one["set"])
    if one["plain"] == "[" or one[0] == "\\":
        raise ValueError("an open set or a lone backslash")
    return re.escape(one["escaped"] or one["plain"])


def _set(text: str) -> str:
    negated = text[1] in "!^"
    inside = text[2:-1] if negated else text[1:-1]
    parts = []
    for named, escaped, dash, plain in _IN_SET.findall(inside):
        if named and named not in _NAMED:
            raise ValueError("a class that is none")
        parts.append(_NAMED[named] if named else dash or re.escape(escaped or plain))
    return f"(?!/)[{'^' if negated else ''}{''.join(parts)}]"
