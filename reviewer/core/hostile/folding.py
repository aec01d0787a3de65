"""Brings lines to the form that orders are looked for in: plain small letters, one space between words."""

from __future__ import annotations

import re
import unicodedata

# Punctuation that ends a thought stays; quotes, comment signs and brackets go. Digits that stand for letters become
# them. `_` and `-` stay: what they join is a name, and names give no orders.
_SIGNS = {ord(sign): " " for sign in "\"'`#*/\\(){}[]<>|=~^&@+,"}
_FOLDS = str.maketrans({**_SIGNS, **{ord(key): value for key, value in zip("013457", "oieast", strict=True)}})

_ALIKE = str.maketrans(  # letters of other scripts that look like Latin ones
    "аеорсухіјѕһԁԛԝвкмнтгпαβεικνορτυχաօոսւ\u2018\u2019ı",
    "aeopcyxijshdqwbkmhtrnabeiknoptuxaonuu''i",
)
_TAGS = {0xE0000 + code: chr(code) for code in range(0x20, 0x7F)}  # ASCII that no font shows
_DROPPED = re.compile("[\u00ad\u034f\u061c\u115f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+")
_MARKS = re.compile("[\u0300-\u036f]+")
_SPACED = re.compile(r"(?<![^\W\d_])(?:[^\W\d_] ){5,400}[^\W\d_](?![^\W\d_])")  # letters one by one
_LONGEST = 20_000  # characters of a line that are read; in a longer one the head and the tail


def folded(line: str) -> str:
    """The line as its reader understands it, whatever letters it is written in."""
    if len(line) > _LONGEST:
        line = f"{line[: _LONGEST // 2]} {line[-_LONGEST // 2 :]}"
    if not line.isascii():
        line = _latin(line)
    words = line.lower().translate(_FOLDS).split()
    text = " ".join([word for word in words if word.strip("-_%$")])
    return _SPACED.sub(_joined, text) if " " in text and len(text) < 2 * _LONGEST else text


def _latin(text: str) -> str:
    text = unicodedata.normalize("NFKC", _DROPPED.sub("", text.translate(_TAGS)))
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _MARKS.sub("", unicodedata.normalize("NFD", text)))
    return text.translate({0x0130: "i"}).lower()


def latin(text: str) -> str:
    """A folded text with the letters that only look Latin as Latin ones; the same text if there are none."""
    return text if text.isascii() else text.translate(_ALIKE)


def _joined(letters: re.Match[str]) -> str:
    return letters[0].replace(" ", "")
