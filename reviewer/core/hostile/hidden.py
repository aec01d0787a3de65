"""Characters that nobody sees: they make code read as something else, or carry a text of their own."""

from __future__ import annotations

import re

# A flag such as Scotland's is a black flag followed by tag characters: those are seen.
_FLAG = re.compile("\U0001f3f4[\U000e0061-\U000e007a\U000e0030-\U000e0039]{1,6}\U000e007f")
_UNSEEN = re.compile(
    "[\U000e0000-\U000e007f]"  # tags: ASCII that no font shows
    "|[\u202a-\u202e\u2066-\u2069]"  # text that runs the other way, and isolates
    "|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{3,}"  # one of these chooses a glyph's form, many of them hold bytes
    "|(?<=[A-Za-z0-9_])[\u200b-\u200d\u2060\ufeff]+(?=[A-Za-z0-9_])"  # inside a name; Persian and emoji need them
)


def hidden(text: str) -> tuple[str, ...]:
    """The unseen characters of a line as `U+202E`, each once; () for nearly every line."""
    if text.isascii():
        return ()
    found = "".join(_UNSEEN.findall(_FLAG.sub("", text)))
    return tuple(dict.fromkeys(f"U+{ord(character):04X}" for character in found))
