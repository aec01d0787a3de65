"""Several things at once: tasks, of which the first error ends the others, and computing beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")

# Reviews that compute wait for one another here, and not in the few threads that the store works in.
_COMPUTING = ThreadPoolExecutor(2, thread_name_prefix="reviewer-computing")


async def all_done(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Unlike a TaskGroup the error comes without a group around it; unlike a bare gather nothing is left running."""
    try:
        await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


async def beside(compute: Callable[[], T]) -> T:
    """What takes a while to compute, in a thread of its own kind."""
    return await asyncio.get_running_loop().run_in_executor(_COMPUTING, compute)
