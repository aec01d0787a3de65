"""API keys used in turn; a refused one is set aside while another works, and tried again after some minutes."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence

NO_KEY = "none"  # what a server gets that asks for none; the SDK insists on sending something
ASIDE = 600.0  # seconds: a key that is mended is used again without a restart, and one that is not costs one request


class Keys:
    """A ring. When every key is set aside, all come back: the next call finds out whether the operator mended it.

    `clock` is monotonic, in seconds.
    """

    def __init__(self, keys: Sequence[str], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._all = tuple(dict.fromkeys(keys))
        self._clock = clock
        self._aside: dict[str, float] = {}  # until when
        self._turn = 0

    def __len__(self) -> int:
        return len(self._all)

    def __repr__(self) -> str:
        return f"<Keys: {len(self._all)}, {len(self._now_aside())} set aside>"

    def in_turn(self, refused: Collection[str] = ()) -> list[str]:
        """Those that may be used, the one whose turn it is first; none when a call has had all of them refused."""
        aside = self._now_aside()
        ready = [key for key in self._all if key not in aside and key not in refused]
        ready = ready or [key for key in self._all if key not in refused]
        first = self._turn % len(ready) if ready else 0
        return ready[first:] + ready[:first]

    def took(self) -> None:
        """One was used: the turn goes on."""
        self._turn += 1

    def set_aside(self, key: str) -> None:
        self._aside[key] = self._clock() + ASIDE
        if len(self._now_aside()) == len(self._all):
            self._aside.clear()

    def _now_aside(self) -> set[str]:
        if not self._aside:
            return set()
        now = self._clock()
        return {key for key, until in list(self._aside.items()) if until > now}
