"""Reads git's diff piece by piece as it comes, so that a large one is never held whole beside what it says."""

from __future__ import annotations

from reviewer.core.diff.parse import decode, gather
from reviewer.core.types import Diff, FileDiff

_BREAK = b"\ndiff --git "  # every line of a hunk begins with a sign, so a file begins here and nowhere else


class DiffReader:
    """Takes the bytes of `git diff` in pieces of any size; what `close` gives is what `parse_diff` would."""

    def __init__(self) -> None:
        self._files: dict[str, FileDiff] = {}
        self._rest = bytearray()  # of the file that is not yet known to be whole

    def feed(self, piece: bytes) -> None:
        looked_at = max(len(self._rest) - len(_BREAK), 0)
        self._rest += piece
        end = self._rest.rfind(_BREAK, looked_at) + 1
        if end:
            gather(self._files, decode(bytes(self._rest[:end])))
            del self._rest[:end]

    def close(self, *, whole: bool = True) -> Diff:
        """The diff. Where it was broken off (not `whole`), the file that came last is left out."""
        if whole:
            gather(self._files, decode(bytes(self._rest)))
        self._rest.clear()
        return Diff(tuple(self._files.values()))
