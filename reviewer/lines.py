"""Which line carries out which kind of job, and what the log says when it has ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import structlog

from reviewer import neighbours, pressing, queueing, rerunning, review, talk
from reviewer.core.types import Job
from reviewer.jobs import Departures, bound
from reviewer.landing import long_wait
from reviewer.metrics import Metrics
from reviewer.ports import Tools

_log = structlog.stdlib.get_logger(__name__)


class Done(NamedTuple):
    """What came of a quick job, in words, and the reviews that are to follow."""

    words: str
    follow: Sequence[Job] = ()


class Lines:
    """What the job engine calls, each with the job and its run."""

    def __init__(self, tools: Tools, metrics: Metrics, names: talk.Names, departures: Departures) -> None:
        self._tools, self._metrics, self._names, self._departures = tools, metrics, names, departures

    async def carry_out(self, job: Job, run: str) -> Sequence[Job]:
        """Gives the jobs that are to follow. What ends well has a last line here, what is raised has the engine's."""
        with bound(job, run), structlog.contextvars.bound_contextvars(run=run), self._tools.trace.job(job, run):
            try:
                follow = await self._line(job, run)
            except Exception as error:
                put_off = getattr(error, "put_off", 0.0) or long_wait(error)  # it goes on
                self._metrics.job(job, "put_off" if put_off else "failed")
                raise
            self._metrics.job(job, "done")
            return follow

    async def announce(self, job: Job, run: str) -> None:
        with bound(job, run):
            await review.announce(job, run, self._tools)

    async def give_up(self, job: Job, run: str) -> None:
        """Say that the job took the process down with it each time; of a search or a departure nobody hears."""
        self._metrics.job(job, "failed")
        ways = {"command": talk.give_up, "press": pressing.give_up, "group": queueing.give_up}
        if job.kind != "find" and not job.is_departure:
            with bound(job, run):
                await ways.get(job.kind, review.give_up)(job, run, self._tools)

    async def _line(self, job: Job, run: str) -> Sequence[Job]:
        if job.kind in {"close", "disband"}:  # the wish alone ends what runs
            _log.info(f"{job.kind}.done", trigger=job.trigger)
            return await neighbours.follow(job, job.head, self._tools) if job.kind == "close" else ()
        if not job.is_quick:
            return await neighbours.follow(job, await self._review(job, run), self._tools)
        if job.is_departure:
            done = Done(await self._departures.carry_out(job))
        else:
            done = await quickly(job, run, self._tools, self._names)
        follow = [each.delivery for each in done.follow]
        _log.info(f"{job.kind}.done", trigger=job.trigger, author=job.author, words=done.words, follow=follow)
        return done.follow

    async def _review(self, job: Job, run: str) -> str:
        """Gives the head that was reviewed: the event may have known an older one."""
        record = await review.review(job, run, self._tools)
        self._metrics.ended(record)
        _log.info(
            "review.done",
            head=record.head,
            conclusion=record.conclusion,
            title=record.title,
            findings=len(record.findings),
            tokens_in=record.usage.input,
            tokens_out=record.usage.output,
            calls=record.usage.calls,
            cost=None if record.cost is None else str(record.cost),
            seconds=round(record.seconds, 3),
            trigger=job.trigger,
        )
        return record.head


async def quickly(job: Job, run: str, tools: Tools, names: talk.Names) -> Done:
    """What takes seconds."""
    match job.kind:
        case "command":
            follow = await talk.answer(job, run, tools, names)
            return Done("the commands were answered", [follow] if follow else ())
        case "press":
            follow = await pressing.press(job, run, tools)
            return Done("the button was answered", [follow] if follow else ())
        case "find":
            return Done("its pull requests were looked for", await rerunning.find(job, run, tools))
        case _:
            return Done(await queueing.conclude_group(job, run, tools))
