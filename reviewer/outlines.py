"""Reads outlines of strangers' files in a process of its own, which a time limit can end: the grammars have none."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from typing import Any

from reviewer.core.symbols import outline
from reviewer.core.types import Outline, Symbol

SECONDS = 3.0  # that a run may take: start, and some 5 MB of code
MOST_RUNS = 3  # each without the file that ended the one before
AT_ONCE = 2  # processes; more reviews than that wait for each other
WAIT = 10.0  # seconds that a review waits for its turn, over all its runs

_MEMORY = 1_000_000_000  # bytes
_GRACE = 3  # seconds of processor time past the limit: then the system ends a process that nobody did
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_SIGKILL = 9

_turns = threading.BoundedSemaphore(AT_ONCE)

Said = Sequence[tuple[str, list[list[Any]] | None]]  # paths in the order given; symbols, or None for no outline

# Ours and the library go behind the standard library, so that no file beside either takes a standard module's place.
_START = "import sys; sys.path += sys.argv[1].split(sys.argv[2]); from reviewer.outlines import main; main()"


def outlines(
    texts: Mapping[str, str],
    *,
    seconds: float = SECONDS,
    runs: int = MOST_RUNS,
    read: Callable[[Mapping[str, str], float], Said] | None = None,
) -> dict[str, Outline]:
    """The outlines of files by path, of those that have one. It blocks for at most `seconds` times `runs` and WAIT.

    Never raises: a file over which the time runs out or the process dies has none, nor have those that nobody got to.
    Small files come first, so that a hostile one costs the others little. Where runs are left when all others are
    read, it is tried again alone: the machine may have been busy. `read` is what reads in a run.
    """
    read = read or _Reader()
    found: dict[str, Outline] = {}
    waiting = sorted(texts, key=lambda path: (len(texts[path]), path))
    again: list[str] = []
    for _ in range(runs):
        if not waiting and not again:
            break
        now = waiting or [again.pop(0)]
        done = read({path: texts[path] for path in now}, seconds)
        found |= {path: Outline(path, tuple(Symbol(*each) for each in said)) for path, said in done if said is not None}
        again += waiting[len(done) : len(done) + 1]  # what it came to grief over
        waiting = waiting[len(done) + 1 :]
    return found


class _Reader:
    """Reads in a process, when it is this review's turn."""

    def __init__(self) -> None:
        self._wait = WAIT

    def __call__(self, texts: Mapping[str, str], seconds: float) -> Said:
        begun = time.monotonic()
        mine = _turns.acquire(timeout=max(0.0, self._wait))
        self._wait -= time.monotonic() - begun
        if not mine:
            return ()
        try:
            return _run(texts, seconds)
        finally:
            _turns.release()


def _run(texts: Mapping[str, str], seconds: float) -> Said:
    """What the process said in its time, in the order of `texts`.

    It has no environment, so no credentials, and imports nothing from the directory that it is started in (-I) nor
    from any other than ours, the library's and Python's own (-S).
    """
    limits = [str(math.ceil(seconds) + _GRACE), str(os.getpid())]
    command = [sys.executable, "-I", "-S", "-c", _START, os.pathsep.join(_places()), os.pathsep, *limits]
    said = b""
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command,
            input=json.dumps(texts).encode(),
            capture_output=True,
            timeout=seconds,
            env={},
            check=False,
        )
        said = done.stdout
    except subprocess.TimeoutExpired as over:
        said = over.stdout or b""
    except OSError:
        return ()
    return [(path, symbols) for path, symbols in map(json.loads, said.split(b"\n")[:-1])]


def _places() -> Iterable[str]:
    """The directories that hold this package and the library with the grammars."""
    library = importlib.util.find_spec("ast_grep_py")
    files = [__file__, *([library.origin] if library and library.origin else [])]
    return dict.fromkeys(str(Path(file).resolve().parent.parent) for file in files)


def main() -> None:
    """Read {path: text} on standard input, write [path, symbols or null] a line, each when it is known.

    The last two arguments of the process are the seconds of processor time that it may take, and its parent.
    """
    _limited(int(sys.argv[-2]), int(sys.argv[-1]))
    for path, text in json.load(sys.stdin.buffer).items():
        found = outline(path, text)
        symbols = None if found is None else [astuple(symbol) for symbol in found.symbols]
        sys.stdout.write(f"{json.dumps([path, symbols])}\n")
        sys.stdout.flush()


def _limited(seconds: int, parent: int) -> None:
    """Keep this process from taking the machine, and from outliving its parent, where the system can do that."""
    with suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    if sys.platform == "linux":
        with suppress(ImportError, OSError, AttributeError):
            import ctypes  # noqa: PLC0415

            ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, _SIGKILL, 0, 0, 0)
            if os.getppid() != parent:  # it died before that was asked
                sys.exit(1)
