"""The one way to post to GraphQL, where GitHub answers 200 to what failed too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import TypeAdapter

from reviewer.core.errors import GitHubError
from reviewer.github.connection import Connection, read
from reviewer.github.faults import graph_fault, misread, not_granted
from reviewer.github.graph_shapes import GraphAnswer

T = TypeVar("T")

_CHANGED: TypeAdapter[GraphAnswer[dict[str, object]]] = TypeAdapter(GraphAnswer[dict[str, object]])


async def ask(
    connection: Connection, shape: TypeAdapter[GraphAnswer[T]], query: str, variables: Mapping[str, object]
) -> GraphAnswer[T]:
    """The answer with what errors came beside it, asked for once: whoever asks can do without.

    Raises GitHubError for what is no answer of GraphQL's.
    """
    body = {"query": query, "variables": dict(variables)}
    return read(shape, await connection.send("POST", connection.endpoints.graphql, body=body, repeat=False))


async def change(connection: Connection, name: str, mutation: str, subject: str, *, needs: str) -> None:
    """Do the mutation called `name` to the node `subject`: `$id` in it. It must do no harm when done twice.

    Counts as a write. Raises GitHubError, with `needs` (such as `contents: write`) where GitHub does not allow it.
    """
    body = {"query": mutation, "variables": {"id": subject}}
    try:
        sent = await connection.send("POST", connection.endpoints.graphql, body=body, repeat=True, writes=True)
    except GitHubError as error:
        if error.status == 403 and not error.wait and type(error) is GitHubError:
            raise not_granted(name, needs, str(error)) from error
        raise
    answer = read(_CHANGED, sent)
    if answer.errors:
        raise graph_fault(answer.errors, name, needs=needs, retry_after=sent.headers.get("retry-after", ""))
    if not answer.data:
        raise misread(name)
