"""Catches up after downtime: failed deliveries are asked for again, and open pull requests without a review are found.

GitHub does not deliver a webhook again by itself. Every worker process begins with a round of its own, since the one
that held the lease may be what was down; after that the leases see to it that one worker does a round for all. A round
too many does no harm: a redelivery carries the same GUID, and a job that was found has the same id whoever finds it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import structlog

from reviewer.core.errors import GitHubError, Gone, ReviewerError
from reviewer.core.events import EVENTS
from reviewer.core.health import Installed, suffices
from reviewer.core.types import Job
from reviewer.ports import Delivery, OpenPull, Survey

DAY = 86_400.0
MINUTE = 60.0

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How far and how fast; seconds where nothing else is said."""

    first: float = 3.0  # after the start, which it must not hold up
    every: float = 10 * MINUTE  # between rounds; up to a fifth more, by chance
    sweep: float = 60 * MINUTE  # between two looks at an installation's pull requests: a request for each repository
    settle: float = 10.0  # that redeliveries get to arrive before pull requests are looked at
    gap: float = 0.1  # between requests of a sweep
    back: float = 3 * DAY  # GitHub keeps deliveries for so long
    overlap: float = 10 * MINUTE  # by which the next list of deliveries begins before the last one ended
    touched: float = 7 * DAY  # a pull request that nobody touched for longer is left alone
    redeliveries: int = 50  # a round
    attempts: int = 3  # for each delivery, and for each head of a pull request
    pages: int = 5  # of 100 repositories, for each installation and sweep; the next one goes on from there
    jobs: int = 50  # a round


class Queue(Protocol):
    """The durable jobs, as far as they are needed here."""

    async def enqueue(self, job: Job) -> str: ...

    async def status(self, run: str) -> dict[str, Any] | None: ...


