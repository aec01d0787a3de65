"""The check run: opened once however often it is tried, and updated within GitHub's limits."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from reviewer.core.errors import GitHubError
from reviewer.core.types import CheckReport
from reviewer.github.connection import Connection, read
from reviewer.github.limits import ANNOTATIONS, TITLE, annotation, cut
from reviewer.github.shapes import CheckRun, CheckRuns

NAME = "reviewer"
TRIES = 3  # of a write whose answer got lost, each after a look at what stands

_RUN = TypeAdapter(CheckRun)
_RUNS = TypeAdapter(CheckRuns)


async def open_check(
    connection: Connection, repository: str, *, head: str, external_id: str, report: CheckReport
) -> CheckRun:
    """Create the check run; when the answer is lost, look for `external_id` before creating again."""
    url = f"/repos/{repository}/check-runs"
    body = {"name": NAME, "head_sha": head, "external_id": external_id, **_body(report)}
    for left in reversed(range(TRIES)):
        try:
            return read(_RUN, await connection.send("POST", url, body=body, repeat=False))
        except GitHubError as error:
            if not _answer_lost(error):
                raise
            found = await find_check(connection, repository, head=head, external_id=external_id)
            if found:
                return found
            if not left:
                raise
    raise AssertionError  # the last try returns or raises


def _answer_lost(error: GitHubError) -> bool:
    """May it have been done all the same? Not by a rate limit, which is retryable too."""
    return error.retryable and error.status not in (403, 429)


async def find_check(connection: Connection, repository: str, *, head: str, external_id: str) -> CheckRun | None:
    """Our check run on `head` that carries `external_id`."""
    url = f"/repos/{repository}/commits/{head}/check-runs?check_name={NAME}&filter=all&per_page=100"
    runs = read(_RUNS, await connection.get(url)).check_runs
    return next((run for run in runs if run.external_id == external_id), None)


async def update_check(connection: Connection, repository: str, check: int, report: CheckReport) -> CheckRun:
    """Bring the check to `report`; annotations beyond the first 50 follow in requests of their own.

    Each request appends its annotations, so one whose answer was lost is not simply repeated: the check itself says
    how many it holds.
    """
    url = f"/repos/{repository}/check-runs/{check}"
    entries = [annotation(entry) for entry in report.annotations]
    if not entries:
        return read(_RUN, await connection.send("PATCH", url, body=_body(report), repeat=True))
    landed, lost = 0, 0
    while True:
        batch = entries[landed : landed + ANNOTATIONS]
        try:
            run = read(_RUN, await connection.send("PATCH", url, body=_body(report, batch), repeat=False))
            landed += len(batch)
            if landed >= len(entries):
                return run
        except GitHubError as error:
            lost += 1
            if not _answer_lost(error) or lost == TRIES:
                raise
            run = read(_RUN, await connection.get(url))
            landed = max(landed, run.output.annotations_count or 0) if run.output else landed


def _body(report: CheckReport, annotations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    output: dict[str, Any] = {"title": report.title[:TITLE], "summary": cut(report.summary)}
    if report.text:
        output["text"] = cut(report.text)
    if annotations:
        output["annotations"] = annotations
    body: dict[str, Any] = {"status": report.status, "output": output}
    return {**body, "conclusion": report.conclusion} if report.conclusion else body
