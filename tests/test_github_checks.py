"""The check run: one however often it is tried, whole however much there is to say."""

from __future__ import annotations

import asyncio

import pytest
from forge import Forge, forge, report, served
from hypothesis import given
from hypothesis import strategies as st

from reviewer.core.errors import GitHubError
from reviewer.core.types import Annotation
from reviewer.github import GitHubApp
from reviewer.github.limits import cut
from reviewer.github.repository import Repository
from reviewer.standin.records import CheckRun
from reviewer.standin.state import FOREVER

__all__ = ["forge", "served"]


def runs(forge: Forge) -> list[CheckRun]:
    return forge.hub.check_runs(forge.stands.head_sha)


def notes(count: int) -> tuple[Annotation, ...]:
    return tuple(Annotation("area.py", at + 1, at + 1, "warning", f"Finding {at}", "Why.") for at in range(count))


@pytest.mark.parametrize("done", [True, False])
def test_a_check_whose_answer_is_lost_can_be_found(forge: Forge, done: bool) -> None:
    """Opening is never repeated here; whether it was done is told by the id that the check carries."""
    where = {"head": forge.stands.head_sha, "external_id": "octo/flasky#1:run"}
    forge.hub.fail("POST", "check-runs", status=502, after=done)

    async def act(github: Repository) -> int | None:
        with pytest.raises(GitHubError) as raised:
            await github.open_check(**where, report=report())
        assert raised.value.retryable
        return await github.find_check(**where)

    found = forge.act(act)
    assert [(run.id, run.external_id) for run in runs(forge)] == ([(found, "octo/flasky#1:run")] if done else [])
    assert (found is not None, forge.hub.count("POST", "check-runs")) == (done, 1)


def test_a_rate_limit_is_not_asked_again(forge: Forge) -> None:
    """Nothing was done, so there is nothing to look for, and no further request to be counted against us."""
    forge.fail("check-runs", 429, "Too many requests", times=FOREVER, retry_after="900")

    with pytest.raises(GitHubError) as raised:
        forge.act(lambda github: github.open_check(head=forge.stands.head_sha, external_id="e", report=report()))

    assert (raised.value.retryable, forge.hub.count(path="check-runs")) == (True, 1)


@pytest.mark.parametrize("count", [50, 120])
@pytest.mark.parametrize("done", [True, False, None])
def test_every_annotation_stands_once(forge: Forge, count: int, done: bool | None) -> None:
    """50 a request, and a lost answer (the thing done or not) neither loses nor doubles one."""

    async def act(github: Repository) -> None:
        check = await github.open_check(head=forge.stands.head_sha, external_id="e", report=report(status="queued"))
        if done is not None:
            forge.hub.fail("PATCH", "check-runs", after=done)
        whole = report(status="completed", conclusion="failure", annotations=notes(count))
        await github.update_check(check, whole)

    forge.act(act)

    (run,) = runs(forge)
    assert [each["title"] for each in run.annotations] == [f"Finding {at}" for at in range(count)]
    assert (run.status, run.conclusion) == ("completed", "failure")


def test_texts_over_githubs_limits_are_cut(forge: Forge) -> None:
    """A report that is too long is posted all the same, and says that it was cut."""
    long = report(title="t" * 300, summary="line\n" * 20_000, text="x" * 70_000)

    forge.act(lambda github: github.open_check(head=forge.stands.head_sha, external_id="e", report=long))

    (run,) = runs(forge)
    assert (len(run.title or ""), len(run.summary or "") <= 65_535) == (255, True)
    assert (run.summary or "").endswith("line\n\n*Cut here: GitHub takes no more than 65,535 characters.*")
    assert len(run.text or "") > 60_000


@pytest.mark.parametrize("told", [True, False])
def test_ours_are_found_among_those_of_another_app(forge: Forge, told: bool) -> None:
    """A matrix of 150 jobs may have our name. Our number is asked for once at most, and not while a page is enough."""
    head = forge.stands.head_sha
    app = forge.app() if told else forge.app(app_id=forge.hub.client_id)

    async def act() -> list[int]:
        try:
            github = app.repository(forge.installation, forge.hub.repository("octo/flasky").full_name)
            await github.open_check(head=head, external_id="octo/flasky#1:a", report=report())
            for at in range(150):
                run = CheckRun(forge.hub.next_id(), "octo/flasky", "reviewer", head, "completed", "success")
                run.external_id, run.by = f"octo/flasky#1:{at}", "ci"
                forge.hub.repository("octo/flasky").checks.append(run)
            await github.open_check(head=head, external_id="octo/flasky#1:b", report=report())
            return [check.id for check in await github.checks(head)]
        finally:
            await app.aclose()

    found = asyncio.run(act())
    ours = [run.id for run in runs(forge) if not run.by]
    assert found == sorted(ours, reverse=True)
    assert forge.hub.count("GET", "/check-runs") == 1
    assert forge.hub.count("GET", "/app$") == 0  # the answer to our own write has told


def test_a_new_process_asks_for_its_number_only_where_a_page_is_not_enough(forge: Forge) -> None:
    """Run by its client id, and with no write so far: two requests more, once."""
    head = forge.stands.head_sha
    checks = forge.hub.repository("octo/flasky").checks
    for at in range(250):
        run = CheckRun(forge.hub.next_id(), "octo/flasky", "reviewer", head, "completed", "success")
        run.external_id, run.by = f"octo/flasky#1:{at}", "" if at % 2 else "ci"
        checks.append(run)

    async def act(app: GitHubApp) -> list[int]:
        github = app.repository(forge.installation, "octo/flasky")
        return [len(await github.checks(head)) for _ in range(2)]

    assert forge.run(act, app_id=forge.hub.client_id) == [125, 125]
    assert (forge.hub.count("GET", "/check-runs"), forge.hub.count("GET", "/app$")) == (1 + 2 + 2, 1)


LINES = st.lists(
    st.sampled_from(["text", "```py", "```", "~~~", "<details><summary>s</summary>", "</details>", "é" * 90])
)


@given(LINES.map("\n".join), st.integers(100, 400))
def test_a_cut_text_fits_and_leaves_nothing_open(text: str, limit: int) -> None:
    """Short texts stay as they are; cut ones are within the limit, with code blocks and folds closed."""
    short = cut(text, limit)

    if len(text) <= limit:
        assert short == text
    else:
        assert len(short) <= limit
        body = short.rpartition("\n\n*Cut here")[0]
        assert _left_open(body) == (False, 0)


def _left_open(text: str) -> tuple[bool, int]:
    """Is a code block open at the end, and how many folds?"""
    fence, folds = "", 0
    for line in text.split("\n"):
        if fence:
            fence = "" if line == fence else fence
        elif line[:3] in {"```", "~~~"}:
            fence = line[:3]
        else:
            folds += line.count("<details>") - line.count("</details>")
    return bool(fence), max(folds, 0)
