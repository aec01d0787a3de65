"""What there is to ask: the one table that the parser, the help and the suggestions are made from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Needs = Literal["triage", "write", "maintain"]
LONG = 6  # letters; in such words two slips are forgiven, in shorter ones one: `/ovride`, `/hlep`, `/aks`
# Words that are near to one of ours and are other people's commands, or paths.
OTHERS = frozenset(
    {
        *("ack", "apk", "ark", "as", "asc", "ash", "asm", "asp", "ass", "assume", "bask", "cask", "cause", "confirm"),
        *("heap", "held", "hell", "helm", "helo", "mask", "parse", "presume", "preview", "reviewer", "reviewers"),
        *("sk", "task", "tsk"),
    }
)


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


@lru_cache(maxsize=4_096)  # a comment has room for 10,000 such words, and each is looked at more than once
def nearest(word: str) -> str:
    """The command that the word was most likely meant to be, "" where it is near to none."""
    word = word.lower()
    if word in OTHERS:
        return ""
    far = {name: _slips(word, name) for name in USAGE if abs(len(word) - len(name)) <= _forgiven(word, name)}
    near = [name for name, slips in far.items() if slips <= _forgiven(word, name)]
    return min(near, key=lambda name: far[name], default="")


def _forgiven(word: str, name: str) -> int:
    return 2 if min(len(word), len(name)) >= LONG else 1


def _slips(word: str, name: str) -> int:
    """Letters left out, added, mistaken, or swapped with the next one: the fewest that make one of the other."""
    before: list[int] = []
    last = list(range(len(name) + 1))
    for at, letter in enumerate(word, 1):
        row = [at]
        for to, wanted in enumerate(name, 1):
            least = min(last[to] + 1, row[to - 1] + 1, last[to - 1] + (letter != wanted))
            if at > 1 and to > 1 and letter == name[to - 2] and word[at - 2] == wanted:
                least = min(least, before[to - 2] + 1)
            row.append(least)
        before, last = last, row
    return last[-1]


def problem(word: str) -> str:
    """What to say about a word that is no command; the word itself, which a stranger wrote, is not repeated."""
    meant = nearest(word)
    hint = f"Did you mean `{USAGE[meant].usage}`?" if meant else "`/help` shows those that there are."
    return f"That is no command of mine. {hint}"
