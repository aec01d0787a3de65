"""What became of our comments since they were posted: replies, threads, reactions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast

from pydantic import TypeAdapter

from reviewer.core.errors import GitHubError
from reviewer.core.render.words import STATE_MARK
from reviewer.core.types import State, Thread
from reviewer.github.connection import PAGE, Connection, read, together
from reviewer.github.graph_shapes import GraphAnswer, ReviewThread, ReviewThreads, Threads
from reviewer.github.graphql import ask
from reviewer.github.shapes import Reaction, Said

PATIENCE = 15.0  # seconds for all pages; a page takes about one
MOST_PAGES = 20
MOST_REFUSED = 20  # comments of which it is asked who refused them

_THREADS: TypeAdapter[GraphAnswer[Threads]] = TypeAdapter(GraphAnswer[Threads])
_REACTIONS = TypeAdapter(list[Reaction])
_QUERY = f"""query($owner: String!, $name: String!, $number: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{ pullRequest(number: $number) {{
    reviewThreads(first: {PAGE}, after: $after) {{
      nodes {{ id isResolved resolvedBy {{ login }} comments(first: 1) {{ nodes {{ id isMinimized }} }} }}
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
    state, by = _state(said.body or "" for said in talked.replies if said.id in ours)
    resolved = bool(known and known.isResolved)
    login = known.resolvedBy.login.removesuffix("[bot]") if resolved and known and known.resolvedBy else ""
    first = known.comments.nodes[0] if known and known.comments and known.comments.nodes else None
    return Thread(
        id=known.id if known else "",
        node=talked.root.node_id if talked.root else "",
        resolved=resolved,
        resolved_by=login,
        # An App has no login in some answers; what we call fixed we resolve at once.
        ours=resolved and (login in us if login else state == "fixed"),
        minimized=bool(first and first.isMinimized),
        people=any(said.id not in ours for said in talked.replies),
        refused_by=tuple(refused_by),
        state=state,
        by=by,
    )


def _state(bodies: Iterable[str]) -> tuple[State, str]:
    """By the last mark in what we replied."""
    marks = [mark for body in bodies for mark in STATE_MARK.findall(body)]
    return cast("tuple[State, str]", tuple(marks[-1])) if marks else ("open", "")


# --- asking -------------------------------------------------------------------------------------------------------


async def read_threads(connection: Connection, repository: str, number: int) -> dict[str, ReviewThread]:
    """The threads by the GraphQL id of their first comments, as far as GitHub tells within some seconds.

    Raises nothing: a review goes on without.
    """
    found: dict[str, ReviewThread] = {}
    with suppress(GitHubError, TimeoutError):
        async with asyncio.timeout(PATIENCE):
            after: str | None = None
            for _ in range(MOST_PAGES):
                page = await _page(connection, repository, number, after)
                found |= {first: thread for thread in page.nodes or () if thread for first in _first(thread)}
                after = page.pageInfo.endCursor if page.pageInfo and page.pageInfo.hasNextPage else None
                if not after:
                    break
    return found


async def _page(connection: Connection, repository: str, number: int, after: str | None) -> ReviewThreads:
    owner, name = repository.split("/", 1)
    variables = {"owner": owner, "name": name, "number": number, "after": after}
    data = (await ask(connection, _THREADS, _QUERY, variables)).data
    pull = data.repository.pullRequest if data and data.repository else None
    return (pull and pull.reviewThreads) or ReviewThreads()


def _first(thread: ReviewThread) -> list[str]:
    comments = (thread.comments and thread.comments.nodes) or []
    return [each.id for each in comments[:1] if each and each.id]


async def read_refusals(
    connection: Connection, repository: str, comments: Iterable[Said]
) -> dict[int, tuple[str, ...]]:
    """The people who gave a comment their 👎, by its id; of the newest comments only, and with no error raised."""
    refused = [each for each in comments if each.reactions and each.reactions.minus]
    newest = sorted(refused, key=lambda each: each.id, reverse=True)[:MOST_REFUSED]

    async def people(said: Said) -> tuple[str, ...]:
        url = f"/repos/{repository}/pulls/comments/{said.id}/reactions?content=-1&per_page={PAGE}"
        try:
            given = read(_REACTIONS, await connection.get(url))
        except GitHubError:
            return ()
        users = [each.user for each in given if each.content == "-1"]
        return tuple(user.login for user in users if user and user.login and user.type != "Bot")

    return dict(zip([each.id for each in newest], await together(people, newest), strict=True))
