"""The store knows how runs ended on a head, which pull requests have it still, and which verdict came before when."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from databases import database_url, store

from reviewer.core.types import Conclusion, Ended, Job, Usage
from reviewer.ports import LastVerdict, RunRecord
from reviewer.store import SqlStore

__all__ = ["database_url", "store"]

ONE, TWO = "1" * 40, "2" * 40
JOB = Job("review", 7, "octo/app", 1, ONE, "pull_request.opened", "r1")


def ended(job: Job, conclusion: Conclusion, **more: object) -> RunRecord:
    record = RunRecord(job, job.delivery, job.head, conclusion, "A title", (), Usage(), None, "", "p@1", 0.0)
    return replace(record, **more)  # type: ignore[arg-type]


def test_who_has_the_head_is_told_by_the_newest_wish(store: SqlStore) -> None:
    """Of every pull request of the repository; who was closed or has moved on is not there any more."""
    other, third = replace(JOB, number=2, delivery="r2"), replace(JOB, number=3, delivery="r3")
    foreign = replace(JOB, repository="octo/lib", delivery="r4")
    for job in (JOB, other, third, foreign):
        asyncio.run(store.want(job))
    asyncio.run(store.keep_run(ended(JOB, "failure", check=5, ended=100.9)))
    asyncio.run(store.keep_run(ended(other, "success", check=6, ended=101.0, shown="failure")))
    asyncio.run(store.keep_run(ended(third, "neutral", check=7, ended=102.0, prompt_version="")))
    asyncio.run(store.keep_run(ended(foreign, "failure")))
    one = Ended(1, "r1", "failure", "failure", "A title", judged=True, check=5, at=100)
    two = Ended(2, "r2", "success", "failure", "A title", judged=True, check=6, at=101)
    three = Ended(3, "r3", "neutral", "neutral", "A title", judged=False, check=7, at=102)
    assert asyncio.run(store.ends(JOB, ONE)) == (three, two, one)
    asyncio.run(store.want(replace(other, kind="close", delivery="r5")))
    asyncio.run(store.want(replace(third, delivery="r6")))
    asyncio.run(store.want(replace(JOB, head=TWO, delivery="r7")))
    gone = replace(two, here=False, idle=False), replace(one, here=False, idle=False)
    assert asyncio.run(store.ends(JOB, ONE)) == (replace(three, idle=False), *gone)
    assert asyncio.run(store.ends(JOB, TWO)) == ()
    assert asyncio.run(store.head_before(JOB, TWO)) == ONE
    assert asyncio.run(store.head_before(JOB, ONE)) == ""


def test_a_run_that_went_after_the_head_has_that_one(store: SqlStore) -> None:
    """The event knew an older one than the pull request had."""
    asyncio.run(store.want(JOB))
    asyncio.run(store.keep_run(ended(replace(JOB, delivery="r0"), "failure")))
    asyncio.run(store.keep_run(ended(JOB, "success", head=TWO)))
    assert [(each.here, each.idle) for each in asyncio.run(store.ends(JOB, ONE))] == [(False, True)]
    assert [(each.here, each.idle) for each in asyncio.run(store.ends(JOB, TWO))] == [(True, True)]


def test_a_verdict_counts_from_its_end_on(store: SqlStore) -> None:
    """By GitHub's whole seconds; what reviewed nothing is one only where that blocks."""
    asyncio.run(store.keep_run(ended(JOB, "failure", ended=100.9, blocking={"a": "A"})))
    asyncio.run(store.keep_run(ended(replace(JOB, delivery="r2"), "success", ended=200.0)))
    asyncio.run(store.keep_run(ended(replace(JOB, delivery="r3"), "neutral", ended=300.0, prompt_version="")))
    asyncio.run(store.keep_run(ended(replace(JOB, delivery="r4"), "failure", ended=400.0, prompt_version="")))
    known = [(at, asyncio.run(store.last_verdict(JOB, ONE, before=at))) for at in (99.0, 100.0, 200.0, 399.0, 400.0)]
    assert known == [
        (99.0, None),
        (100.0, LastVerdict(ONE, {"a": "A"})),
        (200.0, LastVerdict(ONE, {}, passes=True)),
        (399.0, LastVerdict(ONE, {}, passes=True)),
        (400.0, LastVerdict(ONE, {})),
    ]
    assert asyncio.run(store.last_verdict(JOB, ONE)) == LastVerdict(ONE, {})
