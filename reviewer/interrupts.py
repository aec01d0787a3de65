"""Runs a command's coroutine so that Ctrl-C ends it whenever it comes, and SIGTERM as Ctrl-C does."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Like asyncio.run, which sleeps on when the signal comes in the instant before the loop begins to wait.

    Python notes such a signal and acts on it at its next step: without something to wake the loop that is when the
    next timer ends, for a question to a model after two minutes.
    """
    return asyncio.run(_woken(work))


async def _woken(work: Coroutine[Any, Any, T]) -> T:
    with _waking(asyncio.get_running_loop()):
        return await work


def as_interrupt() -> None:
    """From here on SIGTERM, which would end the process where it stands, ends it in good order, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@contextmanager
def heeded(first: Callable[[], None], again: Callable[[], None]) -> Iterator[None]:
    """Within the running loop: what the first signal does, and what each later one."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return
    loop, heard = asyncio.get_running_loop(), list[bool]()

    def hear() -> None:
        heard.append(True)
        (first if len(heard) == 1 else again)()

    before = {each: signal.getsignal(each) for each in SIGNALS}
    for each in SIGNALS:
        loop.add_signal_handler(each, hear)
    try:
        yield
    finally:
        for each in SIGNALS:
            loop.remove_signal_handler(each)
            signal.signal(each, before[each])


@contextmanager
def _waking(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Each signal writes a byte that the loop waits for; on Windows asyncio does so itself."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return
    read, write = socket.socketpair()
    with read, write:
        read.setblocking(False)
        write.setblocking(False)
        loop.add_reader(read, read.recv, 4096)
        before = signal.set_wakeup_fd(write.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            loop.remove_reader(read)
