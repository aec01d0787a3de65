"""Time limits: what does not come back in time is told, and holds up neither the others nor the end of the program."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from reviewer.core.errors import ReviewerError, UsageError
from reviewer.core.health import Check

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for each look."""

    github: float = 15.0
    model: float = 30.0
    database: float = 10.0
    local: float = 5.0


LIMITS = Limits()
OUTSIDE = {"GitHub App", "model"}  # looks at services of others


async def guarded(name: str, seconds: float, look: Awaitable[Sequence[Check]]) -> Sequence[Check]:
    """What the look found, or that it came to nothing."""
    try:
        return await asyncio.wait_for(look, seconds)
    except TimeoutError:
        return [Check(name, f"no answer within {seconds:g} s", "problem", outside=name in OUTSIDE)]
    except ReviewerError as error:
        return [Check(name, str(error).rstrip("."), "problem", outside=not isinstance(error, UsageError))]
    except Exception as error:  # noqa: BLE001 - the other checks are worth as much
        kind = type(error).__name__
        return [Check(name, f"this check itself failed ({kind}): please report it", "problem")]


async def in_thread(work: Callable[[], T]) -> T:
    """What `work` gives. Its thread is left behind where nobody waits for it any more: so it holds up no exit."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, failed = None, None
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - for whoever waits
            failed = error
        try:
            loop.call_soon_threadsafe(settle, result, failed)
        except RuntimeError:  # the program has ended
            return

    threading.Thread(target=run, name="doctor", daemon=True).start()
    return await done