class CatchUp:
    """`newest` gives the delivery of the newest wish for a job's pull request, "" when there was none; `lease` says
    whether this process alone may do a thing for so many seconds; `now` is in seconds since the epoch.
    """

    def __init__(
        self,
        survey: Survey,
        queue: Queue,
        *,
        newest: Callable[[Job], Awaitable[str]],
        lease: Callable[[str, float], Awaitable[bool]],
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        chance: Callable[[], float],
        pace: Pace | None = None,
    ) -> None:
        self._survey, self._queue = survey, queue
        self._newest, self._lease = newest, lease
        self._now, self._sleep, self._chance = now, sleep, chance
        self._pace = pace or Pace()
        self._since = 0.0  # what was delivered before needs no further look
        self._tried: Counter[str] = Counter()  # by GUID, or by the id of a job
        self._able: dict[int, tuple[bool, Mapping[str, str]]] = {}  # by installation, at the last look
        self._pages: dict[int, int] = {}  # by installation: where the next sweep begins
        self._left = 0  # jobs that this round may still enqueue

    async def forever(self) -> None:
        """Rounds until it is cancelled. Nothing that goes wrong in one gets out."""
        await self._sleep(self._pace.first * (1 + self._chance()))
        await self.round(first=True)
        while True:
            await self._sleep(self._pace.every * (1 + self._chance() / 5))
            await self.round()

    async def round(self, *, first: bool = False) -> None:
        """One look at deliveries and pull requests; `first` does not wait for the leases."""
        self._left = self._pace.jobs
        try:
            if await self._may("deliveries", self._pace.every, first=first) and await self.redeliver():
                await self._sleep(self._pace.settle)
            for each in await self._survey.installations():
                if await self._may_sweep(each, first=first):
                    await self._guarded(self._sweep(each), installation=each.id)
        except ReviewerError as error:
            _log.warning("catchup.stopped", reason=str(error))
        except Exception:  # noqa: BLE001 - a round is not worth a worker
            _log.exception("catchup.failed")

    async def _may_sweep(self, each: Installed, *, first: bool) -> bool:
        """Whether anything could be reviewed there, and it is time, or more can be done than at the last look."""
        told = each.permissions.get("checks", "none" if each.permissions else "write")
        able = not each.suspended and suffices(told, "write")
        before, self._able[each.id] = self._able.get(each.id), (able, each.permissions)
        grew = before is not None and before != (able, each.permissions)
        return able and await self._may(f"pull requests of {each.id}", self._pace.sweep, first=first or grew)

    async def _may(self, what: str, seconds: float, *, first: bool) -> bool:
        return await self._lease(f"catchup: {what}", seconds * 0.9) or first

    async def _guarded(self, work: Awaitable[None], *, limited: bool = True, **about: object) -> None:
        """One installation or repository that cannot be read keeps no other from being looked at.

        With `limited` False a rate limit gets through: it ends all that goes over the same installation.
        """
        try:
            await work
        except GitHubError as error:
            if error.wait and not limited:
                raise
            _log.warning("catchup.passed_over", reason=str(error), **about)

    # --- deliveries ---------------------------------------------------------------------------------------------------

    async def redeliver(self) -> int:
        """Ask again for what failed, the oldest first, as the newest event about a pull request is to come last."""
        since = self._since or self._now() - self._pace.back
        try:
            attempts = await self._survey.deliveries(since)
        except Gone as error:  # an older GitHub Enterprise Server does not tell them; open pull requests can be found
            _log.warning("catchup.no_deliveries", reason=str(error))
            return 0
        left = [tries for tries in _by_guid(attempts) if all(attempt.failed for attempt in tries)]
        left = [tries for tries in left if tries[0].event in EVENTS and self._may_try(tries)]
        chosen = sorted(left, key=lambda tries: tries[-1].at)[: self._pace.redeliveries]
        for tries in chosen:
            self._tried[tries[0].guid] += 1
            await self._guarded(self._survey.redeliver(tries[0].id), limited=False, delivery=tries[0].guid)
        if attempts:
            ends = [attempts[0].at, *(tries[-1].at for tries in left)]
            self._since = max(since, min(ends) - self._pace.overlap)
        if chosen:
            _log.info("catchup.redelivered", count=len(chosen), left=len(left) - len(chosen))
        return len(chosen)

    def _may_try(self, tries: Sequence[Delivery]) -> bool:
        """GitHub's list shows the redeliveries of other processes too; our own count, those that it refused."""
        guid = tries[0].guid
        self._tried[guid] = max(self._tried[guid], len(tries) - 1)
        return self._tried[guid] < self._pace.attempts

    # --- pull requests ------------------------------------------------------------------------------------------------

    async def _sweep(self, of: Installed) -> None:
        """Some pages of the installation's repositories, beginning where the last sweep ended."""
        installation = of.id
        since = max(self._now() - self._pace.touched, of.made)  # what lay there when we came is for people to ask for
        for _ in range(self._pace.pages):
            page = self._pages.get(installation, 1)
            names, pages = await self._survey.repositories(installation, page=page)
            for name in names:
                await self._sleep(self._pace.gap)
                await self._guarded(self._look(of, name, since), limited=False, repository=name)
            self._pages[installation] = page + 1 if page < pages else 1
            if page >= pages:
                break

    async def _look(self, of: Installed, repository: str, since: float) -> None:
        installation = of.id
        for pull in await self._survey.open_pulls(installation, repository, since):
            if self._left <= 0:
                return
            delivery = delivery_of(installation, repository, pull.number, pull.head)
            job = Job("review", installation, repository, pull.number, pull.head, "catchup", delivery)
            await self._find(job, of)

    async def _find(self, job: Job, of: Installed) -> None:
        """Enqueue what nobody works at and nobody has finished. A job that failed runs again: its check may hang."""
        newest = await self._newest(job)
        state = await self._queue.status(newest) if newest else None
        if state and state["status"] in {"queued", "running"}:
            return
        if await self._survey.concluded(of, job.repository, OpenPull(job.number, job.head)):
            return
        if self._tried[job.delivery] >= self._pace.attempts:
            return
        self._tried[job.delivery] += 1
        self._left -= 1
        if state and state["status"] == "failed" and state["kind"] == "review":
            job = replace(job, delivery=newest)
        await self._queue.enqueue(job)
        _log.info("catchup.found", repository=job.repository, number=job.number, head=job.head, job=job.delivery)


def delivery_of(installation: int, repository: str, number: int, head: str) -> str:
    """The id of the job for this head: the same whoever finds it, and fit for a hidden mark."""
    digest = hashlib.sha256(f"{installation}/{repository}#{number}@{head}".encode()).hexdigest()
    return f"catchup-{number}-{digest[:16]}"


def _by_guid(attempts: Sequence[Delivery]) -> list[list[Delivery]]:
    """The attempts at each delivery, newest first."""
    found: dict[str, list[Delivery]] = {}
    for attempt in attempts:
        found.setdefault(attempt.guid, []).append(attempt)
    return list(found.values())
