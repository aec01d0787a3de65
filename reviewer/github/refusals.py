"""Who gave a comment of ours a 👎: told with the threads, and asked for where those did not bring it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import TypeAdapter

from reviewer.core.errors import GitHubError
from reviewer.github.connection import PAGE, Connection, read, together
from reviewer.github.graph_shapes import ReviewThread
from reviewer.github.shapes import Reaction, Said, User
from reviewer.github.threads import THUMBS

MOST_ASKED = 100  # comments of which it is asked one by one; the others count as not refused

_REACTIONS = TypeAdapter(list[Reaction])


async def read_refusals(
    connection: Connection, repository: str, comments: Iterable[Said], threads: Mapping[str, ReviewThread]
) -> dict[int, tuple[str, ...]]:
    """The people who gave each comment their 👎, by its id; `threads` by the GraphQL id of their first comments.

    What the threads did not bring is asked for: each comment is a request, the oldest first, so that a new 👎 undoes
    no old one. Raises nothing.
    """
    found = {said.id: _brought(threads.get(said.node_id)) for said in comments}
    counts = {said.id: (said.reactions and said.reactions.minus) or 0 for said in comments}
    lacking = sorted(each for each, people in found.items() if counts[each] and _lacks(people, counts[each]))

    async def ask(comment: int) -> tuple[str, ...]:
        url = f"/repos/{repository}/pulls/comments/{comment}/reactions?content=-1&per_page={PAGE}"
        try:
            given = read(_REACTIONS, await connection.get(url))
        except GitHubError:
            return ()
        return _people(each.user for each in given if each.content == "-1")

    asked = lacking[:MOST_ASKED]
    answers = dict(zip(asked, await together(ask, asked), strict=True))
    return {
        each: tuple(dict.fromkeys((*_people(people or ()), *answers.get(each, ())))) for each, people in found.items()
    }


def _brought(thread: ReviewThread | None) -> list[User | None] | None:
    """Whoever gave it, bots as None; None where GraphQL did not tell."""
    first = thread.comments.nodes[0] if thread and thread.comments and thread.comments.nodes else None
    given = first.reactions.nodes if first and first.reactions else None
    return None if given is None else [each.user if each else None for each in given]


def _lacks(brought: list[User | None] | None, count: int) -> bool:
    """By the whole page, not by the count alone: that still has people whom GitHub does not name any more."""
    return brought is None or (len(brought) >= THUMBS and count > len(brought))


def _people(users: Iterable[User | None]) -> tuple[str, ...]:
    known = (user for user in users if user and user.login and user.type != "Bot")
    return tuple(user.login for user in known if not user.login.endswith("[bot]"))
