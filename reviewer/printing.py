"""Prints for whoever reads: in any encoding, and to a reader that may leave early."""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn, TextIO

from reviewer.core.errors import UsageError

_PLAIN = {"│": "|", "·": "-", "…": "~", "’": "'", "–": "-"}  # what stands for our own marks where there is only ASCII

FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}  # the latter is not on Windows


def lenient() -> None:
    """A terminal or file that has no place for a character gets a plain one, or a `?`, for it."""
    codecs.register_error("plain", _plainly)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="plain")


def _plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_PLAIN.get(character, "?") for character in error.object[error.start : error.end]), error.end


def say(text: str = "") -> None:
    """A line, or many, on stdout. A reader that has seen enough (`| head`) is no error and changes no exit code.

    Raises UsageError where the output cannot be written, as on a full disk.
    """
    _written(lambda: print(text, flush=True))  # noqa: T201 - this is the place for it


def flush() -> None:
    """At the end, for what was printed by others. Raises UsageError as `say` does."""
    if sys.stdout is not None and not sys.stdout.closed:
        _written(sys.stdout.flush)


def no_room(error: OSError) -> str:
    """A sentence for what a full disk did not take of a library's, as of `--help`; "" for other errors."""
    if error.errno not in FULL:
        return ""
    _give_up(sys.stdout)
    return _unwritten(error)


def _unwritten(error: OSError) -> str:
    what = error.filename if isinstance(error.filename, str) else "The output"
    return f"{what} could not be written: {error.strerror or error}."


def _written(write: Callable[[], None]) -> None:
    try:
        write()
    except BrokenPipeError:
        _give_up(sys.stdout)
    except OSError as error:
        _give_up(sys.stdout)
        raise UsageError(_unwritten(error)) from None


def _give_up(stream: TextIO) -> None:
    """What is left in the buffer and what comes later goes nowhere: Python would try it again at its exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def complain(sentence: str) -> None:
    """One sentence on stderr, under our name."""
    try:
        print(f"reviewer: {ended(sentence)}", file=sys.stderr, flush=True)  # noqa: T201
    except OSError:  # nobody can be told; the exit code is what is left
        _give_up(sys.stderr)


def gone(code: int) -> NoReturn:
    """End the process now. Python would wait for its threads, and die of the signal where that came in an import."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    os._exit(code)


def ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."
