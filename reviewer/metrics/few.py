"""Keeps a label's values few: each value is a time series of its own, and some of them are strangers' words."""

from __future__ import annotations

OTHER = "other"


class Few:
    """The first `most` values are taken as they are, those that come later are all `OTHER`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: set[str] = set()

    def __call__(self, value: str) -> str:
        if value not in self._known:
            if len(self._known) >= self._most:
                return OTHER
            self._known.add(value)
        return value
