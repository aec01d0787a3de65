"""Repositories and their files in GraphQL: many blobs by one query."""

from __future__ import annotations

from typing import Any, NamedTuple

from reviewer.standin.calls import Call
from reviewer.standin.graphql.language import Selected
from reviewer.standin.graphql.schema import Failure, Field, Of, Opened, Type, need

_LARGEST = 512_000  # bytes of text that GitHub returns before it truncates


class File(NamedTuple):
    sha: str
    content: bytes

    @property
    def binary(self) -> bool:
        return b"\0" in self.content[:8_000]

    @property
    def text(self) -> str | None:
        return None if self.binary else self.content[:_LARGEST].decode("utf-8", "replace")


def open_repository(call: Call, _: object, wanted: Selected) -> Opened:
    """The repository, with all files that are asked of it read at once: git is a process."""
    full_name = f"{wanted.arguments['owner']}/{wanted.arguments['name']}"
    repo = call.hub.repositories.get(full_name.lower())
    if repo is None or call.token is None or not call.token.covers(repo.full_name):
        raise Failure("NOT_FOUND", f"Could not resolve to a Repository with the name '{full_name}'.")
    expressions = [str(each.arguments["expression"]) for each in wanted.selections if each.name == "object"]
    found = repo.git.blobs(expressions) if expressions else ()
    return Opened(repo, dict(zip(expressions, found, strict=True)))


def _file(call: Call, opened: Opened, wanted: Selected) -> File | None:
    need(call, "contents:read")
    blob = opened.blobs[str(wanted.arguments["expression"])]
    return None if blob is None else File(*blob)


def _pull(call: Call, opened: Opened, wanted: Selected) -> Of:
    need(call, "pull_requests:read")
    number: Any = wanted.arguments["number"]
    pull = opened.record.pulls.get(number)
    if pull is None:
        raise Failure("NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}.")
    return Of("PullRequest", pull, opened.record, pull)


TYPES: dict[str, Type] = {
    "Repository": {
        "id": Field("ID", lambda _, it, __: f"R_{it.record.id}"),
        "nameWithOwner": Field("String", lambda _, it, __: it.record.full_name),
        "object": Field("GitObject", _file, ("expression!",)),
        "pullRequest": Field("PullRequest", _pull, ("number!",)),
    },
    "Blob": {
        "oid": Field("GitObjectID", lambda _, it, __: it.sha),
        "byteSize": Field("Int", lambda _, it, __: len(it.content)),
        "isBinary": Field("Boolean", lambda _, it, __: it.binary),
        "isTruncated": Field("Boolean", lambda _, it, __: len(it.content) > _LARGEST),
        "text": Field("String", lambda _, it, __: it.text),
    },
}
