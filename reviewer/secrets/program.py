"""One run of a program over a stranger's text: with a limit of time and of memory, and with an end from outside."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from reviewer.core.errors import OutsideError

MEMORY = 2_000_000_000  # bytes of data; the program takes some 400 MB for 60 MB of text


class Program:
    """May be stopped from another thread, before it begins as well."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def run(self, command: Sequence[str], folder: Path, env: Mapping[str, str]) -> tuple[bytes, int]:
        """What it wrote and its status. Raises OSError, TimeoutExpired, and OutsideError when it was stopped."""
        with self._lock:
            self.check()
            process = subprocess.Popen(  # noqa: S603 - our own arguments, no shell
                command,
                cwd=folder,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            self._process = process
        with process:
            _limit(process.pid)
            try:
                said, _ = process.communicate(timeout=self._seconds)
            finally:
                process.kill()
        self.check()
        return said, process.returncode

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()

    def check(self) -> None:
        """Raises OutsideError when it was stopped."""
        if self._stopped:
            raise OutsideError("the search for secrets was stopped, so nothing was sent")


def _limit(pid: int) -> None:
    """From outside, for nothing of ours may run between fork and exec where there are threads."""
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - not on every platform

        with suppress(OSError, ValueError):  # it has ended, or a lower limit is set already
            resource.prlimit(pid, resource.RLIMIT_DATA, (MEMORY, MEMORY))
