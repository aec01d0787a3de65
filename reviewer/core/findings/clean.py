"""Makes a stranger's text storable and postable: no control characters, no lone surrogates, no endless length.

Cleaning and cutting are two steps, because secrets are looked for in between: half of one is not known for what it is.
"""

from __future__ import annotations

import re

# C0 without tab and newline, DEL, C1, and halves of surrogate pairs (JSON can carry them, UTF-8 cannot).
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# Marks that reorder or separate lines on screen: they make prose read as something else (CVE-2021-42574).
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069\u2028\u2029]")
_FENCED = re.compile(r"\A\s*```[^\n`]*\n(?P<code>.*?)\n?```\s*\Z", re.DOTALL)


def clean_code(text: str) -> str:
    """Code is kept to the letter, tabs, spaces and all, so that it can be compared with the file."""
    return _UNPRINTABLE.sub("", text)


def clean_prose(text: str) -> str:
    return _REORDERING.sub("", _UNPRINTABLE.sub("", text)).strip()


def clean_line(text: str) -> str:
    """Prose on one line."""
    return clean_prose(" ".join(text.split()))


def cut(text: str, limit: int) -> str:
    """Prose, cut at `limit` characters with a sign that it was."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def unfenced(code: str) -> str:
    """`code` without a Markdown fence around all of it."""
    match = _FENCED.match(code)
    return match["code"] if match else code
