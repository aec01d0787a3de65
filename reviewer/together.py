"""Waits for several tasks at once: the first error cancels the others and is raised as it is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any


async def all_done(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Unlike a TaskGroup the error comes without a group around it; unlike a bare gather nothing is left running."""
    try:
        await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
