"""Finds the pull requests of a head that somebody wants checked again, where GitHub's event does not name them."""

from __future__ import annotations

from reviewer.core.errors import GitHubError, Gone, OutsideError
from reviewer.core.types import Job
from reviewer.landing import long_wait
from reviewer.outages import try_again
from reviewer.ports import Tools
from reviewer.run import Run, begin

MOST = 20  # pull requests of one head


async def find(job: Job, run: str, tools: Tools) -> tuple[Job, ...]:
    """A review for each open pull request that still has this head; () also where the head or the repository is gone.

    GitHub's own list leaves out forks: our checks on the head name the pull request, and commits know theirs.
    """
    this = begin(job, run, tools)
    try:
        numbers = [check.number for check in await this.github.checks(job.head) if check.number]
        numbers += await this.github.open_pulls_at(job.head)
        found = [number for number in list(dict.fromkeys(numbers))[:MOST] if await _has_head(this, number)]
    except Gone:
        return ()
    except OutsideError as error:
        if not long_wait(error):
            await try_again(this, error)
        raise
    return tuple(job.review_of(job.head, trigger=job.trigger, suffix=str(number), number=number) for number in found)


async def _has_head(this: Run, number: int) -> bool:
    try:
        pull = await this.github.pull(number)
    except GitHubError as error:
        if isinstance(error, Gone) and error.status == 404:
            return False
        raise
    return pull.open and pull.head_sha == this.job.head
