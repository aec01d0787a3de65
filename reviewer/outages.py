"""What a run does while GitHub is away or counts its limits: it says so, and comes back."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from reviewer.core.errors import GitHubError, OutsideError
from reviewer.core.types import CheckReport
from reviewer.landing import long_wait
from reviewer.run import Run, let_go

OUTAGE = "outage"  # a step of the run: how often GitHub's being away has put it off
OUTAGES = (15.0, 60.0, 300.0, 900.0, 1800.0)  # seconds after which it is tried again


async def put_off(this: Run, error: OutsideError) -> None:
    """Say that the run waits for GitHub's limits, unless GitHub does not even let us say that."""
    until = f"{datetime.fromtimestamp(this.tools.now() + long_wait(error), UTC):%H:%M} UTC"
    if this.check and not this.ended:
        with suppress(GitHubError):
            await this.show(CheckReport("in_progress", "Waiting", f"GitHub's limits: the review goes on at {until}."))
    await let_go(this)


async def wait_for_the_database(this: Run) -> None:
    """Say that the run waits for our own database, as far as that can be said without it."""
    if this.check and not this.ended:
        with suppress(OutsideError):
            await this.show(
                CheckReport(
                    "in_progress",
                    "Waiting",
                    "The reviewer's database does not answer: the review goes on when it does.",
                )
            )


async def try_again(this: Run, error: OutsideError) -> str:
    """Have the job put off where GitHub may come back; returns what to say of it, "" when it is not tried again."""
    if not isinstance(error, GitHubError) or not error.retryable:
        return ""
    store = this.tools.store
    nth = (await store.steps(this.job, this.id)).get(OUTAGE, 0)
    if nth == len(OUTAGES):
        return ""
    await store.keep_step(this.job, this.id, OUTAGE, nth + 1)
    error.put_off = OUTAGES[nth]
    return f" It is tried again at {datetime.fromtimestamp(this.tools.now() + error.put_off, UTC):%H:%M} UTC."
