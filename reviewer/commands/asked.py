"""Takes a key from whoever types or pipes it in: never as an argument, which others on the machine could read."""

from __future__ import annotations

import getpass
import re
import sys

from reviewer.core.errors import UsageError

LONGEST = 10_000  # bytes
_KEY = re.compile(r"[!-~]+")


def asked_key(prompt: str) -> str:
    """From a prompt that shows nothing, or from stdin where that is no terminal. Raises UsageError for what is none."""
    key = (_typed(prompt) if sys.stdin.isatty() else _piped()).strip()
    if not key:
        raise UsageError("No key came in: type it at the prompt, or pipe it in, as in `reviewer … < FILE`.")
    if not _KEY.fullmatch(key):
        raise UsageError("What came in is no key: a key is one word without spaces or letters of other alphabets.")
    return key


def _typed(prompt: str) -> str:
    try:
        return getpass.getpass(prompt)
    except EOFError:
        return ""


def _piped() -> str:
    return sys.stdin.buffer.read(LONGEST).decode("utf-8", "replace")
