"""API keys used in turn; a refused one is set aside while another works."""

from __future__ import annotations

from collections.abc import Collection, Sequence


class Keys:
    """A ring. When every key is set aside, all come back: the next call finds out whether the operator mended it."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._all = tuple(dict.fromkeys(keys))
        self._aside: set[str] = set()
        self._turn = 0

    def __len__(self) -> int:
        return len(self._all)

    def __repr__(self) -> str:
        return f"<Keys: {len(self._all)}, {len(self._aside)} set aside>"

    def in_turn(self, refused: Collection[str] = ()) -> list[str]:
        """Those that may be used, the one whose turn it is first; none when a call has had all of them refused."""
        ready = [key for key in self._all if key not in self._aside and key not in refused]
        ready = ready or [key for key in self._all if key not in refused]
        first = self._turn % len(ready) if ready else 0
        return ready[first:] + ready[:first]

    def took(self) -> None:
        """One was used: the turn goes on."""
        self._turn += 1

    def set_aside(self, key: str) -> None:
        self._aside.add(key)
        if len(self._aside) == len(self._all):
            self._aside.clear()
