"""Ctrl-C ends a command whenever it comes and wherever the system delivers it."""

from __future__ import annotations

import asyncio
import signal
import threading
import time

import pytest
from console import interruptible

from reviewer.interrupts import run

__all__ = ["interruptible"]

PATIENCE = 10.0  # seconds until a test gives up


async def _waits(told: list[str]) -> None:
    """The loop is told of the signal by nobody: another thread takes it, as when it comes before the loop waits."""

    def interrupted() -> None:
        time.sleep(0.05)  # by then the loop waits; where it does not yet, there is nothing to see
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)

    other = threading.Thread(target=interrupted)
    loop = asyncio.get_running_loop()
    loop.call_later(PATIENCE, told.append, "slept on")
    other.start()
    try:
        await loop.create_future()
    finally:
        other.join()


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="signals to one thread are POSIX's")
@pytest.mark.usefixtures("interruptible")
def test_a_signal_that_the_loop_does_not_see_ends_it() -> None:
    """The kernel's wait is not broken off by such a signal: without a byte to wake it the loop would sleep on."""
    told: list[str] = []
    before = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(before)
    with pytest.raises(KeyboardInterrupt):
        run(_waits(told))
    assert told == []
    after = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(after)
    assert after == before


def test_what_it_returns_and_raises() -> None:
    """Otherwise it is asyncio.run, in any thread."""

    async def answer() -> int:
        return 42

    async def fault() -> None:
        raise LookupError

    def elsewhere() -> None:
        found.append(run(answer()))

    found: list[int] = []
    other = threading.Thread(target=elsewhere)
    other.start()
    other.join()
    assert (found, run(answer())) == ([42], 42)
    with pytest.raises(LookupError):
        run(fault())
