"""Pairs by elimination: what was said of a line and is not found there, and what is found there and was not said.

A model that says everything in other words leaves texts with nothing in common. But where one finding was and one is,
it is hardly ever that the one has gone from a line that stands and another has come: they are one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from reviewer.core.meaning.known import Known
from reviewer.core.meaning.together import telling, together


def left_over(findings: Sequence[Known], said: Sequence[Known]) -> dict[int, int]:
    """Which of `said` each finding is, by their places in the two lists; only where each has nobody else.

    Both lists are without what was paired before by name or by meaning.
    """
    near = [[there for there, each in enumerate(said) if _one_place(found, each)] for found in findings]
    wanted = Counter(there for places in near for there in places)
    return {here: places[0] for here, places in enumerate(near) if len(places) == 1 and wanted[places[0]] == 1}


def _one_place(found: Known, said: Known) -> bool:
    """On lines that read as they did: what is found on a line that was edited may be what the edit has brought."""
    return together(found, said) in {"line", "range", "file"} or _moved(found, said)


def _moved(found: Known, said: Known) -> bool:
    """The line went to another file, or elsewhere in its own, and what stands around it was changed on the way."""
    lines = {line for line in found.code if telling(line)} & set(said.code)
    return said.gone and found.alone and bool(lines)
