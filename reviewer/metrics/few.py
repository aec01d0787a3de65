"""Keeps a label's values few: each value is a time series of its own, and some of them are strangers' words."""

from __future__ import annotations

from collections.abc import Iterable

OTHER = "other"


class Few:
    """`known` values and the first `most` others are taken as they are, those that come later are all `OTHER`."""

    def __init__(self, most: int, known: Iterable[str] = ()) -> None:
        self._known = {value for value in known if value}
        self._most = most + len(self._known)

    def __call__(self, value: str) -> str:
        if value not in self._known:
            if len(self._known) >= self._most:
                return OTHER
            self._known.add(value)
        return value
