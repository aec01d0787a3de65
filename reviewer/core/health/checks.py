"""What a check found: its grade, and of what is not well what it disables and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Grade = Literal["ok", "warning", "problem"]

OK, HERE, OUTSIDE = 0, 2, 3  # the program's exit codes

# How what helps begins in our sentences.
MENDS = {
    *("add", "ask", "change", "check", "choose", "copy", "give", "install", "keep", "make", "mend", "name", "put"),
    *("raise", "replace", "report", "restore", "run", "set", "start", "try", "use", "write"),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is not well; sentences, "" where there is nothing to say."""

    says: str
    disables: str = ""
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """`says` is one sentence. `outside`: what is wrong is that a service of others does not answer."""

    name: str
    says: str
    grade: Grade = "ok"
    troubles: tuple[Trouble, ...] = ()
    notes: tuple[str, ...] = ()  # good to know, nothing to mend
    outside: bool = False


def in_halves(sentence: str) -> tuple[str, str]:
    """What is so, and how to mend it: "" where the sentence does not say that behind a colon."""
    parts = sentence.rstrip(".").split(": ")
    for at, part in enumerate(parts[1:], 1):
        said = ": ".join(parts[:at])
        if part.partition(" ")[0] in MENDS and said.count("(") == said.count(")"):
            return said, ": ".join(parts[at:])
    return ": ".join(parts), ""


def exit_code(checks: Sequence[Check]) -> int:
    """2 where something is to be mended here, else 3 where a service of others does not answer."""
    problems = [check for check in checks if check.grade == "problem"]
    if not problems:
        return OK
    return OUTSIDE if all(check.outside for check in problems) else HERE
