"""One run: its check run on GitHub from queued to its end, and whether anybody still wants it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from reviewer.core.budget import bill
from reviewer.core.errors import GitHubError, OutsideError, Superseded, Unprocessable
from reviewer.core.render.check import closed_report, progress_report, queued_report
from reviewer.core.types import CheckReport, Conclusion, Job, PullRequest, Spent
from reviewer.landing import once, passes
from reviewer.neighbours import beside
from reviewer.ports import GitHub, RunRecord, Tools

PROGRESS_EVERY = 5.0  # seconds between two progress texts: each is a write that GitHub counts
CHECK = "check:"  # a step of the run: the check on the head that follows
ANNOTATIONS = "annotations"
PAUSES = (1.0, 4.0, 10.0)  # seconds before GitHub is told the end again, after a fault of its own


@dataclass(slots=True)
class Run:
    """One run's handles, and what is known of it so far."""

    job: Job
    id: str
    tools: Tools
    github: GitHub
    started: float  # seconds of the tools' clock
    head: str
    base: str = ""  # the branch that the head is to be merged into, once it is known
    check: int = 0
    on_error: Conclusion | None = None  # what the repository asked for, once its configuration was read
    spent: Spent = field(default_factory=Spent)  # by this attempt, also when it comes to nothing
    shown: float = 0.0
    writing: asyncio.Task[None] | None = None
    closed: int = 0  # the check that has been told its end
    forgotten: bool = False  # GitHub has reviews of ours that the database does not know of: it was lost
    said: str = ""  # the conclusion that it was told

    @property
    def ended(self) -> bool:
        """Whether the check that is open for this run knows its end."""
        return bool(self.check) and self.closed == self.check

    @property
    def external_id(self) -> str:
        """What GitHub keeps with the check: enough to find the pull request again, for forks too."""
        return f"{self.job.about}#{self.job.number}:{self.id}"

    def paid(self, spent: Spent) -> None:
        """Count what an answer of the model cost."""
        self.spent += spent

    async def wanted(self) -> None:
        """Raise Superseded once nobody wants this head any more."""
        if why := await self.tools.store.wanted(self.job):
            raise Superseded(why)

    async def show(self, report: CheckReport, *, again: bool = False) -> None:
        """Bring the check to `report`, after what is still on its way there: to GitHub the last one counts.

        So a write is not cut short with the task that asked for it: it could land after the end.
        """
        self.shown = self.tools.clock()
        await self.tools.store.still_ours(self.job)
        while self.writing and not self.writing.done():
            await asyncio.wait([self.writing])
        self.writing = asyncio.create_task(self.github.update_check(self.check, report, again=again))
        await asyncio.shield(self.writing)

    async def progress(self, done: int, total: int) -> None:
        """Say how far the review is; a fault of GitHub's own costs no more than this text."""
        try:
            await self.show(progress_report(done, total))
        except GitHubError as error:
            if not error.retryable:
                raise

    async def tick(self, done: int, total: int) -> None:
        """Say how far the review is, but not with each answer."""
        if self.tools.clock() - self.shown >= PROGRESS_EVERY:
            await self.progress(done, total)

    async def close(self, report: CheckReport) -> None:
        """Show the end, with patience: nobody would end the check after us. Other pull requests on the head count."""
        if self.job.kind == "review":
            known = partial(beside, github=self.github, tools=self.tools, forgotten=self.forgotten)
            report = await known(self.job, self.head, report)
        self.said = report.conclusion or ""
        again = bool(report.annotations) and not await self.first(ANNOTATIONS)
        for pause in PAUSES:
            try:
                await self.show(report, again=again)
                self.closed = self.check
            except GitHubError as error:
                if not passes(error):
                    raise
                wait = max(pause, error.wait)
            else:
                return
            await self.tools.sleep(wait)
            again = bool(report.annotations)
        await self.show(report, again=again)
        self.closed = self.check

    async def first(self, step: str) -> bool:
        """Whether no earlier attempt at this run set out for `step`; from now on one has."""
        if step in await self.tools.store.steps(self.job, self.id):
            return False
        await self.tools.store.keep_step(self.job, self.id, step)
        return True


