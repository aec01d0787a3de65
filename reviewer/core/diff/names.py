"""Finds out which file a diff's header is about: prefixes, quotes, renames, names with spaces in them."""

from __future__ import annotations

import re
from collections.abc import Mapping

_ESCAPE = re.compile(rb'\\([abtnvfr"\\]|[0-3][0-7]{2})')
_ESCAPES = dict(zip(b'abtnvfr"\\', b'\a\b\t\n\v\f\r"\\', strict=True))
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_TWO = re.compile(rf"({_QUOTED}|.+) ({_QUOTED}|.+)")
_NOWHERE = "/dev/null"


def paths_of(head: Mapping[str, str]) -> tuple[str, str]:
    """(old, new) path out of a header's lines by their first words, "" where they do not tell.

    The `diff --git` line is asked first: it names both sides even of a new file, so it shows whether there are
    prefixes (`a/` and `b/`, `i/` and `w/`, …) or none (diff.noprefix).
    """
    for moved in ("rename", "copy"):
        if f"{moved} from" in head and f"{moved} to" in head:
            return unquoted(head[f"{moved} from"]), unquoted(head[f"{moved} to"])
    path = (
        _common(*_both(head.get("diff --git", "")))
        or unquoted(head.get("diff --cc", "") or head.get("diff --combined", ""))
        or _plain(_name(head.get("---", "")), _name(head.get("+++", "")))
    )
    return path, path


def unquoted(name: str) -> str:
    r"""A name without git's C-style quoting: `"f\303\251.txt"` is `fé.txt`."""
    if len(name) < len('""') or not name.startswith('"') or not name.endswith('"'):
        return name
    raw = name[1:-1].encode("utf-8", "surrogatepass")
    return _ESCAPE.sub(_byte, raw).decode("utf-8", "replace")


def _byte(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code, 8) if code.isdigit() else _ESCAPES[code[0]]])


def _both(rest: str) -> tuple[str, str]:
    """The two names of a `diff --git` line. Unquoted ones hold spaces, but unless renamed they are equally long."""
    if '"' in rest and (two := _TWO.fullmatch(rest)):
        return unquoted(two[1]), unquoted(two[2])
    middle = len(rest) // 2
    return rest[:middle], rest[middle + 1 :]


def _common(old: str, new: str) -> str:
    """The path behind `a/x` and `b/x`, or behind `x` and `x`; "" when they are not the same file."""
    if old == new:
        return new
    old_tail, new_tail = old.partition("/")[2], new.partition("/")[2]
    return new_tail if old_tail == new_tail else ""


def _plain(old: str, new: str) -> str:
    """The path out of the `---` and `+++` lines alone."""
    if _NOWHERE not in {old, new} and (path := _common(old, new)):
        return path
    return old.removeprefix("a/") if new in {_NOWHERE, ""} else new.removeprefix("b/")


def _name(rest: str) -> str:
    """The name in a `---` or `+++` line; after a tab stands a time, or nothing (git, when the name holds spaces)."""
    return unquoted(rest if rest.startswith('"') else rest.partition("\t")[0])
