"""One pattern of words, and the letters without which it need not be tried.

Each gap in a pattern is bounded, and folded words have one space between them: a stranger's text costs linear time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_W = r"[ \n]"  # between two words
_END = r"(?![\w-])"


@dataclass(frozen=True, slots=True)
class Rule:
    """`triggers`: where none of these stands in a text, the pattern is not tried. `said`: for titles and bodies too."""

    triggers: tuple[str, ...]
    pattern: re.Pattern[str]
    said: bool = True


def rule(triggers: str, *parts: str, said: bool = True) -> Rule:
    """In the parts a space is one between words, `{3}` up to three words of one thought, `{~3}` of any."""
    spelled = " ".join(parts).replace(" ", _W)
    spelled = re.sub(r"\{(\d+)\}", r"(?:[^\\s.!?;:]{1,40}[ \\n]){0,\1}?", spelled)
    spelled = re.sub(r"\{~(\d+)\}", r"(?:\\S{1,40}[ \\n]){0,\1}?", spelled)
    return Rule(tuple(triggers.split("|")), re.compile(rf"(?<![\w-])(?:{spelled}){_END}"), said)
