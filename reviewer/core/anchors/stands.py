"""Says whether the lines that a finding was put on are still there as they were."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from reviewer.core.anchors.place import place
from reviewer.core.anchors.places import Places
from reviewer.core.anchors.quotes import normal
from reviewer.core.types import Finding, Placed, Severity, Side, Told


def standings(told: Told, places: Places, *, path: str = "") -> list[Placed]:
    """The finding on each place that reads as the lines that it was said of, all of them and on the same side.

    Empty where there is none, and where it is not known what they were. `path` is where to look, else in its own file.
    """
    rows = places.rows(path or told.path) if told.code.strip() and (path or told.path) else None
    lines = [normal(line) for line in told.code.split("\n")]
    found = []
    for row in rows.reading.get(lines[0], ()) if rows else ():
        placed = place(_finding(replace(told, path=path or told.path), places, row.line.number, told.code), places)
        first = placed.anchor and (placed.anchor.start_line or placed.anchor.line)
        if placed.anchor is None or placed.anchor.side is not told.side or first != row.line.number:
            continue
        if [normal(line) for line in placed.code.split("\n")] == lines:
            found.append(replace(placed, finding=replace(placed.finding, line=row.line.number), fingerprint=told.name))
    return found


def headings(above: Sequence[str], code: str) -> tuple[str, ...]:
    """The lines that open the blocks which `code` stands in, by their indentation, the innermost first, as far as they
    are shown.
    """
    depth = _indent(next((line for line in code.split("\n") if line.strip()), ""))
    found = []
    for line in reversed(above):
        if line.strip() and _indent(line) < depth and any(map(str.isalnum, line)):
            found.append(normal(line))
            depth = _indent(line)
    return tuple(found)


def heading(above: Sequence[str], code: str) -> str:
    return next(iter(headings(above, code)), "")


def heading_of(placed: Placed, places: Places) -> str:
    return next(iter(headings_of(placed, places)), "")


def headings_of(placed: Placed, places: Places) -> tuple[str, ...]:
    """The same of a finding's place on this head."""
    rows = places.rows(placed.finding.path)
    if rows is None or placed.anchor is None:
        return ()
    side, first = placed.anchor.side, placed.anchor.start_line or placed.anchor.line
    for hunk in rows.file.hunks:
        shown = [line for line in hunk.lines if line.kind == " " or line.side is side]
        numbers = [line.old if side is Side.LEFT else line.new for line in shown]
        if first in numbers:
            return headings([line.text for line in shown[: numbers.index(first)]], placed.code)
    return ()


def holds(path: str, line: str, places: Places) -> bool:
    """Whether the new file shows such a line (as `heading` gives it)."""
    rows = places.rows(path)
    return rows is not None and any(row.line.new is not None for row in rows.reading.get(line, ()))


def restored(told: Told, places: Places, *, digest: Callable[[str], str]) -> Iterator[Placed]:
    """The finding on each line of its file that its name may be of, where only its name tells which line it was.

    `digest` gives the first part of the name of a line.
    """
    rows = places.rows(told.path) if told.path and told.severity else None
    wanted = told.name.partition("-")[0]
    for row in rows.rows if rows else ():
        if row.line.text.strip() and digest(row.line.text) == wanted:
            placed = place(_finding(told, places, row.line.number, row.line.text), places)
            if placed.anchor and placed.anchor.line == row.line.number:
                yield replace(placed, fingerprint=told.name)


def _finding(told: Told, places: Places, line: int, quote: str) -> Finding:
    return Finding(
        path=places.path(told.path),
        line=line,
        end_line=None,
        quote=quote,
        severity=told.severity or Severity.LOW,
        category=told.category,
        confidence=1.0,
        title=told.title,
        body=told.body,
    )


def _indent(line: str) -> int:
    text = line.expandtabs(8)
    return len(text) - len(text.lstrip())