def begin(job: Job, run: str, tools: Tools) -> Run:
    github = tools.github(job.installation, job.repository)
    return Run(job, run, tools, github, started=tools.clock(), head=job.head)


async def open_check(this: Run) -> None:
    """Take up the check that the announcement or an earlier attempt opened, or set out to open; else open one.

    None is opened for a head that nobody wants any more: that raises Superseded.
    """
    steps = await this.tools.store.steps(this.job, this.id)
    heads = [step.removeprefix(CHECK) for step in steps if step.startswith(CHECK)]
    if not heads:
        await this.wanted()
        return await _open_somewhere(this)
    this.head = heads[-1]  # an attempt ends its check on one head before it sets out for the next
    this.check = steps[CHECK + this.head]
    return None if this.check else await _open(this, again=True)


async def _open_somewhere(this: Run) -> None:
    """The head that somebody wants checked again may be gone since: then on the one that is there now."""
    try:
        await _open(this, again=False)
    except Unprocessable:
        if this.job.kind != "review":
            raise
        head = (await this.github.pull(this.job.number)).head_sha
        if head == this.head:
            raise
        this.head = head
        await _open(this, again=False)


async def follow_head(this: Run, pull: PullRequest) -> None:
    """The event knew an older head than the pull request has now, and no newer event came: review what is there."""
    if pull.head_sha == this.head:
        return
    short = pull.head_sha[:7]
    await this.close(closed_report("cancelled", f"Superseded by {short}", f"The head moved on to {short}."))
    this.head, this.check = pull.head_sha, 0
    steps = await this.tools.store.steps(this.job, this.id)
    await _open(this, again=CHECK + this.head in steps)


async def _open(this: Run, *, again: bool) -> None:
    """The check run on the head, opened exactly once; `again`: it may be there already."""
    where = {"head": this.head, "external_id": this.external_id}

    async def do() -> int:
        await this.tools.store.still_ours(this.job)
        return await this.github.open_check(**where, report=queued_report())

    async def landed() -> int | None:
        return await this.github.find_check(**where)

    store, step = this.tools.store, CHECK + this.head
    await store.keep_step(this.job, this.id, step)
    this.check = await once(do, landed, sleep=this.tools.sleep, again=again)
    await store.keep_step(this.job, this.id, step, this.check)


async def let_go(this: Run, *, others: bool = False) -> None:
    """Let others ask the model what this run had set out to ask.

    With `others` also what earlier runs of the pull request had: its runs come one at a time, so they were killed. It
    can be otherwise only for one that another worker took over while it hung: then an answer may be paid for twice.
    """
    scope = f"{this.job.repository}#{this.job.number}" if others else ""
    with suppress(OutsideError):  # nobody waits for longer than a few minutes
        await this.tools.store.release_all(this.job.installation, this.id, scope)


async def end(
    this: Run,
    conclusion: Conclusion,
    title: str,
    sentence: str,
    *,
    blocking: Mapping[str, str] | None = None,
    again: bool = True,
) -> RunRecord:
    """End the check without a review; `blocking` is what is known to block all the same, as in RunRecord.

    `again`: there is something that could be reviewed, so the check has a button for that.
    """
    ended = this.tools.now()
    if this.check:
        again = again and conclusion != "cancelled"
        await this.close(closed_report(conclusion, title, sentence, again=again))
    record = RunRecord(
        job=this.job,
        run=this.id,
        head=this.head,
        conclusion=conclusion,
        title=title,
        findings=(),
        usage=this.spent.total,
        cost=bill(this.spent, prices=this.tools.prices) if this.spent.by_model else None,
        model=next(iter(this.spent.by_model), ""),
        prompt_version="",
        seconds=this.tools.clock() - this.started,
        spent=this.spent,
        blocking=blocking or {},
        shown=this.said,
        check=this.check,
        ended=ended,
    )
    await this.tools.store.keep_run(record)
    await let_go(this)
    return record


async def end_quietly(this: Run, sentence: str) -> RunRecord:
    """The repository, the pull request or the installation is gone: there may be nobody left to tell."""
    try:
        return await end(this, "neutral", "Gone", sentence, again=False)
    except OutsideError:
        return await end(replace(this, check=0), "neutral", "Gone", sentence)
