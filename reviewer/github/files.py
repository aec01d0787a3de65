"""Files of one repository or several: all in one GraphQL query, path by path over REST where that fails."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple
from urllib.parse import quote

from pydantic import TypeAdapter

from reviewer.core.errors import GitHubError, Gone
from reviewer.github.connection import Connection, together
from reviewer.github.graph_shapes import Blob, Blobs, GraphAnswer
from reviewer.github.graphql import ask
from reviewer.ports import File

LARGEST = 1024 * 1024  # bytes of a file that is read
RAW = "application/vnd.github.raw+json"
BINARY_PROBE = 8000  # bytes in which git looks for a NUL
FORBIDDEN, URI_TOO_LONG = 403, 414
UNSEEN = {"NOT_FOUND", "FORBIDDEN"}  # GraphQL's words for a repository that is not there for us

TOO_LARGE, BINARY, NO_FILE = "larger than 1 MB", "binary", "a folder or a submodule"

_BLOBS: TypeAdapter[GraphAnswer[Blobs]] = TypeAdapter(GraphAnswer[Blobs])

Found = dict[str, File | None]  # by path; None: it is not there


class Wanted(NamedTuple):
    """Files of a repository at a branch, a SHA, or `HEAD` of its default branch."""

    repository: str
    ref: str
    paths: Sequence[str]


async def read_files(connection: Connection, wanted: Sequence[Wanted], *, own: str) -> list[Found | None]:
    """What is asked for, in its order; None for a repository other than `own` that the installation cannot read.

    Raises GitHubError for a file of which nothing can be told: what was not read is not missing.
    """
    known = await by_graphql(connection, wanted, own=own)
    found: list[Found | None] = []
    for at, (repository, ref, paths) in enumerate(wanted):
        here = known[at]
        if here is None:
            found.append(None)
            continue
        left = [path for path in paths if path not in here]
        try:
            more = await together(partial(by_rest, connection, repository, ref), left)
        except GitHubError as error:
            if repository == own or error.status != FORBIDDEN or error.wait:
                raise
            found.append(None)
        else:
            found.append(here | dict(zip(left, more, strict=True)))
    return found


# --- GraphQL ------------------------------------------------------------------------------------------------------


async def by_graphql(connection: Connection, wanted: Sequence[Wanted], *, own: str) -> list[Found | None]:
    """The files that GraphQL is sure of; none when it fails, whatever the reason, because REST is there.

    None for a repository other than `own` that it says is not there for us.
    """
    variables: dict[str, object] = {}
    for at, (repository, ref, paths) in enumerate(wanted):
        owner, name = repository.split("/", 1)
        variables |= {f"o{at}": owner, f"n{at}": name}
        variables |= {f"e{at}_{nth}": f"{ref}:{path}" for nth, path in enumerate(paths)}
    try:
        answer = await ask(connection, _BLOBS, _query(wanted), variables)
    except GitHubError:
        return [{} for _ in wanted]
    errors = [(error.path or [], error.type or "") for error in answer.errors or ()]
    broken = {tuple(path[:2]) for path, _ in errors}
    hidden = {path[0] for path, kind in errors if len(path) == 1 and kind in UNSEEN}
    unseen = {_root(at) for at, each in enumerate(wanted) if each.repository != own and _root(at) in hidden}
    data = answer.data or {}
    return [_found(_root(at), each, data, broken, unseen) for at, each in enumerate(wanted)]


def _root(at: int) -> str:
    return f"r{at}" if at else "repository"


def _found(
    root: str, wanted: Wanted, data: Blobs, broken: set[tuple[str | int, ...]], unseen: set[str]
) -> Found | None:
    blobs = data.get(root)
    if blobs is None:
        return None if root in unseen else {}
    fields = [(path, f"f{nth}") for nth, path in enumerate(wanted.paths)]
    return {
        path: _file(blobs[name])
        for path, name in fields
        if name in blobs and (root, name) not in broken and not _truncated(blobs[name])
    }


def _query(wanted: Sequence[Wanted]) -> str:
    """Names and expressions travel as variables, so that nothing in them can be read as GraphQL."""
    heads, parts = [], []
    for at, (_, _, paths) in enumerate(wanted):
        heads += [f"$o{at}: String!", f"$n{at}: String!", *(f"$e{at}_{nth}: String!" for nth in range(len(paths)))]
        fields = " ".join(
            f"f{nth}: object(expression: $e{at}_{nth}) {{ ... on Blob {{ text byteSize isBinary isTruncated }} }}"
            for nth in range(len(paths))
        )
        parts.append(f"{_root(at)}: repository(owner: $o{at}, name: $n{at}) {{ {fields} }}")
    return f"query({', '.join(heads)}) {{ {' '.join(parts)} }}"


def _truncated(blob: Blob | None) -> bool:
    return blob is not None and bool(blob.isTruncated) and (blob.byteSize or 0) <= LARGEST


def _file(blob: Blob | None) -> File | None:
    if blob is None:
        return None
    if (blob.byteSize or 0) > LARGEST:
        return File(None, TOO_LARGE)
    if blob.isBinary:
        return File(None, BINARY)
    return File(blob.text) if blob.text is not None else File(None, NO_FILE)


# --- REST ---------------------------------------------------------------------------------------------------------


async def by_rest(connection: Connection, repository: str, ref: str, path: str) -> File | None:
    url = f"/repos/{repository}/contents/{quote(path, safe='/', errors='replace')}?ref={quote(ref, safe='')}"
    try:
        answer = await connection.get(url, accept=RAW)
    except GitHubError as error:
        # The file's own faults. A 5xx may be anybody's: the file could be there, so the answer is no None.
        if error.status == FORBIDDEN and "too_large" in str(error):  # over 100 MB
            return File(None, TOO_LARGE)
        if isinstance(error, Gone) or error.status == URI_TOO_LONG:
            return None
        raise
    if answer.headers.get("content-type", "").startswith("application/json"):
        return File(None, NO_FILE)
    return _read(answer.content)


def _read(content: bytes) -> File:
    if len(content) > LARGEST:
        return File(None, TOO_LARGE)
    if b"\0" in content[:BINARY_PROBE]:
        return File(None, BINARY)
    return File(content.decode("utf-8", "replace"))
