"""What became of our comments since they were posted: replies, threads, reactions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from pydantic import TypeAdapter

from reviewer.core.errors import GitHubError
from reviewer.core.render.acts import why_in
from reviewer.core.render.words import STATE_MARK
from reviewer.core.types import State, Thread
from reviewer.github.connection import PAGE, Connection
from reviewer.github.graph_shapes import GraphAnswer, ReviewThread, ReviewThreads, Threads
from reviewer.github.graphql import ask
from reviewer.github.shapes import Said
from reviewer.github.talk import AT_ONCE

PATIENCE = 15.0  # seconds for all pages; a page takes about one
MOST_PAGES = 20
THUMBS = 20  # 👎 of a comment that come with its thread, the oldest first

_THREADS: TypeAdapter[GraphAnswer[Threads]] = TypeAdapter(GraphAnswer[Threads])
_ROOT = "id isMinimized"
_REFUSED = f"reactions(content: THUMBS_DOWN, first: {THUMBS}) {{ nodes {{ user {{ login }} }} }}"
_QUERY = f"""query($owner: String!, $name: String!, $number: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{ pullRequest(number: $number) {{
    reviewThreads(first: {PAGE}, after: $after) {{
      nodes {{ id isResolved resolvedBy {{ login }} comments(first: 1) {{ nodes {{ {_ROOT} }} }} }}
      pageInfo {{ hasNextPage endCursor }}
    }}
  }} }}
}}"""


@dataclass(frozen=True, slots=True)
class Talked:
    """The comments of one thread, oldest first; `root` is None where somebody deleted it."""

    root: Said | None
    replies: list[Said] = field(default_factory=list)


def threads_of(comments: Iterable[Said]) -> dict[int, Talked]:
    """The threads by the id of the comment that each begins with, as REST tells of them."""
    found: dict[int, Talked] = {}
    for said in sorted(comments, key=lambda each: each.id):
        if said.in_reply_to_id is None:
            found[said.id] = Talked(said)
        else:
            found.setdefault(said.in_reply_to_id, Talked(None)).replies.append(said)
    return found


def what_became(
    talked: Talked, known: ReviewThread | None, *, ours: frozenset[int], us: frozenset[str], refused_by: Sequence[str]
) -> Thread:
    """`ours`: the ids of our own comments; `us`: our logins, without `[bot]`; `known`: what GraphQL told, if it did."""
    state, by, reason, at = _state(said for said in talked.replies if said.id in ours)
    resolved = bool(known and known.isResolved)
    resolver = known.resolvedBy.login if resolved and known and known.resolvedBy else ""
    login = resolver.removesuffix("[bot]")
    first = known.comments.nodes[0] if known and known.comments and known.comments.nodes else None
    return Thread(
        id=known.id if known else "",
        node=talked.root.node_id if talked.root else "",
        resolved=resolved,
        resolved_by=login if login == resolver or login in us else "",  # a bot's name may be a person's too
        # An App has no login in some answers; what we call fixed we resolve at once.
        ours=resolved and (login in us if login else state == "fixed"),
        minimized=bool(first and first.isMinimized),
        people=any(said.id not in ours for said in talked.replies),
        refused_by=tuple(refused_by),
        state=state,
        by=by,
        reason=reason,
        at=at,
    )


def _state(replies: Iterable[Said]) -> tuple[State, str, str, float]:
    """By the last mark in what we replied: what it is, by whom; of a dismissal also why, and when.

    Whoever may write can edit what we said, but an edit is told by its time: then nobody knows who gave which reason.
    """
    marks = [(said, mark) for said in replies for mark in STATE_MARK.finditer(said.body or "")]
    if not marks:
        return "open", "", "", 0.0
    said, mark = marks[-1]
    state, by = cast("State", mark[1]), mark[2]
    written, edited = _seconds(said.created_at), _seconds(said.updated_at)
    if state != "dismissed" or not written or abs(edited - written) > AT_ONCE:
        return state, by, "", 0.0
    return state, by, why_in(mark.string, mark.end()), written


def _seconds(stamp: str | None) -> float:
    try:
        return datetime.fromisoformat(stamp or "").timestamp()
    except ValueError:
        return 0.0


# --- asking -------------------------------------------------------------------------------------------------------


async def read_threads(connection: Connection, repository: str, number: int) -> dict[str, ReviewThread]:
    """The threads by the GraphQL id of their first comments, as far as GitHub tells within some seconds.

    Raises nothing: a review goes on without. A thread that is missing here is not known to be open.
    """
    found: dict[str, ReviewThread] = {}
    owner, name = repository.split("/", 1)
    variables: dict[str, object] = {"owner": owner, "name": name, "number": number, "after": None}
    queries = [_QUERY.replace(_ROOT, f"{_ROOT} {_REFUSED}"), _QUERY]
    with suppress(GitHubError, TimeoutError):
        async with asyncio.timeout(PATIENCE):
            for _ in range(MOST_PAGES):
                page = await _page(connection, queries, variables)
                found |= {first: thread for thread in page.nodes or () if thread for first in _first(thread)}
                variables["after"] = page.pageInfo.endCursor if page.pageInfo and page.pageInfo.hasNextPage else None
                if not variables["after"]:
                    break
    return found


async def _page(connection: Connection, queries: list[str], variables: Mapping[str, object]) -> ReviewThreads:
    """By the first of `queries`; those that this server refuses because of the reactions are taken away."""
    while True:
        try:
            answer = await ask(connection, _THREADS, queries[0], variables)
        except GitHubError as error:
            if error.retryable or not _is_reactions(str(error)) or len(queries) == 1:
                raise
        else:
            pull = answer.data.repository.pullRequest if answer.data and answer.data.repository else None
            words = " ".join(error.message or "" for error in answer.errors or ())
            if pull or not _is_reactions(words) or len(queries) == 1:
                return (pull and pull.reviewThreads) or ReviewThreads()
        queries.pop(0)


def _is_reactions(refusal: str) -> bool:
    return "reaction" in refusal.lower() or "THUMBS_DOWN" in refusal


def _first(thread: ReviewThread) -> list[str]:
    """Its first comment's id, where GitHub told whether it is resolved."""
    comments = (thread.comments and thread.comments.nodes) or []
    return [each.id for each in comments[:1] if each and each.id and thread.isResolved is not None]
