"""Takes a key from whoever types or pipes it in: never as an argument, which others on the machine could read."""

from __future__ import annotations

import getpass
import re
import sys

from reviewer.core.errors import UsageError

LONGEST = 500  # characters: the longest keys that providers give out have some 200
_KEY = re.compile(r"[!-~]+")


def asked_key(prompt: str) -> str:
    """From a prompt that shows nothing, or from stdin where that is no terminal. Raises UsageError for what is none."""
    key = (_typed(prompt) if sys.stdin.isatty() else _piped()).strip()
    if not key:
        raise UsageError("No key came in: type it at the prompt, or pipe it in, as in `reviewer … < FILE`.")
    if not _KEY.fullmatch(key) or len(key) > LONGEST:
        raise UsageError(
            f"What came in is no key: a key is one word of at most {LONGEST} characters, without spaces, control "
            "characters or letters of other alphabets."
        )
    return key


def _typed(prompt: str) -> str:
    try:
        return getpass.getpass(prompt)
    except EOFError:
        return ""


def _piped() -> str:
    return sys.stdin.buffer.read(4 * LONGEST).decode("utf-8", "replace")  # also with lines around it
