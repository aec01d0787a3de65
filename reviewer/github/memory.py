"""What our own hidden marks on a pull request remember: GitHub is the first memory."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from pydantic import TypeAdapter

from reviewer.core.render.readback import comment_told, review_told
from reviewer.core.render.words import FINDING_MARK, HEADLINE, RUN_MARK
from reviewer.core.types import Remembered, Side, Thread, Told
from reviewer.github.connection import Connection, together
from reviewer.github.refusals import read_refusals
from reviewer.github.shapes import Said
from reviewer.github.threads import read_threads, threads_of, what_became

MOST_ABOVE = 60  # lines above a comment that are read: the head of its function is among them, or far away

_SAID = TypeAdapter(list[Said])


Ours: TypeAlias = Callable[[Sequence[Said]], Awaitable[list[Said]]]


async def read_marks(
    connection: Connection, repository: str, number: int, ours: Ours, *, comments: int | None = None
) -> Remembered:
    """The marks in the pull request's reviews and inline comments, and what became of those; `ours` picks our own.

    `comments` is how many inline comments GitHub counted just before. An inline comment comes with a review: where
    none was counted and no review is ours, they are not asked for.
    """

    async def said(what: str) -> list[Said]:
        return await connection.pages(f"/repos/{repository}/pulls/{number}/{what}", _SAID)

    if comments == 0:
        reviews = await ours(await said("reviews"))
        inline = await said("comments") if reviews else []
    else:
        everybodys, inline = await together(said, ("reviews", "comments"))
        reviews = await ours(everybodys)
    mine = await ours(inline)
    became = await _what_became(connection, repository, number, inline, mine)
    return _remembered(reviews, mine, became)


async def _what_became(
    connection: Connection, repository: str, number: int, inline: Sequence[Said], mine: Sequence[Said]
) -> dict[int, Thread]:
    """By the id of the comment that a thread begins with; asks for nothing where no comment of ours names a finding."""
    findings = [said for said in mine if said.in_reply_to_id is None and FINDING_MARK.search(said.body or "")]
    if not findings:
        return {}
    known = await read_threads(connection, repository, number)
    refused = await read_refusals(connection, repository, findings, known)
    ids = frozenset(said.id for said in mine)
    us = frozenset(said.user.login.removesuffix("[bot]") for said in findings if said.user)
    talked = threads_of(inline)
    return {
        said.id: what_became(talked[said.id], known.get(said.node_id), ours=ids, us=us, refused_by=refused[said.id])
        for said in findings
    }


def _remembered(reviews: list[Said], comments: list[Said], became: dict[int, Thread]) -> Remembered:
    by_run = {
        run: _marks(FINDING_MARK, [review, *(said for said in comments if said.pull_request_review_id == review.id)])
        for review in reviews
        for run in _marks(RUN_MARK, [review])
    }
    both = (*comments, *reviews)
    told = tuple(_told(reviews, comments, became))
    listed = {each.name: f"`{each.path}` · {each.title}" for each in told if each.path and each.title}
    titles = {name: _title(said) for said in comments for name in _marks(FINDING_MARK, [said])}
    return Remembered(_marks(FINDING_MARK, both), _marks(RUN_MARK, both), by_run, {**listed, **titles}, told)


def _title(comment: Said) -> str:
    found = HEADLINE.search(comment.body or "")
    return f"`{comment.path}` · {found[1]}" if found else f"`{comment.path}`"


def _marks(mark: re.Pattern[str], said: Iterable[Said]) -> frozenset[str]:
    return frozenset(name for each in said for name in mark.findall(each.body or ""))


# --- findings read back -------------------------------------------------------------------------------------------


def _told(reviews: list[Said], comments: list[Said], became: dict[int, Thread]) -> Iterator[Told]:
    runs = {review.id: run for review in reviews for run in RUN_MARK.findall(review.body or "")[-1:]}
    for said in comments:
        side = Side.LEFT if said.side == "LEFT" else Side.RIGHT
        code, above = _code(said, side)
        for at, told in enumerate(comment_told(said.body or "")):
            along = at > 0 and bool(told.path)  # the same pattern elsewhere: not where the comment stands
            yield replace(
                told,
                path=told.path if along else said.path or "",
                line=0 if at else said.line or 0,
                side=side,
                code="" if at else code,
                above=() if at else above,
                run=runs.get(said.pull_request_review_id or 0, ""),
                comment=said.id,
                commit=said.original_commit_id or "",
                thread=became.get(said.in_reply_to_id or said.id, Thread()),
            )
    for review in reviews:
        for told in review_told(review.body or ""):
            yield replace(told, run=runs.get(review.id, ""), commit=review.commit_id or "")


def _code(said: Said, side: Side) -> tuple[str, tuple[str, ...]]:
    """The lines that the comment was put on, and those above: the end of the diff that GitHub shows with it."""
    if said.subject_type == "file" or not said.diff_hunk:
        return "", ()
    last = said.original_line or said.line or 0
    first = said.original_start_line or said.start_line or last
    sign = "-" if side is Side.LEFT else "+"
    rows = [row for row in said.diff_hunk.split("\n") if not row.startswith(("@@", "\\"))]
    lines = [row[1:] for row in rows if not row or row[0] in {sign, " "}]
    own = max(last - first + 1, 1)
    return "\n".join(lines[-own:]), tuple(lines[-own - MOST_ABOVE : -own])
