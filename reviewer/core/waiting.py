"""Which heads wait for somebody's word: drafts where the repository wants that, and what is pushed during a pause."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from reviewer.core.types import Conclusion, Job, Override, Pause, PullRequest

ASKED = frozenset({"command.review", "check_run.rerequested"})  # a person wants a look at this head, whatever else
ABOUT_A_VERDICT = ASKED | {"command.dismiss", "command.override"}  # there is something said, also on a draft


def rests(job: Job, pause: Pause | None, head: str) -> bool:
    """Whether the head came during a pause, and nobody asked for its review."""
    return pause is not None and not pause.ended and head != pause.head and job.trigger not in ASKED


def breaks(job: Job, pause: Pause | None, head: str) -> bool:
    """Whether somebody has this head reviewed in spite of the pause: from now on its check is kept up to date."""
    return pause is not None and not pause.ended and head != pause.head and job.trigger in ASKED


def still_blocking(
    last: Mapping[str, str], given: Collection[Override], dismissed: Collection[str] = ()
) -> dict[str, str]:
    """What blocked at the last verdict (a label by name) and was neither let pass nor dismissed since."""
    passed = {name for each in given for name in each.findings}
    return {name: label for name, label in last.items() if name not in passed and name not in dismissed}


def unseen(left: Collection[str], override: Override | None, on_error: Conclusion) -> Conclusion:
    """How the check ends of a head that nobody looked at: not looking opens no gate that was shut.

    `left` still blocks, `override` was given for this very head.
    """
    if left:
        return "failure"
    return "success" if override else on_error


def waits_as_draft(job: Job, pull: PullRequest) -> bool:
    """Unless the repository wants drafts reviewed."""
    return pull.draft and job.trigger not in ABOUT_A_VERDICT
