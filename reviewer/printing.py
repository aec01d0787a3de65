"""Prints for whoever reads: in any encoding, and to a reader that may leave early."""

from __future__ import annotations

import codecs
import io
import os
import sys
from contextlib import suppress
from typing import NoReturn

_PLAIN = {"│": "|", "·": "-", "…": "~", "’": "'", "–": "-"}  # what stands for our own marks where there is only ASCII


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
    """A line, or many, on stdout. A reader that has seen enough (`| head`) is no error and changes no exit code."""
    try:
        print(text, flush=True)  # noqa: T201 - this is the place for it
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is left in the buffer


def complain(sentence: str) -> None:
    """One sentence on stderr, under our name."""
    print(f"reviewer: {ended(sentence)}", file=sys.stderr, flush=True)  # noqa: T201


def gone(code: int) -> NoReturn:
    """End the process now. Python would wait for its threads, and die of the signal where that came in an import."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    os._exit(code)


def ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."
