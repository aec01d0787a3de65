"""Finds the signatures that a chunk needs: of what it calls, where the diff's other files or hunks define that."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from reviewer.core.chunks.contracts import Signature, contracts
from reviewer.core.chunks.shown import ellipsed, one_line
from reviewer.core.types import Diff, Line, Outline, Symbol

MOST = 6  # signatures for a chunk
SHARE, LEAST = 0.08, 24  # of a chunk's tokens, and tokens that any chunk may have
LONGEST = 200  # characters of a signature that are shown
WIDEST_NAME = 3  # files that may define a name; one that more do says nothing
SAME = 2  # definitions of one name: overloads, or the old and the new

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
_TYPE = re.compile(r"(?:\w+ )*(?:class|interface|struct|enum|impl|trait|module|mod|namespace|object|type|union)\b")


class Signatures:
    """The definitions of all changed files by name: those that the diff changes, and those that outlines know of."""

    def __init__(
        self,
        diff: Diff,
        outlines: Mapping[str, Outline],
        calls: Callable[[Iterable[str]], Iterable[str]],
        count: Callable[[str], int],
    ) -> None:
        self._calls, self._count = calls, count
        self._changed = contracts(diff)
        self._outlined: set[str] = set()
        self._known: dict[str, list[Signature]] = {}
        self._at: dict[tuple[str, int], Signature] = {}
        for file in diff.files:
            outline = outlines.get(file.path)
            if outline and outline.symbols:
                self._outlined.add(file.path)
                for symbol in _outward(outline.symbols):
                    known = Signature(file.path, symbol.line, symbol.signature, symbol.depth > 0)
                    self._known.setdefault(symbol.name, []).append(known)
                    self._at[file.path, symbol.line] = known

    def of(self, path: str, lines: Sequence[Line], head: str, room: int, left: int) -> tuple[str, str, int]:
        """Rows of the changed contracts that a chunk's lines call and do not show; what to show for all; its tokens.

        The first depend on the diff alone, the second on outlines too: those take at most `room` and `left` tokens.
        """
        names = tuple(self._calls(line.text for line in lines if line.kind != "-"))
        changed, rows, _ = self._chosen(self._new_to(path, lines, names), room)
        told = self._told(path, names, changed, head)
        _, shown, tokens = self._chosen(told, min(room, left), shorter={self._better(each): each for each in changed})
        return rows, shown, tokens

    def _new_to(self, path: str, lines: Sequence[Line], names: Iterable[str]) -> list[Signature]:
        test = _TEST.search(path) is not None
        shown = {False: {line.new for line in lines}, True: {line.old for line in lines}}
        called = [each for name in names for each in _meant(name, self._changed.get(name, ()), test=test)]
        found = dict.fromkeys(each for each in called if each.path != path or each.line not in shown[each.gone])
        return sorted(found, key=lambda each: each.path == path)

    def _told(self, path: str, names: Iterable[str], changed: Sequence[Signature], head: str) -> list[Signature]:
        """The changed contracts first: as the outlines have them, where there are any."""
        better = map(self._better, changed)
        found = [each for each in better if each is not None and (each.path != path or each.text not in head)]
        test = _TEST.search(path) is not None
        for name in names:
            if name not in self._changed and not _common(name):
                known = self._known.get(name, ())
                if not all(_TYPE.match(each.text) for each in known):
                    found += [each for each in _meant(name, known, test=test) if each.path != path]
        return list(dict.fromkeys(found))

    def _better(self, contract: Signature) -> Signature | None:
        """A changed contract as its file's outline has it; none where that knows of no such definition."""
        if contract.path not in self._outlined or contract.gone:
            return contract
        return self._at.get((contract.path, contract.line))

    def _chosen(
        self, signatures: Sequence[Signature], room: int, shorter: Mapping[Signature | None, Signature] | None = None
    ) -> tuple[list[Signature], str, int]:
        """The first of them that fit into so many tokens, at most MOST; their lines; and their tokens.

        `shorter` is what may stand for one that does not fit.
        """
        taken: list[Signature] = []
        rows: list[str] = []
        used = 0
        for each in signatures:
            if len(taken) == MOST:
                break
            row = _row(each)
            cost = self._count(row)
            if used + cost > room and shorter and each in shorter:
                row = _row(shorter[each])
                cost = self._count(row)
            if used + cost <= room:
                taken.append(each)
                rows.append(row)
                used += cost
        return taken, "".join(rows), used


def _meant(name: str, known: Sequence[Signature], *, test: bool) -> list[Signature]:
    """What a name that is called may mean; nothing where that is a guess. Only tests call what tests define."""
    known = [each for each in known if test or not _TEST.search(each.path)]
    if _common(name) and (len(known) > 1 or any(each.method for each in known)):
        return []
    return known[:SAME] if len({each.path for each in known}) <= WIDEST_NAME else []


def _common(name: str) -> bool:
    return name in _COMMON or len(name) <= _SHORT or name.startswith("__")


def _row(signature: Signature) -> str:
    text = ellipsed(signature.text, LONGEST)
    return f"  ↳ {one_line(signature.path)}: {one_line(text)}{' [removed]' if signature.gone else ''}\n"


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
