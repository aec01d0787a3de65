"""Posts a run's one review, exactly once, whatever GitHub answers on the way and whenever the process dies."""

from __future__ import annotations

from dataclasses import replace

from reviewer.core.errors import Unprocessable
from reviewer.core.render.review import comments_of, review_body
from reviewer.core.types import Comment, Placed, Remembered, ReviewDraft, Saying
from reviewer.landing import AFTER_A_CRASH, once
from reviewer.run import Run

STEP = "review"
REFUSED = "GitHub would not take a comment on this line"


async def post(this: Run, number: int, saying: Saying, *, commit: str, remembered: Remembered) -> Saying:
    """Post what is fresh as one review; returns what was said where, as GitHub took it.

    Nothing fresh, or a review of this run already there: nothing is posted. Raises GitHubError when GitHub stays away.
    """
    if not saying.fresh or this.id in remembered.runs:
        return saying
    if not await this.first(STEP):
        remembered = await _recalled(this, number)
        if this.id in remembered.runs:
            return saying
        saying = _unsaid(saying, remembered)
    try:
        await _review(this, number, _draft(saying, commit=commit, run=this.id))
    except Unprocessable:
        return await _apart(this, number, saying, commit=commit)
    return saying


async def _recalled(this: Run, number: int) -> Remembered:
    """What stands on GitHub, after an attempt that died: looked at until it has had time to become visible."""
    for pause in AFTER_A_CRASH:
        await this.tools.sleep(pause)
        remembered = await this.github.remembered(number)
        if this.id in remembered.runs:
            break
    return remembered


def _unsaid(saying: Saying, remembered: Remembered) -> Saying:
    """Without what the attempt that died had said in comments of their own, their other places with them."""
    known = remembered.fingerprints
    said = tuple(placed for placed in saying.inline if placed.fingerprint in known)
    others = (other for placed in said for other in saying.along.get(placed.fingerprint, ()))
    told = (*said, *(other for other in others if other.fingerprint in known))
    inline = tuple(placed for placed in saying.inline if placed not in said)
    return replace(saying, inline=inline, repeated=(*saying.repeated, *told))


def _draft(saying: Saying, *, commit: str, run: str) -> ReviewDraft:
    body = review_body(saying.inline, saying.listed, run=run, along=saying.along)
    return ReviewDraft(commit, body, comments_of(saying.inline, saying.along))


async def _review(this: Run, number: int, draft: ReviewDraft) -> None:
    async def do() -> bool:
        await this.tools.store.still_ours(this.job)
        await this.github.post_review(number, draft)
        return True

    async def landed() -> bool | None:
        return this.id in (await this.github.remembered(number)).runs or None

    await once(do, landed, sleep=this.tools.sleep)


async def _apart(this: Run, number: int, saying: Saying, *, commit: str) -> Saying:
    """After a refusal of the whole, which does not name the entry: each comment alone; what fails is listed instead,
    with its other places.

    Where GitHub takes not even the list (a locked conversation, say), the check's text and annotations say it.
    """
    apart = await _one_by_one(this, number, saying, commit=commit)
    try:
        await _review(this, number, replace(_draft(apart, commit=commit, run=this.id), comments=()))
    except Unprocessable:
        left = tuple(placed for placed in saying.fresh if placed not in apart.inline)
        return replace(apart, listed=left)
    return apart


async def _one_by_one(this: Run, number: int, saying: Saying, *, commit: str) -> Saying:
    taken: list[Placed] = []
    refused: list[Placed] = []
    for placed, comment in zip(saying.inline, comments_of(saying.inline, saying.along), strict=True):
        try:
            await _comment(this, number, comment, commit=commit)
            taken.append(placed)
        except Unprocessable:
            refused.append(replace(placed, anchor=None, problem=REFUSED))
    return replace(saying, inline=tuple(taken), listed=(*refused, *saying.listed))


async def _comment(this: Run, number: int, comment: Comment, *, commit: str) -> None:
    async def do() -> bool:
        await this.tools.store.still_ours(this.job)
        await this.github.post_comment(number, commit=commit, comment=comment)
        return True

    async def landed() -> bool | None:
        return comment.fingerprint in (await this.github.remembered(number)).fingerprints or None

    await once(do, landed, sleep=this.tools.sleep)
