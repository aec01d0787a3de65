"""Splits a diff into chunks within the budget, each with a key that does not know line numbers."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from reviewer.core.chunks.cuts import NUMBER_CHARS, best_end, enclosing
from reviewer.core.chunks.shown import head_of, longest_cut, rows_of
from reviewer.core.types import Chunk, Diff, FileDiff, Hunk, HunkId, Line

OVERLAP = 3  # rows of the piece before that a piece repeats, git's own measure of context
WIDEST = "999999999"  # no line number costs more tokens than this one

# Enters every key: change it with anything here that changes what the model sees of the same lines.
_LAYOUT = b"chunk 2"

# What a token is taken for until it is counted, line numbers included. Code has 4 to 4.6 (four pull requests of flask):
# nearly every hunk and piece within this fits wherever it stands, and is counted once.
_CHARS_PER_TOKEN = 3


def split(diff: Diff, *, count: Callable[[str], int], budget: int) -> tuple[Chunk, ...]:
    """Every line of every hunk in at least one chunk of at most `budget` tokens, in the order of the diff.

    Only a single line that is larger than the budget gives a larger chunk. Neither the cuts nor the keys depend on
    line numbers.
    """
    size = _Size(count, budget, count(WIDEST) - count("1"))
    base = hashlib.blake2b(_LAYOUT, digest_size=16)
    seen: Counter[str] = Counter()
    chunks: list[Chunk] = []
    for file in diff.files:
        for index, hunk in enumerate(file.hunks):
            for piece in _pieces(file, hunk, size):
                digest = base.copy()
                digest.update("\n".join([piece.head, *piece.rows]).encode())
                key = digest.hexdigest()
                seen[key] += 1  # the same change twice in one file: two chunks, two keys
                unique = key if seen[key] == 1 else _nth(key, seen[key])
                ids, cut = (HunkId(file.path, index),), longest_cut(piece.lines)
                chunks.append(Chunk(file.path, unique, piece.text, piece.tokens, ids, piece.lines, cut))
    return tuple(chunks)


@dataclass(frozen=True, slots=True)
class _Piece:
    head: str
    rows: list[str]
    lines: tuple[Line, ...]
    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class _Size:
    count: Callable[[str], int]
    budget: int
    slack: int  # tokens that the widest line number costs more than the narrowest

    def piece(self, head: str, rows: list[str], lines: tuple[Line, ...]) -> _Piece:
        numbers = [line.old if line.new is None else line.new for line in lines]
        text = "\n".join([head, *[f"{number}{row}" for number, row in zip(numbers, rows, strict=True)], ""])
        return _Piece(head, rows, lines, text, self.count(text))

    def fits(self, piece: _Piece) -> bool:
        """Whether these rows fit wherever in the file they stand: a chunk that moves has to stay one chunk."""
        if piece.tokens > self.budget:
            return False
        if piece.tokens + self.slack * len(piece.rows) <= self.budget:
            return True
        widest = "\n".join([piece.head, *[f"{WIDEST}{row}" for row in piece.rows], ""])
        return self.count(widest) <= self.budget


def _pieces(file: FileDiff, hunk: Hunk, size: _Size) -> Iterator[_Piece]:
    rows = rows_of(hunk.lines)
    aim = size.budget * _CHARS_PER_TOKEN
    if len(rows) <= 1 or sum(map(len, rows)) + NUMBER_CHARS * len(rows) <= aim:
        whole = size.piece(head_of(file, hunk.section), rows, hunk.lines)
        if len(rows) <= 1 or size.fits(whole):
            yield whole
            return
    start = 0
    while start < len(rows):
        first = max(0, start - OVERLAP)
        end = best_end(rows, first, start, aim)
        head = head_of(file, enclosing(rows, first, hunk.section))
        piece = size.piece(head, rows[first:end], hunk.lines[first:end])
        while not size.fits(piece) and end - first > 1:
            if end - start > 1:
                aim //= 2
                end = best_end(rows, first, start, aim)
            else:
                first, head = start, head_of(file, enclosing(rows, start, hunk.section))
            piece = size.piece(head, rows[first:end], hunk.lines[first:end])
        yield piece
        start = end


def _nth(key: str, occurrence: int) -> str:
    return hashlib.blake2b(f"{key} {occurrence}".encode(), digest_size=16).hexdigest()
