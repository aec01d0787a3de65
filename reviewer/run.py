"""One run: its check run on GitHub from queued to its end, and whether anybody still wants it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reviewer.core.errors import OutsideError, Superseded
from reviewer.core.render.check import closed_report, progress_report, queued_report
from reviewer.core.types import CheckReport, Conclusion, Job, PullRequest, Usage
from reviewer.ports import GitHub, RunRecord, Tools

PROGRESS_EVERY = 5.0  # seconds between two progress texts: each is a write that GitHub counts


@dataclass(slots=True)
class Run:
    """One run's handles, and what is known of it so far."""

    job: Job
    id: str
    tools: Tools
    github: GitHub
    started: float  # seconds of the tools' clock
    head: str
    check: int = 0
    on_error: Conclusion = "neutral"
    shown: float = 0.0

    @property
    def external_id(self) -> str:
        """What GitHub keeps with the check: enough to find the pull request again, for forks too."""
        return f"{self.job.repository}#{self.job.number}:{self.id}"

    async def wanted(self) -> None:
        """Raise Superseded once nobody wants this head any more."""
        if why := await self.tools.store.wanted(self.job):
            raise Superseded(why)

    async def show(self, report: CheckReport) -> None:
        self.shown = self.tools.clock()
        await self.github.update_check(self.check, report)

    async def tick(self, done: int, total: int) -> None:
        """Say how far the review is, but not with each answer."""
        if self.tools.clock() - self.shown >= PROGRESS_EVERY:
            await self.show(progress_report(done, total))


def begin(job: Job, run: str, tools: Tools) -> Run:
    github = tools.github(job.installation, job.repository)
    return Run(job, run, tools, github, started=tools.clock(), head=job.head)


async def open_check(this: Run) -> None:
    known = await this.tools.store.check_of(this.job, this.id)
    if known is None:
        known = await this.github.open_check(head=this.head, external_id=this.external_id, report=queued_report())
        await this.tools.store.keep_check(this.job, this.id, known)
    this.check = known


async def follow_head(this: Run, pull: PullRequest) -> None:
    """The event knew an older head than the pull request has now, and no newer event came: review what is there."""
    if pull.head_sha == this.head:
        return
    short = pull.head_sha[:7]
    await this.show(closed_report("cancelled", f"Superseded by {short}", f"The head moved on to {short}."))
    this.head = pull.head_sha
    this.check = await this.github.open_check(head=this.head, external_id=this.external_id, report=queued_report())
    await this.tools.store.keep_check(this.job, this.id, this.check)


async def end(this: Run, conclusion: Conclusion, title: str, sentence: str) -> RunRecord:
    """End the check without a review."""
    if this.check:
        await this.show(closed_report(conclusion, title, sentence))
    record = RunRecord(
        job=this.job,
        run=this.id,
        head=this.head,
        conclusion=conclusion,
        title=title,
        findings=(),
        usage=Usage(),
        cost=None,
        model="",
        prompt_version="",
        seconds=this.tools.clock() - this.started,
    )
    await this.tools.store.keep_run(record)
    return record


async def end_quietly(this: Run, sentence: str) -> RunRecord:
    """The repository, the pull request or the installation is gone: there may be nobody left to tell."""
    try:
        return await end(this, "neutral", "Gone", sentence)
    except OutsideError:
        return await end(replace(this, check=0), "neutral", "Gone", sentence)
