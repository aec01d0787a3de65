"""Finds the signatures that a chunk needs: of what it calls, where the diff's other files or hunks define that."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reviewer.core.chunks.shown import one_line
from reviewer.core.types import Diff, FileDiff, Line, Outline, Symbol

MOST = 6  # signatures for a chunk
SHARE, LEAST = 0.08, 24  # of a chunk's tokens, and tokens that any chunk may have
WIDEST_NAME = 3  # files that may define a name; one that more do says nothing
SAME = 2  # definitions of one name: overloads, or the old and the new
LONGEST_HEAD = 8  # lines over which a definition's head is looked for among the added ones

# Names that every library's objects have too: one is believed to be meant only when a single function (no method) of
# that name changed.
_COMMON = frozenset(
    {
        *("add", "all", "any", "append", "apply", "build", "call", "clear", "close", "copy", "count", "create", "data"),
        *(
            "delete",
            "each",
            "exec",
            "exit",
            "filter",
            "find",
            "first",
            "format",
            "get",
            "has",
            "index",
            "init",
            "insert",
        ),
        *("items", "join", "keys", "last", "len", "list", "load", "log", "main", "make", "map", "max", "min", "name"),
        *("new", "next", "now", "open", "parse", "pop", "post", "print", "push", "put", "read", "remove", "render"),
        *(
            "replace",
            "reset",
            "run",
            "save",
            "search",
            "send",
            "set",
            "setup",
            "size",
            "sort",
            "split",
            "start",
            "stop",
        ),
        *("str", "strip", "sum", "test", "then", "to", "trim", "type", "update", "value", "values", "wait", "write"),
    }
)
_SHORT = 3  # characters; so short a name is common

_TEST = re.compile(r"(?:^|/)(?:tests?|specs?|__tests__)/|(?:^|/)(?:test_|conftest)|[._]test\.\w+$|\.spec\.\w+$")
_NAMED = re.compile(r"\b(?:def|func|fun|fn|function)\s+(?:\([^()]*\)\s*)?([^\W\d]\w*)")
_TYPE = re.compile(r"(?:\w+ )*(?:class|interface|struct|enum|impl|trait|module|mod|namespace|object|type|union)\b")


@dataclass(frozen=True, slots=True)
class Signature:
    """A definition somewhere in the changed files; `line` is in the new file, None for one that is gone.

    `touched`: the diff adds, changes or removes it. `method`: it stands in a class or the like.
    """

    path: str
    line: int | None
    text: str
    touched: bool
    method: bool = False


class Signatures:
    """The definitions of all changed files by name."""

    def __init__(
        self, diff: Diff, outlines: Mapping[str, Outline], calls: Callable[[Iterable[str]], Iterable[str]]
    ) -> None:
        self._calls = calls
        self._by_name: dict[str, list[Signature]] = {}
        gone: list[tuple[str, Signature]] = []
        for file in diff.files:
            outline = outlines.get(file.path)
            names = set()
            added = _added(file) if outline else {}
            for symbol in _outward(outline.symbols) if outline else ():
                names.add(symbol.name)
                self._put(symbol.name, _signature(file.path, symbol, added))
            if outline or file.status == "removed":
                gone += [(name, each) for name, each in _removed(file) if name not in names]
        touched = {name for name, found in self._by_name.items() if any(each.touched for each in found)}
        for name, each in gone:
            if name not in touched:  # else it was moved
                self._put(name, each)

    def _put(self, name: str, signature: Signature) -> None:
        self._by_name.setdefault(name, []).append(signature)

    def called(self, path: str, lines: Sequence[Line], head: str) -> list[Signature]:
        """What a chunk's added and context lines call and its rows and head do not show: the changed ones first.

        Which changed ones there are depends on nothing else than what the diff changes.
        """
        shown = {line.new for line in lines if line.new is not None}
        found: list[Signature] = []
        for name in self._calls(line.text for line in lines if line.kind != "-"):
            for each in self._meant(name, test=_TEST.search(path) is not None):
                hidden = each.path != path or (each.line not in shown and each.text not in head)
                if hidden and (each.touched or each.path != path):
                    found.append(each)
        return sorted(dict.fromkeys(found), key=lambda each: (not each.touched, each.path == path))

    def _meant(self, name: str, *, test: bool) -> list[Signature]:
        """What a name that is called may mean; nothing where that is a guess. Only tests call what tests define."""
        known = [each for each in self._by_name.get(name, ()) if test or not _TEST.search(each.path)]
        changed = [each for each in known if each.touched]
        common = name in _COMMON or len(name) <= _SHORT or name.startswith("__")
        if changed:
            known = changed
        elif common or (known and all(_TYPE.match(each.text) for each in known)):
            return []
        if common and (len(known) > 1 or any(each.method for each in known)):
            return []
        return known[:SAME] if len({each.path for each in known}) <= WIDEST_NAME else []


def chosen(
    signatures: Sequence[Signature], *, room: int, count: Callable[[str], int]
) -> tuple[list[Signature], list[str], int]:
    """The first of them that fit into so many tokens, at most MOST; their lines; and their tokens."""
    taken: list[Signature] = []
    rows: list[str] = []
    used = 0
    for each in signatures:
        row = f"  ↳ {one_line(each.path)}: {one_line(each.text)}\n"
        cost = count(row)
        if len(taken) < MOST and used + cost <= room:
            taken.append(each)
            rows.append(row)
            used += cost
    return taken, rows, used


def allowance(characters: int, budget: int) -> int:
    """Tokens of signatures for a chunk of so many characters, whatever its line numbers are."""
    return min(budget, max(LEAST, int(characters / 4 * SHARE)))


def _outward(symbols: Iterable[Symbol]) -> Iterator[Symbol]:
    """Those that can be called from elsewhere: not what stands in a function."""
    inside: list[bool] = []  # whether what holds the present symbol, from the outermost on, is or stands in a function
    for symbol in symbols:
        del inside[symbol.depth :]
        local = bool(inside) and inside[-1]
        inside.append(local or _TYPE.match(symbol.signature) is None)
        if not local:
            yield symbol


def _added(file: FileDiff) -> dict[int, str]:
    return {line.new: line.text for hunk in file.hunks for line in hunk.lines if line.kind == "+" and line.new}


def _signature(path: str, symbol: Symbol, added: Mapping[int, str]) -> Signature:
    head = range(symbol.line, min(symbol.end, symbol.line + LONGEST_HEAD) + 1)
    changed = symbol.line in added or any(_part(added.get(number, ""), symbol.signature) for number in head)
    return Signature(path, symbol.line, symbol.signature, changed, symbol.depth > 0)


def _part(line: str, signature: str) -> bool:
    """Whether a line is one of those over which a long head goes."""
    text = " ".join(line.split()).rstrip(",")
    return len(text) > _SHORT and text in signature


def _removed(file: FileDiff) -> Iterator[tuple[str, Signature]]:
    """The functions on removed lines; a method is told by its indentation."""
    for hunk in file.hunks:
        for line in hunk.lines:
            if line.kind == "-" and (match := _NAMED.search(line.text[:200])):
                text = f"{' '.join(line.text[:200].split()).rstrip(' {:')} [removed]"
                yield match[1], Signature(file.path, None, text, touched=True, method=line.text[:1].isspace())
