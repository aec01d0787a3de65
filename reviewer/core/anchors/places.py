"""An index of the lines of a diff: by path, by number, and by what they say."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from reviewer.core.anchors.alike import contexts
from reviewer.core.anchors.blocks import Blocks
from reviewer.core.anchors.quotes import distinctive, normal, readings, telling
from reviewer.core.types import Diff, FileDiff, Line, Side

_RANK = {"+": 0, " ": 1, "-": 2}  # at equal distance what was added is meant rather than what was there


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a file's diff: in which hunk, where in it, and how it reads."""

    hunk: int
    index: int
    line: Line
    normal: str


@dataclass(frozen=True, slots=True)
class Found:
    """Where a quote was found: the row of its first line, the row of its last, and whether all of it was found.

    `exact`: what is quoted are whole lines, and not a part of one.
    """

    first: Row
    last: Row
    whole: bool
    exact: bool = True


@dataclass(slots=True)
class FileRows:
    """The rows of one file's diff."""

    file: FileDiff
    rows: list[Row] = field(default_factory=list)
    reading: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    text: str = ""  # all rows as they read, one a line: searched at once, for a file may have 200,000
    starts: list[int] = field(default_factory=list)  # where each row begins in it
    contexts: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)  # by reading, hunk and index
    _blocks: dict[Side, Blocks] = field(default_factory=dict)

    @classmethod
    def of(cls, file: FileDiff) -> FileRows:
        found = cls(file)
        at = 0
        for number, hunk in enumerate(file.hunks):
            for index, line in enumerate(hunk.lines):
                row = Row(number, index, line, normal(line.text))
                found.rows.append(row)
                found.reading[row.normal].append(row)
                found.starts.append(at)
                at += len(row.normal) + 1
        found.text = "\n".join(row.normal for row in found.rows)
        return found

    def holding(self, part: str) -> Iterator[Row]:
        """The rows that hold `part`, which is normal and not empty, in order."""
        at = self.text.find(part)
        while at >= 0:
            index = bisect_right(self.starts, at) - 1
            yield self.rows[index]
            if index + 1 == len(self.rows):
                return
            at = self.text.find(part, self.starts[index + 1])

    def context(self, row: Row) -> str:
        """What tells a row from those that read alike."""
        if row.normal not in self.contexts:
            alike = self.reading[row.normal]
            told = contexts([(self.file.hunks[each.hunk], each.index) for each in alike])
            self.contexts[row.normal] = {(each.hunk, each.index): text for each, text in zip(alike, told, strict=True)}
        return self.contexts[row.normal][row.hunk, row.index]

    def blocks(self, side: Side) -> Blocks:
        if side not in self._blocks:
            self._blocks[side] = Blocks(self.file, side)
        return self._blocks[side]

    def alone(self, row: Row) -> bool:
        """Whether no other line of the file's diff on its side reads like this one."""
        return sum(each.line.side is row.line.side for each in self.reading[row.normal]) == 1

    def find(self, quote: str, number: int) -> Found | None:
        """The place that reads like `quote`, nearest to `number`; whole lines win over parts of lines."""
        candidates = readings(quote)
        for search in (self._lines, self._parts, self._single):
            for lines in candidates:
                if found := search(lines, number):
                    return found
        return None

    def _lines(self, lines: tuple[str, ...], number: int) -> Found | None:
        """Whole lines. What cannot be told from others is believed at its number, or where it stands only once."""
        first = normal(lines[0])
        found = [row for row in self.reading.get(first, ()) if self._rest(row, lines, part=False)]
        if len(found) > 1 and not any(telling(line) for line in lines):
            found = [row for row in found if row.line.number == number]
        row = min(found, key=lambda row: _distance(row, number, lines[0]), default=None)
        return Found(row, self._rest(row, lines, part=False) or row, whole=True) if row else None

    def _parts(self, lines: tuple[str, ...], number: int) -> Found | None:
        """Parts of lines: of the line with that number, or of any if the part is distinctive."""
        first = normal(lines[0])
        anywhere = distinctive(" ".join(lines))
        if not anywhere and not any(map(str.isalnum, first)):
            return None
        found = [
            row
            for row in self.holding(first)
            if (anywhere or row.line.number == number) and self._rest(row, lines, part=True)
        ]
        row = min(found, key=lambda row: _distance(row, number, lines[0]), default=None)
        return Found(row, self._rest(row, lines, part=True) or row, whole=True, exact=False) if row else None

    def _single(self, lines: tuple[str, ...], number: int) -> Found | None:
        """One line of a quote of several that do not follow one another here."""
        if len(lines) == 1:
            return None
        for line in lines:
            if telling(line) and (found := self._lines((line,), number)):
                return Found(found.first, found.first, whole=False)
        return None

    def _rest(self, row: Row, lines: tuple[str, ...], *, part: bool) -> Row | None:
        """The row where `lines` end if they begin at `row` and follow one another, on its side or as the diff goes."""
        if len(lines) == 1:
            return row
        hunk = self.file.hunks[row.hunk].lines
        after = [line for line in hunk[row.index + 1 : row.index + 4 * len(lines)] if line.text.strip()]
        sides = "+-" if row.line.kind == " " else row.line.kind  # an unchanged line stands in both files
        for follow in (*([line for line in after if line.kind in (" ", side)] for side in sides), after):
            if last := _follows(follow, lines[1:], part=part):
                return Row(row.hunk, hunk.index(last), last, normal(last.text))
        return None


def _follows(rows: list[Line], lines: tuple[str, ...], *, part: bool) -> Line | None:
    if len(rows) < len(lines):
        return None
    for row, line in zip(rows, lines, strict=False):
        here, wanted = normal(row.text), normal(line)
        if here != wanted and not (part and wanted in here):
            return None
    return rows[len(lines) - 1]


def _distance(row: Row, number: int, quote: str) -> tuple[bool, bool, int, int, int, int]:
    """The line with that number first, then what is quoted letter by letter, then the nearest."""
    away = abs(row.line.number - number)
    differs = row.line.text.rstrip("\r") != quote
    return away > 0, away > 0 and differs, away, _RANK[row.line.kind], row.hunk, row.index


class Places:
    """The index of a whole diff. A file's lines are indexed when they are first asked for."""

    def __init__(self, diff: Diff) -> None:
        self.files = diff.files
        self._files = {file.path: file for file in diff.files}
        self._moved = {file.old_path: file.path for file in diff.files if file.status == "renamed"}
        self._rows: dict[str, FileRows] = {}

    def path(self, said: str) -> str:
        """The path in the diff that `said` means; `said` itself when the diff has no such file."""
        for name in _spellings(said):
            real = name if name in self._files else self._moved.get(name, "")
            if real in self._files:
                return real
        return said

    def has(self, path: str) -> bool:
        """Whether the diff has a file of exactly this path."""
        return path in self._files

    def rows(self, path: str) -> FileRows | None:
        """The rows of the file that `path` means, None when the diff has no such file."""
        real = self.path(path)
        if real in self._files and real not in self._rows:
            self._rows[real] = FileRows.of(self._files[real])
        return self._rows.get(real)


def _spellings(path: str) -> Iterator[str]:
    """The path itself, then without what models and diffs put before it."""
    yield path
    bare = path.strip().strip("`'\"").replace("\\", "/")
    while bare.startswith(("./", "/")):
        bare = bare.removeprefix(".").removeprefix("/")
    yield bare
    if bare.startswith(("a/", "b/")):
        yield bare[2:]
