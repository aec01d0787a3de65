"""Runs the program as a person does: a process of its own, in a folder, with an environment and nothing of ours in it."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

PATIENCE = 60.0  # seconds until a test gives up; no test measures time
RULES = Path(tempfile.gettempdir()) / "reviewer-rules-of-tests"  # to compile them takes four seconds
COMMAND = (sys.executable, "-m", "reviewer")


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


def environment(home: Path, **more: str) -> dict[str, str]:
    """No key, no proxy, no git configuration of whoever runs the tests; 80 columns."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(home),
        "XDG_CACHE_HOME": f"{home}-cache",  # beside it, or it would be new files of a repository there
        "PYTHONPATH": str(Path(__file__).parent.parent),
        "COLUMNS": "80",
        "GIT_CONFIG_NOSYSTEM": "1",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "KF_RULE_CACHE_DIR": str(RULES),
        **more,
    }


def reviewer(*arguments: str | Path, at: Path, stdin: str = "", **variables: str) -> Done:
    """The command run to its end in the folder `at`."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=at,
        env=environment(at, **variables),
        input=stdin.encode(),
        capture_output=True,
        check=False,
        timeout=PATIENCE,
    )
    return Done(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C arrives: what a shell starts in the background ignores it, and so does all that it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def started(*arguments: str | Path, at: Path, **variables: str) -> subprocess.Popen[str]:
    """The command, running, with its output on pipes."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        cwd=at,
        env=environment(at, **variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def on_terminal(*arguments: str | Path, at: Path, variables: Mapping[str, str]) -> tuple[int, str]:
    """(exit code, all that a terminal of 80 columns got to see)."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        cwd=at,
        env=environment(at, TERM="xterm-256color", **variables),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    with suppress(OSError):  # Linux says EIO where others say end of file
        while part := os.read(ours, 65_536):
            shown += part
    os.close(ours)
    return process.wait(PATIENCE), shown.decode(errors="replace")
