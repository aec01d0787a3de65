"""Splits a diff into chunks within the budget, each with a key that does not know line numbers."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reviewer.core.chunks.called import Signatures, allowance
from reviewer.core.chunks.cuts import NUMBER_CHARS, best_end, enclosing
from reviewer.core.chunks.gaps import marked, shortened
from reviewer.core.chunks.inside import Inside
from reviewer.core.chunks.shown import head_of, longest_cut, rows_of
from reviewer.core.types import Chunk, Diff, FileDiff, Hunk, HunkId, Line, Outline

OVERLAP = 3  # rows of the piece before that a piece repeats, git's own measure of context
WIDEST = "999999999"  # no line number costs more tokens than this one
RESERVE = 32  # one part in so many of the budget is kept for signatures, so that they change no cut

# Enters every key: change it with anything here that changes what the model sees of the same lines.
_LAYOUT = b"chunk 4"

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
    a larger chunk. Neither the cuts nor the keys depend on line numbers, and both on the diff alone.

    `outlines` are those of the files at head, by path, as many as could be read: with one, heads name the symbols that
    enclose a chunk where that fits into the budget. They decide neither cuts nor keys, so that a file that could not be
    read once asks nothing again. With `calls`, which finds the names that lines call, a chunk ends with signatures of
    what it calls in changed files; those whose head the diff's own lines change are part of its key.
    """
    outlines = outlines or {}
    reserve = budget // RESERVE if calls else 0
    size = _Size(count, budget - reserve, count(WIDEST) - count("1"))
    signatures = Signatures(diff, outlines, calls, count) if calls else None
    keys = _Keys(Counter())
    chunks: list[Chunk] = []
    for file in diff.files:
        outline = outlines.get(file.path)
        inside = Inside(outline) if outline and outline.symbols else None
        for index, hunk in enumerate(file.hunks):
            for piece in _pieces(file, hunk, size):
                shown = _headed(piece, file, inside, size, budget) if inside else piece
                changed, told, cost = "", "", 0
                if signatures:
                    room = allowance(sum(map(len, piece.rows)), reserve)
                    changed, told, cost = signatures.of(file.path, piece.lines, shown.head, room, budget - shown.tokens)
                key = keys.of([piece.head, *piece.rows, changed])
                text, tokens, ids = shown.text + told, shown.tokens + cost, (HunkId(file.path, index),)
                chunks.append(Chunk(file.path, key, text, tokens, ids, piece.lines, longest_cut(piece.lines), changed))
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
    span: _Span


@dataclass(frozen=True, slots=True)
class _Span:
    """Which rows of a hunk a piece shows, from `first`, and which are new in it, from `start`."""

    lines: Sequence[Line]
    first: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Size:
    count: Callable[[str], int]
    budget: int
    slack: int  # tokens that the widest line number costs more than the narrowest

    def piece(self, head: str, rows: Sequence[str], span: _Span) -> _Piece:
        lines = span.lines[span.first : span.end]
        numbers = [line.old if line.new is None else line.new for line in lines]
        text = "\n".join([head, *[f"{number}{row}" for number, row in zip(numbers, rows, strict=True)], ""])
        return _Piece(head, rows, tuple(lines), text, self.count(text), span)

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
    """A hunk as it is shown: its lines, and a row for each."""

    file: FileDiff
    section: str
    lines: Sequence[Line]
    rows: list[str]

    def piece(self, size: _Size, first: int, start: int, end: int) -> _Piece:
        """The piece that shows rows from `first` and is new from `start`; its head is by its rows alone."""
        head = head_of(self.file, enclosing(self.rows, first, self.section))
        return size.piece(head, self.rows[first:end], _Span(self.lines, first, start, end))


def _shown(file: FileDiff, hunk: Hunk) -> _Shown:
    lines, gaps = shortened(hunk.lines)
    rows = rows_of(lines)
    if gaps:
        rows = [marked(row, gaps[at]) if at in gaps else row for at, row in enumerate(rows)]
    return _Shown(file, hunk.section, lines, rows)


def _headed(piece: _Piece, file: FileDiff, inside: Inside, size: _Size, budget: int) -> _Piece:
    """The piece under a head that names what encloses it, as it was where that is too large."""
    span = piece.span
    head = head_of(file, inside.head(span.lines, span.first, span.start, span.end))
    if head == piece.head:
        return piece
    rows = piece.text[len(piece.head) :]
    text = head + rows
    tokens = piece.tokens + size.count(f"{head}\n") - size.count(f"{piece.head}\n")
    return replace(piece, head=head, text=text, tokens=tokens) if tokens <= budget else piece


def _pieces(file: FileDiff, hunk: Hunk, size: _Size) -> Iterator[_Piece]:
    shown = _shown(file, hunk)
    rows = shown.rows
    aim = size.budget * _CHARS_PER_TOKEN
    if len(rows) <= 1 or sum(map(len, rows)) + NUMBER_CHARS * len(rows) <= aim:
        whole = shown.piece(size, 0, 0, len(rows))
        if len(rows) <= 1 or size.fits(whole):
            yield whole
            return
    start = 0
    while start < len(rows):
        first = max(0, start - OVERLAP)
        end = best_end(rows, first, start, aim)
        piece = shown.piece(size, first, start, end)
        while not size.fits(piece) and end - first > 1:
            if end - start > 1:
                aim //= 2
                end = best_end(rows, first, start, aim)
            else:
                first = start
            piece = shown.piece(size, first, start, end)
        yield piece
        start = end


def _nth(key: str, occurrence: int) -> str:
    return hashlib.blake2b(f"{key} {occurrence}".encode(), digest_size=16).hexdigest()
