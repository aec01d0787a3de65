"""The check run: opened once however often it is tried, and updated within GitHub's limits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import TypeAdapter

from reviewer.core.errors import GitHubError
from reviewer.core.types import CheckAction, CheckReport
from reviewer.core.types import CheckRun as Standing
from reviewer.github.budget import Rank
from reviewer.github.connection import PAGE, Connection, read
from reviewer.github.limits import ACTION_DESCRIPTION, ACTION_LABEL, ACTIONS, ANNOTATIONS, TITLE, annotation, cut
from reviewer.github.shapes import CheckOutput, CheckRun, CheckRuns
from reviewer.github.slug import Slug

NAME = "reviewer"
MOST_PAGES = 10  # of the checks of a head
TRIES = 3  # of a write whose answer got lost, each after a look at what stands
LOOKS = (1.0, 4.0)  # seconds before each look: GitHub's answers may come from a copy that lags behind

_RUN = TypeAdapter(CheckRun)
_RUNS = TypeAdapter(CheckRuns)


async def open_check(
    connection: Connection, repository: str, *, head: str, external_id: str, report: CheckReport
) -> CheckRun:
    """Create the check run. After a fault of GitHub's own it may be there: `checks_on` tells."""
    url = f"/repos/{repository}/check-runs"
    body = {"name": NAME, "head_sha": head, "external_id": external_id, **_body(report)}
    return read(_RUN, await connection.send("POST", url, body=body, repeat=False, rank=Rank.USUAL))


async def checks_on(connection: Connection, repository: str, head: str, slug: Slug) -> list[CheckRun]:
    """The check runs of our name on `head`, newest first; no more than 1,000. Others may have the name too.

    One request where they fit on a page. A matrix of another App could fill pages: of such a head only ours are asked
    for, where we know our number.
    """
    found = await _page(connection, repository, head, app=slug.number)
    runs, page = found.check_runs, 1
    if found.total_count > PAGE and not slug.number and await slug.numbered():
        return await checks_on(connection, repository, head, slug)
    while len(runs) < found.total_count and len(found.check_runs) == PAGE and page < MOST_PAGES:
        page += 1
        found = await _page(connection, repository, head, app=slug.number, page=page)
        runs = [*runs, *found.check_runs]
    return sorted(runs, key=lambda run: -run.id)


async def _page(connection: Connection, repository: str, head: str, *, app: int, page: int = 1) -> CheckRuns:
    url = f"/repos/{repository}/commits/{head}/check-runs?check_name={NAME}&filter=all&per_page={PAGE}"
    url += (f"&app_id={app}" if app else "") + (f"&page={page}" if page > 1 else "")
    return read(_RUNS, await connection.get(url))


def standing(run: CheckRun) -> Standing:
    """The check run in our own words."""
    output = run.output or CheckOutput()
    words = (output.title or "", output.summary or "")
    return Standing(run.id, run.head_sha, run.external_id or "", run.status, run.conclusion or "", *words)


async def update_check(
    connection: Connection,
    repository: str,
    check: int,
    report: CheckReport,
    *,
    again: bool,
    sleep: Callable[[float], Awaitable[None]],
) -> CheckRun | None:
    """Bring the check to `report`; annotations beyond the first 50 follow in requests of their own.

    Each request appends its annotations, so one whose answer was lost is not simply repeated: the check itself says
    how many it holds. So it does first of all when this was begun before (`again`). Progress is left unsaid, which
    gives None, while writes have to be saved.
    """
    if report.status == "in_progress" and connection.checks.tight:
        return None
    url = f"/repos/{repository}/check-runs/{check}"
    entries = [annotation(entry) for entry in report.annotations]
    if not entries:
        return read(_RUN, await connection.send("PATCH", url, body=_body(report), repeat=True))
    landed, lost = (await _look(connection, url, 0, sleep))[1] if again else 0, 0
    while True:
        batch = entries[landed : landed + ANNOTATIONS]
        try:
            run = read(_RUN, await connection.send("PATCH", url, body=_body(report, batch), repeat=False))
            landed += len(batch)
            if landed >= len(entries):
                return run
        except GitHubError as error:
            lost += 1
            if not error.retryable or error.wait or lost == TRIES:
                raise
            run, landed = await _look(connection, url, landed, sleep)


async def _look(
    connection: Connection, url: str, landed: int, sleep: Callable[[float], Awaitable[None]]
) -> tuple[CheckRun, int]:
    """How many annotations the check holds now; looked at again before it is believed that none came."""
    for pause in LOOKS:
        await sleep(pause)
        run = read(_RUN, await connection.get(url))
        count = (run.output and run.output.annotations_count) or 0
        if count > landed:
            break
    return run, max(landed, count)


def _body(report: CheckReport, annotations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    output: dict[str, Any] = {"title": report.title[:TITLE], "summary": cut(report.summary)}
    if report.text:
        output["text"] = cut(report.text)
    if annotations:
        output["annotations"] = annotations
    body: dict[str, Any] = {"status": report.status, "output": output}
    if report.actions:
        body["actions"] = [_action(action) for action in report.actions[:ACTIONS]]
    return {**body, "conclusion": report.conclusion} if report.conclusion else body


def _action(action: CheckAction) -> dict[str, str]:
    return {
        "label": action.label[:ACTION_LABEL],
        "description": action.description[:ACTION_DESCRIPTION],
        "identifier": action.identifier,
    }
