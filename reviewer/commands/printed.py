"""Prints a local review's result, and says by the exit code what it came to."""

from __future__ import annotations

from rich.console import Console

from reviewer.core.errors import OutsideError, UsageError
from reviewer.core.types import Fate
from reviewer.formats import LocalResult, write
from reviewer.printing import complain, say

OK, FAILED, COULD_NOT = 0, 1, 2
WIDEST = 100  # columns: longer lines of prose read badly


def print_result(result: LocalResult, output: str, *, unreadable: set[str], over_budget: bool) -> int:
    """`unreadable`: reasons that lie in the diff itself. Raises OutsideError where nothing could be reviewed, and
    UsageError where no service is to blame for that: for such reasons, or where all calls were over a budget.
    """
    if result.conclusion == "success" or result.blocking:
        _say(result, output)
        return FAILED if result.blocking else OK
    # The sentence goes to stderr, where a reader of json or sarif sees it; nothing at all is no page for people.
    reasons = dict.fromkeys(entry.reason for entry in result.coverage.entries if entry.fate is Fate.FAILED)
    why = next(iter((*reasons, *result.problems)), result.title).rstrip(".")
    nothing = not (result.coverage.count(Fate.REVIEWED) or result.coverage.count(Fate.CACHED))
    if not nothing or output != "text":
        _say(result, output)
    if nothing and (over_budget or unreadable.issuperset(reasons)):
        raise UsageError(f"Nothing could be reviewed: {why}.")
    if nothing:
        raise OutsideError(f"Nothing could be reviewed: {why}.")
    complain(f"{result.title.rstrip('.')}: {why}.")
    return COULD_NOT


def _say(result: LocalResult, output: str) -> None:
    console = Console()
    color = console.is_terminal and not console.no_color and not console.is_dumb_terminal
    say(write(result, output, width=min(console.width, WIDEST), color=color))
