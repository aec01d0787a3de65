"""What a command is to look at, out of its arguments and options: a range, what is not committed, or what is pushed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from reviewer.core.errors import UsageError
from reviewer.git import Part

# As pre-commit tells its hooks; the first pair is what it calls them now.
_ENDS = (("PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"), ("PRE_COMMIT_SOURCE", "PRE_COMMIT_ORIGIN"))
_HOOK = "PRE_COMMIT"  # which it sets for every hook


def named(
    range_: str | None, diff: Path | None, *, staged: bool = False, unstaged: bool = False, pushed: bool = False
) -> str | Part | None:
    """What `subject_of` is to look at, beside a patch. Raises UsageError where more than one thing is named."""
    given = {
        range_ or "RANGE": range_ is not None,
        "--diff": diff is not None,
        Part.STAGED.value: staged,
        Part.UNSTAGED.value: unstaged,
        "--pushed": pushed,
    }
    several = [name for name, there in given.items() if there]
    if staged and unstaged:
        raise UsageError("--staged and --unstaged together are the range `HEAD`: name that.")
    if len(several) > 1:
        raise UsageError(f"{several[0]} and {several[1]} name two changes: give one of them.")
    if staged or unstaged:
        return Part.STAGED if staged else Part.UNSTAGED
    return pushed_range(os.environ) if pushed else range_


def pushed_range(environ: Mapping[str, str]) -> str | None:
    """What a `git push` under pre-commit sends; None, the default range, where nobody says it: a first push.

    Raises UsageError outside of pre-commit.
    """
    if not any(map(environ.get, (_HOOK, *(name for pair in _ENDS for name in pair)))):
        raise UsageError(
            "--pushed is for pre-commit, which says in its push stage what is sent: give a range, as in "
            "`reviewer review origin/main..`."
        )
    for before, after in _ENDS:
        if environ.get(before) and environ.get(after):
            return f"{environ[before]}...{environ[after]}"
    return None
