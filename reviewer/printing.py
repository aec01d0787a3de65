"""Prints for whoever reads: in any encoding, and to a reader that may leave early."""

from __future__ import annotations

import io
import os
import sys


def lenient() -> None:
    """A terminal or file that has no place for a character gets a `?` for it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def say(text: str = "") -> None:
    """A line, or many, on stdout. A reader that has seen enough (`| head`) is no error and changes no exit code."""
    try:
        print(text, flush=True)  # noqa: T201 - this is the place for it
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is left in the buffer


def complain(sentence: str) -> None:
    """One sentence on stderr, under our name."""
    print(f"reviewer: {ended(sentence)}", file=sys.stderr, flush=True)  # noqa: T201


def ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."
