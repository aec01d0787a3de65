"""Says whether the lines that a finding was put on are still there as they were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from reviewer.core.anchors.blocks import headings
from reviewer.core.anchors.places import FileRows, Places, Row
from reviewer.core.anchors.quotes import normal
from reviewer.core.types import Anchor, Finding, Line, Placed, Severity, Told


def standings(told: Told, places: Places, *, path: str = "") -> list[Placed]:
    """The finding on each place that reads as the lines that it was said of, all of them and on the same side.

    Empty where there is none, and where it is not known what they were. `path` is where to look, else in its own file.
    """
    rows = places.rows(path or told.path) if told.code.strip() and (path or told.path) else None
    if rows is None:
        return []
    wanted = [normal(line) for line in told.code.split("\n")]
    alike = rows.reading.get(wanted[0], [])
    among = Counter(row.line.side for row in alike)
    found = []
    for row in alike:
        lines = _following(rows, row, len(wanted)) if row.line.side is told.side else []
        if [normal(line.text) for line in lines] == wanted:
            found.append(_stands(told, rows, row, lines, alone=among[row.line.side] == 1))
    return found


def heading(above: Sequence[str], code: str) -> str:
    """The line that opens the block which `code` stands in, "" where it is not shown or there is none."""
    return next(headings(above, code), "")


def heading_of(placed: Placed, places: Places) -> str:
    return next(headings_of(placed, places), "")


def headings_of(placed: Placed, places: Places) -> Iterator[str]:
    """The same of a finding's place on this head, the innermost first."""
    rows = places.rows(placed.finding.path)
    if rows is None or placed.anchor is None:
        return iter(())
    return rows.blocks(placed.anchor.side).headings(placed.anchor.start_line or placed.anchor.line)


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
        if rows and row.line.text.strip() and digest(row.line.text) == wanted:
            yield _stands(told, rows, row, [row.line], alone=rows.alone(row))


def _following(rows: FileRows, row: Row, count: int) -> list[Line]:
    """So many lines from a row on that follow one another on its side; fewer where the hunk has no more."""
    lines = rows.file.hunks[row.hunk].lines
    side = (lines[at] for at in range(row.index, len(lines)) if lines[at].side is row.line.side)
    return list(islice(side, count))


def _stands(told: Told, rows: FileRows, row: Row, lines: Sequence[Line], *, alone: bool) -> Placed:
    first, last = lines[0].number, lines[-1].number
    code = "\n".join(line.text for line in lines)
    finding = Finding(
        path=rows.file.path,
        line=first,
        end_line=None,
        quote=code,
        severity=told.severity or Severity.LOW,
        category=told.category,
        confidence=1.0,
        title=told.title,
        body=told.body,
    )
    anchor = Anchor(rows.file.path, row.line.side, last, first if first < last else None)
    return Placed(finding, anchor, code, rows.context(row), alone, fingerprint=told.name)
