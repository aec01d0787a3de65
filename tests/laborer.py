"""A worker in a process of its own, as if on a machine of its own, that tells what it does line by line."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SCRIPT = """
import asyncio, os, sys
from pathlib import Path
from reviewer.jobs import Jobs
from reviewer.jobs.me import me
from reviewer.store import SqlStore, Worker, engine

url, name, gate = sys.argv[1:]
store = SqlStore(engine(url))

def alone():
    return Worker(f"{name}-{me().name}", name, os.getpid())

async def review(job, run):
    print("review", run, flush=True)
    while not Path(gate).exists():
        await asyncio.sleep(0.01)
    await store.still_ours(job)
    await asyncio.sleep(0.02)
    print("reviewed", run, flush=True)

async def nothing(job, run):
    pass

async def gave_up(job, run):
    print("gave up", run, flush=True)

async def main():
    jobs = Jobs(store, review=review, announce=nothing, gave_up=gave_up, polling=0.02, quiet=0.0, attempts=2,
                beat_every=0.2, dead_after=1.5, worker=alone)
    await jobs.start(worker=True)
    print("ready", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""
PATIENCE = 30.0  # seconds


class Laborer:
    """`gate` is a file: reviews wait until it is there."""

    def __init__(self, url: str, name: str, gate: object) -> None:
        command = [sys.executable, "-c", SCRIPT, url, name, str(gate)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.said: list[str] = []
        self._heard = threading.Condition()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with self._heard:
                self.said.append(line.strip())
                self._heard.notify_all()

    def says(self, *lines: str) -> None:
        """Wait until it has said all of these."""
        with self._heard:
            assert self._heard.wait_for(lambda: set(lines) <= set(self.said), PATIENCE), (lines, self.said)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self._thread.join()
        assert self.process.stdout
        self.process.stdout.close()


@contextmanager
def laborers(url: str, gate: object, *names: str) -> Iterator[list[Laborer]]:
    """They are ready when the block begins."""
    hired = [Laborer(url, name, gate) for name in names]
    try:
        for each in hired:
            each.says("ready")
        yield hired
    finally:
        for each in hired:
            each.end()
