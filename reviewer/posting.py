"""Posts a run's one review, exactly once, whatever GitHub answers on the way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from reviewer.core.errors import GitHubError, Unprocessable
from reviewer.core.render.review import comments_of, review_body
from reviewer.core.types import Placed, Remembered, ReviewDraft, Saying
from reviewer.ports import GitHub

PAUSES = (1.0, 4.0, 10.0)  # seconds before GitHub is asked again after a fault of its own
REFUSED = "GitHub would not take a comment on this line"


async def post(
    github: GitHub,
    number: int,
    saying: Saying,
    *,
    commit: str,
    run: str,
    remembered: Remembered,
    sleep: Callable[[float], Awaitable[None]],
) -> Saying:
    """Post what is fresh as one review; returns what was said where, as GitHub took it.

    Nothing fresh, or a review of this run already there: nothing is posted. Raises GitHubError when GitHub stays away.
    """
    if not saying.fresh or run in remembered.runs:
        return saying
    draft = _draft(saying, commit=commit, run=run)
    try:
        await _once(github, number, draft, run=run, sleep=sleep)
    except Unprocessable:
        saying = await _one_by_one(github, number, saying, commit=commit)
        body = replace(_draft(saying, commit=commit, run=run), comments=())
        await _once(github, number, body, run=run, sleep=sleep)
    return saying


def _draft(saying: Saying, *, commit: str, run: str) -> ReviewDraft:
    return ReviewDraft(commit, review_body(saying.inline, saying.listed, run=run), comments_of(saying.inline))


async def _once(
    github: GitHub, number: int, draft: ReviewDraft, *, run: str, sleep: Callable[[float], Awaitable[None]]
) -> None:
    """A POST that failed on GitHub's side may have landed: its mark is looked for before it is tried again."""
    for pause in PAUSES:
        try:
            return await github.post_review(number, draft)
        except GitHubError as error:
            if not error.retryable:
                raise
        await sleep(pause)
        if run in (await github.remembered(number)).runs:
            return None
    return await github.post_review(number, draft)


async def _one_by_one(github: GitHub, number: int, saying: Saying, *, commit: str) -> Saying:
    """After a refusal of the whole, which does not name the entry: each comment alone; what fails is listed instead."""
    taken: list[Placed] = []
    refused: list[Placed] = []
    for placed, comment in zip(saying.inline, comments_of(saying.inline), strict=True):
        try:
            await github.post_comment(number, commit=commit, comment=comment)
            taken.append(placed)
        except Unprocessable:
            refused.append(replace(placed, anchor=None, problem=REFUSED))
    return replace(saying, inline=tuple(taken), listed=(*refused, *saying.listed))
