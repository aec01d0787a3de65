"""What there is to ask: the one table that the parser, the help and the suggestions are made from."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Needs = Literal["triage", "write", "maintain"]
ALIKE = 0.75  # of two words, by difflib: `/reveiw`, `/hlep`
# Words that are near to one of ours and are other people's commands, or paths.
OTHERS = frozenset({"preview", "task", "helm", "held", "heap", "unpause", "aux"})


@dataclass(frozen=True, slots=True)
class Usage:
    """A command as its help shows it; who may give it; whether its words may go on over the next lines."""

    usage: str
    does: str
    needs: Needs
    long: bool = False


USAGE: dict[str, Usage] = {
    "review": Usage("/review [full]", "reviews what changed; `full`: everything anew, past what is kept", "write"),
    "ask": Usage("/ask QUESTION", "answers a question about the change", "triage", long=True),
    "dismiss": Usage(
        "/dismiss [REASON]", "in a finding's thread: it is not said again and does not block", "write", long=True
    ),
    "override": Usage("/override REASON", "the check passes for the findings of this head", "maintain", long=True),
    "pause": Usage("/pause", "pushes to this pull request are not reviewed", "write"),
    "resume": Usage("/resume", "they are again, beginning with what was pushed meanwhile", "write"),
    "config": Usage(
        "/config [forget ID]", "shows the settings and what was dismissed; forgets one of the dismissals", "write"
    ),
    "help": Usage("/help", "shows this", "triage"),
}


def nearest(word: str) -> str:
    """The command that the word was most likely meant to be, "" where it is near to none."""
    word = word.lower()
    if word in OTHERS:
        return ""
    return next(iter(get_close_matches(word, USAGE, n=1, cutoff=ALIKE)), "")


def problem(word: str) -> str:
    """What to say about a word that is no command; the word itself, which a stranger wrote, is not repeated."""
    meant = nearest(word)
    hint = f"Did you mean `{USAGE[meant].usage}`?" if meant else "`/help` shows those that there are."
    return f"That is no command of mine. {hint}"
