"""Makes the outline of a file: its symbols by name and lines, from the syntax tree that its grammar gives."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ast_grep_py import SgNode, SgRoot

from reviewer.core.symbols.languages import Language, language_of
from reviewer.core.symbols.nodes import head_end, named, signature
from reviewer.core.types import FileDiff, Outline, Symbol

LARGEST = 1_000_000  # characters; a larger file is data or generated
LONGEST_LINE = 5_000  # characters; a file with a longer line is data or minified, and finding a column takes its length
LONGEST_HEAD = 2_000  # characters of a symbol's head; a longer one ends there or where its first quoted value begins
MOST = 20_000  # symbols; what comes after them in the file has none

_QUOTE = re.compile("[\"'`]")
_LONG = re.compile(rf"[^\n]{{{LONGEST_LINE + 1}}}")


@dataclass(frozen=True, slots=True)
class _Place:
    """Lines and characters of the file, from 0; `last` is its last line, `end` the character after it."""

    first: int
    last: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Found:
    """A symbol: its name, kind of node and place, the line of its name, the character where its body begins."""

    name: str
    kind: str
    place: _Place
    line: int
    body: int | None


def outline(path: str, text: str) -> Outline | None:
    """The symbols of a file in the order of their lines.

    None when no grammar here reads it, when it is larger than LARGEST or has a line longer than LONGEST_LINE. A file
    with mistakes has the symbols that could be read.

    Code is read at some 5 MB/s, but text made for it can take a grammar minutes (each mistake lets it search the rest
    of the file again), and nobody else of the process runs meanwhile: call it for strangers' files where a time limit
    can end it, in a process of its own.
    """
    language = language_of(path)
    if language is None or len(text) > LARGEST or _LONG.search(text):
        return None
    text = text.encode("utf-8", "replace").decode()  # a lone surrogate is no text for a grammar
    try:
        nodes = _nodes(text, language)
        attached, found = _sorted_out(nodes, language)
        return Outline(path, tuple(_symbols(text, found, attached, language)))
    except RuntimeError:  # what the grammar's own code could not do
        return None


def added_text(file: FileDiff) -> str | None:
    """The text at head of a file that the diff adds whole; None for any other file, and for one not shown whole."""
    if file.status != "added" or file.missing or file.binary or len(file.hunks) != 1:
        return None
    lines = file.hunks[0].lines
    if any(line.kind != "+" or line.new != number for number, line in enumerate(lines, start=1)):
        return None
    return "".join(f"{line.text}\n" for line in lines)


def _nodes(text: str, language: Language) -> list[SgNode]:
    kinds = sorted(language.symbols | language.attached)
    return SgRoot(text, language.grammar).root().find_all({"rule": {"any": [{"kind": kind} for kind in kinds]}})


def _sorted_out(nodes: Iterable[SgNode], language: Language) -> tuple[list[_Place], list[_Found]]:
    """What is attached, and the symbols, both in the order of the text."""
    attached: list[_Place] = []
    found: list[_Found] = []
    for node in nodes:
        kind = node.kind()
        there = node.range()
        first, last = there.start.line, there.end.line
        if there.end.column == 0 and last > first:
            last -= 1  # the node ends with a line feed
        place = _Place(first, last, there.start.index, there.end.index)
        if kind in language.attached:
            attached.append(place)
        elif len(found) < MOST and (said := named(node, kind)):
            found.append(_Found(said[0], kind, place, said[1].range().start.line, head_end(node, kind)))
    return attached, found


def _symbols(text: str, found: list[_Found], attached: list[_Place], language: Language) -> Iterator[Symbol]:
    above: dict[int, int] = {}  # where a run of comments and decorators begins, by the line that it ends on
    for note in attached:
        if not text[text.rfind("\n", 0, note.start) + 1 : note.start].strip():
            above[note.last] = above.get(note.first - 1, note.first)
    starts = [note.start for note in attached]
    holders: list[int] = []  # where the symbols end that hold the present one
    for each in found:
        place = each.place
        while holders and holders[-1] <= place.start:
            holders.pop()
        end = _head_end(text, place.start, place.end if each.body is None else each.body)
        inside = attached[bisect_left(starts, place.start) : bisect_left(starts, end)]
        head = signature(
            text[place.start : end],
            comments=[(note.start - place.start, note.end - place.start) for note in inside],
            one_line=language.one_line or each.body is None,
        )
        start = above.get(place.first - 1, place.first)
        head = f"type {head}" if each.kind == "type_spec" else head  # Go's grammar has the word in the node above
        yield Symbol(each.name, start + 1, each.line + 1, place.last + 1, head, len(holders))
        holders.append(place.end)


def _head_end(text: str, start: int, end: int) -> int:
    """Where the head that is read ends: a value in quotes is in it whole or not at all, as it may be a secret."""
    if end - start <= LONGEST_HEAD:
        return end
    quoted = _QUOTE.search(text, start, start + LONGEST_HEAD)
    return quoted.start() if quoted else start + LONGEST_HEAD
