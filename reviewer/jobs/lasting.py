"""Tries again what the database could not do: a full disk and a server that restarts pass by."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from reviewer.store.database import FAULTS

T = TypeVar("T")

AGAIN = 2.0  # seconds between two tries
TRIES = 900  # half an hour: whoever is told mends it by then, and what is not finds the catch-up

log = logging.getLogger(__name__)


async def lasting(do: Callable[[], Awaitable[T]]) -> T:
    """Raises what the last try raised, and at once what is not about the database. `do` may be done again."""
    for left in range(TRIES, 0, -1):
        try:
            return await do()
        except FAULTS as error:
            if left == 1:
                raise
            if left == TRIES:
                log.warning("job.waits_for_the_database", extra={"reason": str(error).splitlines()[0]})
            await asyncio.sleep(AGAIN)
    raise AssertionError
