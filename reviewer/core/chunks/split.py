"""Splits a diff into chunks within the budget, each with a key that does not know line numbers."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reviewer.core.chunks.called import Signatures, allowance, chosen
from reviewer.core.chunks.cuts import NUMBER_CHARS, best_end, enclosing
from reviewer.core.chunks.gaps import marked, shortened
from reviewer.core.chunks.inside import Inside
from reviewer.core.chunks.shown import head_of, longest_cut, rows_of
from reviewer.core.types import Chunk, Diff, FileDiff, Hunk, HunkId, Line, Outline

OVERLAP = 3  # rows of the piece before that a piece repeats, git's own measure of context
WIDEST = "999999999"  # no line number costs more tokens than this one
RESERVE = 32  # one part in so many of the budget is kept for signatures, so that they change no cut

# Enters every key: change it with anything here that changes what the model sees of the same lines.
_LAYOUT = b"chunk 3"

# What a token is taken for until it is counted, line numbers included. Code has 4 to 4.6 (four pull requests of flask):
# nearly every hunk and piece within this fits wherever it stands, and is counted once.
_CHARS_PER_TOKEN = 3


def split(
    diff: Diff,
    *,
    count: Callable[[str], int],
    budget: int,
    outlines: Mapping[str, Outline] | None = None,
    calls: Callable[[Iterable[str]], Iterable[str]] | None = None,
) -> tuple[Chunk, ...]:
    """Every added and context line of every hunk in at least one chunk of at most `budget` tokens, in the diff's order.

    Removed lines too, but for the inside of long runs of them. Only a single line that is larger than the budget gives
    a larger chunk. Neither the cuts nor the keys depend on line numbers.

    `outlines` are those of the files at head, by path: with one, heads name the symbols that enclose a chunk, and cuts
    are made where symbols begin. With `calls`, which finds the names that lines call, a chunk ends with signatures of
    what it calls in changed files; those that the diff leaves as they were are no part of its key.
    """
    outlines = outlines or {}
    reserve = budget // RESERVE if calls else 0
    size = _Size(count, budget - reserve, count(WIDEST) - count("1"))
    signatures = Signatures(diff, outlines, calls) if calls else None
    keys = _Keys(Counter())
    chunks: list[Chunk] = []
    for file in diff.files:
        outline = outlines.get(file.path)
        inside = Inside(outline) if outline and outline.symbols else None
        for index, hunk in enumerate(file.hunks):
            for piece in _pieces(file, hunk, size, inside):
                key, text, tokens = [piece.head, *piece.rows], piece.text, piece.tokens
                if signatures and (called := signatures.called(file.path, piece.lines, piece.head)):
                    room = allowance(sum(map(len, piece.rows)), reserve)
                    taken, told, cost = chosen(called, room=room, count=count)
                    key += [row for each, row in zip(taken, told, strict=True) if each.touched]
                    text, tokens = text + "".join(told), tokens + cost
                ids, cut = (HunkId(file.path, index),), longest_cut(piece.lines)
                chunks.append(Chunk(file.path, keys.of(key), text, tokens, ids, piece.lines, cut))
    return tuple(chunks)


@dataclass(frozen=True, slots=True)
class _Keys:
    seen: Counter[str]

    def of(self, parts: Sequence[str]) -> str:
        digest = hashlib.blake2b(_LAYOUT, digest_size=16)
        digest.update("\n".join(parts).encode())
        key = digest.hexdigest()
        self.seen[key] += 1  # the same change twice in one file: two chunks, two keys
        return key if self.seen[key] == 1 else _nth(key, self.seen[key])


@dataclass(frozen=True, slots=True)
class _Piece:
    head: str
    rows: Sequence[str]
    lines: tuple[Line, ...]
    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class _Size:
    count: Callable[[str], int]
    budget: int
    slack: int  # tokens that the widest line number costs more than the narrowest

    def piece(self, head: str, rows: Sequence[str], lines: Sequence[Line]) -> _Piece:
        numbers = [line.old if line.new is None else line.new for line in lines]
        text = "\n".join([head, *[f"{number}{row}" for number, row in zip(numbers, rows, strict=True)], ""])
        return _Piece(head, rows, tuple(lines), text, self.count(text))

    def fits(self, piece: _Piece) -> bool:
        """Whether these rows fit wherever in the file they stand: a chunk that moves has to stay one chunk."""
        if piece.tokens > self.budget:
            return False
        if piece.tokens + self.slack * len(piece.rows) <= self.budget:
            return True
        widest = "\n".join([piece.head, *[f"{WIDEST}{row}" for row in piece.rows], ""])
        return self.count(widest) <= self.budget


@dataclass(frozen=True, slots=True)
class _Shown:
    """A hunk as it is shown: its lines, a row for each, and how to head any of them."""

    file: FileDiff
    section: str
    lines: Sequence[Line]
    rows: list[str]
    inside: Inside | None

    def head(self, first: int, start: int, end: int) -> str:
        """The head of a piece that shows rows from `first` and is new from `start`."""
        if self.inside:
            section = self.inside.head(self.lines, first, start, end)
        else:
            section = enclosing(self.rows, first, self.section)
        return head_of(self.file, section)

    def piece(self, size: _Size, first: int, start: int, end: int) -> _Piece:
        return size.piece(self.head(first, start, end), self.rows[first:end], self.lines[first:end])


def _shown(file: FileDiff, hunk: Hunk, inside: Inside | None) -> _Shown:
    lines, gaps = shortened(hunk.lines)
    rows = rows_of(lines)
    if gaps:
        rows = [marked(row, gaps[at]) if at in gaps else row for at, row in enumerate(rows)]
    return _Shown(file, hunk.section, lines, rows, inside)


def _pieces(file: FileDiff, hunk: Hunk, size: _Size, inside: Inside | None) -> Iterator[_Piece]:
    shown = _shown(file, hunk, inside)
    rows = shown.rows
    aim = size.budget * _CHARS_PER_TOKEN
    if len(rows) <= 1 or sum(map(len, rows)) + NUMBER_CHARS * len(rows) <= aim:
        whole = shown.piece(size, 0, 0, len(rows))
        if len(rows) <= 1 or size.fits(whole):
            yield whole
            return
    symbols = inside.depths(shown.lines) if inside else {}
    start = 0
    while start < len(rows):
        first = max(0, start - OVERLAP)
        end = best_end(rows, first, start, aim, symbols)
        piece = shown.piece(size, first, start, end)
        while not size.fits(piece) and end - first > 1:
            if end - start > 1:
                aim //= 2
                end = best_end(rows, first, start, aim, symbols)
            else:
                first = start
            piece = shown.piece(size, first, start, end)
        yield piece
        start = end


def _nth(key: str, occurrence: int) -> str:
    return hashlib.blake2b(f"{key} {occurrence}".encode(), digest_size=16).hexdigest()
