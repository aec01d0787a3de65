"""What a quote may mean: models trim it, keep the diff's sign or number before it, join lines, and cut it short."""

from __future__ import annotations

import re

_SHOWN = re.compile(r"^[ \t]*\d*[+-]|^[ \t]*\d+[ \t|:]", re.MULTILINE)  # `12+`, `12 `, `+`: as the prompt shows lines
_CUT = re.compile(r" \u2026 \[\d+ characters cut\][^\n]*")  # as the prompt shows the middle of a long line
_BLANKS = re.compile(r" \u2026 \[\d+ spaces\] \u2026 ")  # and long blanks in it
_ESCAPE = re.compile(r"\\u([0-9a-f]{4})")  # as the prompt shows control characters
_WORD = re.compile(r"\w+")
_LONGEST = 200  # lines of a quote that are compared
_TELLING = 3  # letters and digits; `i++` and `})` have fewer
_DISTINCTIVE = 6  # of a part of a line; shorter parts are in many lines
_COMMON = re.compile(  # alone on a line these are everywhere
    r"begin|break|continue|default|do|done|else|end|endif|except|false|fi|finally|none|null|pass|return|then|true|try",
    re.IGNORECASE,
)


def normal(text: str) -> str:
    """The text with each run of white space as one space: how two lines are compared."""
    return " ".join(text.split())


def readings(quote: str) -> tuple[tuple[str, ...], ...]:
    """What the quote may say, likeliest first, each as the lines that are not blank (as written, not normalised)."""
    found: dict[tuple[str, ...], None] = {}
    bare = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), quote)
    for text in (quote, _SHOWN.sub("", quote), bare, _SHOWN.sub("", bare), _uncut(quote)):
        lines = tuple(line.rstrip("\r") for line in text.split("\n") if line.strip())[:_LONGEST]
        if lines:
            found.setdefault(lines)
    return tuple(found)


def _uncut(quote: str) -> str:
    """Without what says that the line goes on. No pattern that repeats spaces: a line may hold a million."""
    return _CUT.sub("", _BLANKS.sub(" ", quote).rstrip()).rstrip().removesuffix("\u2026").removesuffix("...")


def telling(text: str) -> bool:
    """Whether a line that reads like this can be told from others: `}` and `else:` cannot."""
    words = _WORD.findall(text)
    return sum(map(len, words)) >= _TELLING and not (len(words) == 1 and _COMMON.fullmatch(words[0]))


def distinctive(text: str) -> bool:
    """Whether even a part of a line that reads like this points to that line."""
    return telling(text) and sum(map(len, _WORD.findall(text))) >= _DISTINCTIVE
