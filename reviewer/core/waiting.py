"""Which heads wait for somebody's word: drafts where the repository wants that, and what is pushed during a pause."""

from __future__ import annotations

from reviewer.core.types import Job, Pause, PullRequest

ASKED = frozenset({"command.review", "check_run.rerequested"})  # a person wants a look at this head, whatever else
ABOUT_A_VERDICT = ASKED | {"command.dismiss", "command.override"}  # there is something said, also on a draft


def rests(job: Job, pause: Pause | None, head: str) -> bool:
    """Whether the head came during a pause, and nobody asked for its review."""
    return pause is not None and not pause.ended and head != pause.head and job.trigger not in ASKED


def breaks(job: Job, pause: Pause | None, head: str) -> bool:
    """Whether somebody has this head reviewed in spite of the pause: from now on its check is kept up to date."""
    return pause is not None and not pause.ended and head != pause.head and job.trigger in ASKED


def waits_as_draft(job: Job, pull: PullRequest) -> bool:
    """Unless the repository wants drafts reviewed."""
    return pull.draft and job.trigger not in ABOUT_A_VERDICT
