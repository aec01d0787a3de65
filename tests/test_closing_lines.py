"""The log tells of each job how it ended, once, in a line that says which job that was."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast, get_args

import pytest
import structlog
from databases import sqlite_url
from test_metrics import record, value
from workshop import Workshop, job, play, until, working

from reviewer import lines
from reviewer.core.errors import GitHubError
from reviewer.core.types import Job, Spent
from reviewer.core.types.job import JobKind
from reviewer.lines import Done, Lines
from reviewer.logs import configure
from reviewer.metrics import Metrics
from reviewer.ports.trace import UNTRACED

__all__ = ["sqlite_url"]

ENDS = {"job.put_off", "job.overtaken", "job.failed", "job.gave_up", *(f"{kind}.done" for kind in get_args(JobKind))}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    stream = io.StringIO()
    configure(level="info", log_format="json", stream=stream)
    yield stream
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def ends(log: io.StringIO) -> dict[str, list[dict[str, Any]]]:
    """The closing lines by the job's id."""
    found: dict[str, list[dict[str, Any]]] = {}
    for line in map(json.loads, log.getvalue().splitlines()):
        if line["event"] in ENDS:
            found.setdefault(line.get("job", "nobody's"), []).append(line)
    return found


def working_lines(monkeypatch: pytest.MonkeyPatch) -> tuple[Lines, Metrics]:
    """The real lines, with reviews that go as the delivery is called."""

    async def review(job: Job, _run: str, _tools: object) -> Any:
        if job.delivery == "fails":
            raise ValueError("unforeseen")
        if job.delivery == "waits":
            raise GitHubError("limited", status=403, wait=5_000.0)
        return record(Spent())

    async def quickly(_job: Job, _run: str, *_: object) -> Done:
        return Done("that was done")

    monkeypatch.setattr("reviewer.review.review", review)
    monkeypatch.setattr(lines, "quickly", quickly)

    async def nobody(*_: object) -> Any:
        return ()

    metrics = Metrics()
    store = SimpleNamespace(head_before=nobody, ends=nobody)
    tools: Any = SimpleNamespace(trace=UNTRACED, store=store)
    return Lines(tools, metrics, cast("Any", None), cast("Any", SimpleNamespace(carry_out=nobody))), metrics


def test_each_job_has_one_closing_line(sqlite_url: str, log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each kind, and for each way to end; bound to delivery, job, repository and head."""
    made, metrics = working_lines(monkeypatch)
    monkeypatch.setattr("reviewer.jobs.state.GRACE", 0.01)
    shop = Workshop(sqlite_url)

    async def carry_out(job: Job, run: str) -> None:
        await made.carry_out(job, run)

    shop.review = carry_out
    jobs = [job(kind, number=number, kind=kind) for number, kind in enumerate(get_args(JobKind), 1)]
    jobs += [job("fails", number=20), job("waits", number=21)]

    async def story() -> None:
        async with working(shop) as engine:
            for each in jobs:
                await engine.enqueue(each)
            await until(lambda: len(ends(log)) == len(jobs))

    play(story(), shop)
    found = ends(log)
    assert {delivery: [line["event"] for line in told] for delivery, told in found.items()} == {
        **{kind: [f"{kind}.done"] for kind in get_args(JobKind)},
        "fails": ["job.failed"],
        "waits": ["job.put_off"],
    }
    for each in jobs:
        [line] = found[each.delivery]
        about = (line["delivery"], line["kind"], line["repository"], line["number"])
        assert about == (each.delivery, each.kind, "octo/app", each.number)
        assert line["head"] == ("a" * 40 if line["event"] == "review.done" else each.head)
    assert value(metrics, "jobs_total", kind="review", outcome="done") == 1
    assert value(metrics, "jobs_total", kind="review", outcome="failed") == 1
    assert value(metrics, "jobs_total", kind="review", outcome="put_off") == 1
    assert value(metrics, "jobs_total", outcome="done") == len(get_args(JobKind))
    assert value(metrics, "jobs_failed_total") == 1


def test_one_that_was_overtaken_says_so(tmp_path: Path, log: io.StringIO) -> None:
    """A push in a burst that nobody wants reviewed any more ends before its turn, and does not vanish."""
    shop = Workshop(f"sqlite:///{tmp_path}/jobs.db", quiet=0.3)

    async def story() -> None:
        async with working(shop) as engine:
            for nth in range(3):
                await engine.enqueue(job(f"push-{nth}", head=f"{nth}" * 40))
            assert await shop.ended("push-0", "push-1", "push-2")
            await until(lambda: len(ends(log)) > 0)

    play(story(), shop)
    told = [line for each in ends(log).values() for line in each]
    assert {line["event"] for line in told} == {"job.overtaken"}
    assert {line["repository"] for line in told} == {"octo/app"}
    assert "push-2" not in ends(log)
