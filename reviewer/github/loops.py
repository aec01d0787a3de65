"""One value for each event loop, because locks and connections belong to the loop that first waited on them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")


class PerLoop(Generic[T]):
    """The web server and the durable jobs may run on different loops of one process."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._values: WeakKeyDictionary[asyncio.AbstractEventLoop, T] = WeakKeyDictionary()

    def get(self) -> T:
        """The running loop's own value, made at its first use."""
        loop = asyncio.get_running_loop()
        if loop not in self._values:
            self._values[loop] = self._make()
        return self._values[loop]

    def drain(self) -> list[tuple[asyncio.AbstractEventLoop, T]]:
        """Take all values away, each with its loop."""
        values = list(self._values.items())
        self._values.clear()
        return values
