"""Breaks lines for a page that is so many cells wide: prose at its spaces, code where it has to be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len, chop_cells

from reviewer.formats.result import scrub

MOST_ROWS = 4  # of one line of code: it may be a megabyte long
_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])?\s*")


def tame(text: str) -> str:
    return scrub(text).expandtabs(4)


def one_line(text: str) -> str:
    return tame(text).replace("\n", " ").rstrip()


def code_rows(line: str, width: int) -> list[str]:
    """A line of code in rows of `width` cells; of a long one the beginning."""
    rest = line[: width * MOST_ROWS + 1]  # a cell holds at most one character that is seen
    if len(rest) == len(line) and cell_len(line) <= width:
        return [line]
    cut, rows = len(rest) < len(line), list[str]()
    while rest and len(rows) < MOST_ROWS:
        row = chop_cells(rest, width)[0]
        space = row.rfind(" ", len(row) // 2) + 1 if len(row) < len(rest) else 0
        rows.append(row[:space] if space else row)
        rest = rest[len(rows[-1]) :]
    if rest or cut:
        rows[-1] = f"{chop_cells(rows[-1], width - 1)[0].rstrip()}…"
    return [row.rstrip() for row in rows]


def prose(text: str, width: int) -> Iterator[str]:
    """Paragraphs in `width` cells; empty lines, lists and fenced code keep their shape."""
    fenced = False
    for line in text.strip("\n").split("\n"):
        fence = line.lstrip().startswith("```")
        fenced ^= fence
        if cell_len(line) <= width:
            yield line.rstrip()
        elif fenced or fence:
            yield from (row.rstrip() for row in code_rows(line, width))
        else:
            yield from _broken(line, width)


def _broken(line: str, width: int) -> Iterator[str]:
    item = _LIST_ITEM.match(line)
    assert item is not None  # it matches nothing too
    indent = " " * min(cell_len(item[0]), width // 2)
    current = item[0] if cell_len(item[0]) < width else indent
    start = current
    for word in _words(line[item.end() :], width - len(indent)):
        if current.strip() and cell_len(f"{current}{word}") > width and current != start:
            yield current.rstrip()
            current = indent
        current += f"{word} "
    yield current.rstrip()


def _words(text: str, width: int) -> Iterator[str]:
    """Words; one that is too long (Chinese has no spaces) in pieces, a link whole."""
    for word in text.split():
        if cell_len(word) > width and "://" not in word:
            yield from chop_cells(word, width)
        else:
            yield word
