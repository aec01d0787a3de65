"""Reads git's diff piece by piece as it comes, so that a large one is never held whole beside what it says."""

from __future__ import annotations

from reviewer.core.diff.parse import MOST_LINES, Gathered, decode
from reviewer.core.types import Diff

_BREAK = b"\ndiff --git "  # every line of a hunk begins with a sign, so a file begins here and nowhere else


class DiffReader:
    """Takes the bytes of `git diff` in pieces of any size; what `close` gives is what `parse_diff` would.

    Once `lines` are held, the files after them are `missing`, and their lines are not kept.
    """

    def __init__(self, lines: int = MOST_LINES) -> None:
        self._gathered = Gathered(lines)
        self._rest = bytearray()  # of the file that is not yet known to be whole

    @property
    def files(self) -> int:
        """How many have been read."""
        return len(self._gathered.files)

    def feed(self, piece: bytes) -> None:
        looked_at = max(len(self._rest) - len(_BREAK), 0)
        self._rest += piece
        end = self._rest.rfind(_BREAK, looked_at) + 1
        if end:
            self._take(end)

    def close(self, *, whole: bool = True) -> Diff:
        """The diff. Where it was broken off (not `whole`), the file that came last is left out."""
        if whole:
            self._take(len(self._rest))
        self._rest.clear()
        return self._gathered.diff

    def _take(self, end: int) -> None:
        with memoryview(self._rest) as view:
            raw = bytes(view[:end])
        del self._rest[:end]
        self._gathered.add(decode(raw))
