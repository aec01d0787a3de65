"""Reads outlines of strangers' files in a process of its own, which a time limit can end: the grammars have none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import astuple
from typing import Any

from reviewer.core.symbols import outline
from reviewer.core.types import Outline, Symbol

SECONDS = 3.0  # that a run may take: start, and some 5 MB of code
MOST_RUNS = 3  # each without the file that ended the one before
_MEMORY = 1_000_000_000  # bytes


def outlines(texts: Mapping[str, str], *, seconds: float = SECONDS, runs: int = MOST_RUNS) -> dict[str, Outline]:
    """The outlines of files by path, of those that have one. It blocks for at most `seconds` times `runs`.

    Never raises: a file over which the time runs out or the process dies has none, nor have those that nobody got to.
    Small files come first, so that a hostile one costs the others little.
    """
    found: dict[str, Outline] = {}
    waiting = sorted(texts, key=lambda path: (len(texts[path]), path))
    for _ in range(runs if waiting else 0):
        done = 0
        for path, symbols in _run({path: texts[path] for path in waiting}, seconds):
            done += 1
            if symbols is not None:
                found[path] = Outline(path, tuple(Symbol(*symbol) for symbol in symbols))
        waiting = waiting[done + 1 :]  # the next one is what it came to grief over
        if not waiting:
            break
    return found


def _run(texts: Mapping[str, str], seconds: float) -> Iterable[tuple[str, list[list[Any]] | None]]:
    """What the process said in its time, in the order of `texts`.

    It has no environment, so no credentials, and imports nothing from the directory that it is started in: that may
    be a stranger's (-P).
    """
    command = [sys.executable, "-P", "-m", __spec__.name]
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    said = b""
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command,
            input=json.dumps(texts).encode(),
            capture_output=True,
            timeout=seconds,
            env=environment,
            check=False,
        )
        said = done.stdout
    except subprocess.TimeoutExpired as over:
        said = over.stdout or b""
    except OSError:
        return []
    return [json.loads(line) for line in said.split(b"\n")[:-1]]


def _main() -> None:
    """Read {path: text} on standard input, write [path, symbols or null] a line, each when it is known."""
    with suppress(ImportError, ValueError, OSError):  # where the system has such limits
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for path, text in json.load(sys.stdin.buffer).items():
        found = outline(path, text)
        symbols = None if found is None else [astuple(symbol) for symbol in found.symbols]
        sys.stdout.write(f"{json.dumps([path, symbols])}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _main()
