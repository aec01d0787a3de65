"""What our own hidden marks on a pull request remember: GitHub is the second memory."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from pydantic import TypeAdapter

from reviewer.core.render.words import FINDING_MARK, HEADLINE, RUN_MARK
from reviewer.core.types import Remembered
from reviewer.github.connection import Connection, together
from reviewer.github.shapes import Said

_SAID = TypeAdapter(list[Said])


async def read_marks(
    connection: Connection, pull_url: str, ours: Callable[[Said], bool], *, comments: int | None = None
) -> Remembered:
    """The marks in what is `ours` of the pull request's reviews and inline comments.

    `comments` is how many inline comments GitHub counted just before. An inline comment comes with a review: where
    none was counted and no review is ours, they are not asked for.
    """

    async def said(what: str) -> list[Said]:
        return list(filter(ours, await connection.pages(f"{pull_url}/{what}", _SAID)))

    if comments == 0:
        reviews = await said("reviews")
        return _remembered(reviews, await said("comments") if reviews else [])
    return _remembered(*await together(said, ("reviews", "comments")))


def _remembered(reviews: list[Said], comments: list[Said]) -> Remembered:
    by_run = {
        run: _marks(FINDING_MARK, [review, *(said for said in comments if said.pull_request_review_id == review.id)])
        for review in reviews
        for run in _marks(RUN_MARK, [review])
    }
    both = (*comments, *reviews)
    titles = {name: _title(said) for said in comments for name in _marks(FINDING_MARK, [said])}
    return Remembered(_marks(FINDING_MARK, both), _marks(RUN_MARK, both), by_run, titles)


def _title(comment: Said) -> str:
    found = HEADLINE.search(comment.body or "")
    return f"`{comment.path}` · {found[1]}" if found else f"`{comment.path}`"


def _marks(mark: re.Pattern[str], said: Iterable[Said]) -> frozenset[str]:
    return frozenset(name for each in said for name in mark.findall(each.body or ""))
