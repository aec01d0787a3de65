"""Tells the models how many worker processes use their keys: none hears in time what the others were given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress

from reviewer.core.errors import OutsideError

EVERY = 15.0  # seconds


async def share_forever(
    living: Callable[[], Awaitable[int]],
    share: Callable[[int], None],
    *,
    sleep: Callable[[float], Awaitable[None]],
    every: float = EVERY,
) -> None:
    """`share` is told again and again how many workers are `living`, this one too; while the database is away the last
    number counts. New models hear of it with the next.
    """
    while True:
        with suppress(OutsideError):
            share(max(1, await living()))
        await sleep(every)
