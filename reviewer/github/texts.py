"""Files' text at a commit: all in one GraphQL query, path by path over REST where that fails."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import quote

from pydantic import TypeAdapter

from reviewer.core.errors import GitHubError, Gone
from reviewer.github.connection import Connection, read, together
from reviewer.github.shapes import Blob, GraphAnswer

LARGEST = 1024 * 1024  # bytes of a file that is read
AT_ONCE = 50  # files in one query
RAW = "application/vnd.github.raw+json"
BINARY_PROBE = 8000  # bytes in which git looks for a NUL
QUICK = 10.0  # seconds for all of what a review can do without; a query of 50 files takes one or two
URI_TOO_LONG = 414

_ANSWER = TypeAdapter(GraphAnswer)


async def read_texts(connection: Connection, repository: str, ref: str, paths: Sequence[str]) -> dict[str, str | None]:
    """The files' text at `ref`; None for what is not there, a folder, binary, or over 1 MB.

    Raises GitHubError for a file of which that cannot be told: a configuration that was not read is not an empty one.
    """
    texts: dict[str, str | None] = dict.fromkeys(paths)
    for some in _groups(paths):
        known = await _by_graphql(connection, repository, ref, some)
        left = [path for path in some if path not in known]
        more = await together(lambda path: _by_rest(connection, repository, ref, path), left)
        texts |= known | dict(zip(left, more, strict=True))
    return texts


async def read_quickly(
    connection: Connection, repository: str, ref: str, paths: Sequence[str]
) -> dict[str, str | None]:
    """As `read_texts`, but what GraphQL does not give, or not within some seconds, is left out. Raises nothing."""
    texts: dict[str, str | None] = {path: None for path in paths if not _plain(path)}
    with suppress(TimeoutError):
        async with asyncio.timeout(QUICK):
            for some in _groups(paths):
                texts |= await _by_graphql(connection, repository, ref, some)
    return texts


def _groups(paths: Sequence[str]) -> list[list[str]]:
    wanted = [path for path in dict.fromkeys(paths) if _plain(path)]
    return [wanted[start : start + AT_ONCE] for start in range(0, len(wanted), AT_ONCE)]


def _plain(path: str) -> bool:
    """A path inside the repository: with `..` in it, its REST address would name something else."""
    return not {"", ".", ".."} & set(path.split("/"))


# --- GraphQL ------------------------------------------------------------------------------------------------------


async def _by_graphql(connection: Connection, repository: str, ref: str, paths: list[str]) -> dict[str, str | None]:
    """The texts that GraphQL is sure of; none when it fails, whatever the reason, because REST is there."""
    owner, name = repository.split("/", 1)
    variables = {"owner": owner, "name": name} | {f"e{at}": f"{ref}:{path}" for at, path in enumerate(paths)}
    query = {"query": _query(len(paths)), "variables": variables}
    try:
        answer = read(_ANSWER, await connection.send("POST", connection.endpoints.graphql, body=query, repeat=False))
    except GitHubError:
        return {}
    if answer.data is None or answer.data.repository is None:
        return {}
    blobs = answer.data.repository
    broken = {error.path[1] for error in answer.errors or () if error.path and len(error.path) > 1}
    fields = [(path, f"f{at}") for at, path in enumerate(paths)]
    return {
        path: _text(blobs[field])
        for path, field in fields
        if field in blobs and field not in broken and not _truncated(blobs[field])
    }


def _query(count: int) -> str:
    """Expressions travel as variables, so that no path can be read as GraphQL."""
    heads = " ".join(f"$e{at}: String!" for at in range(count))
    fields = " ".join(
        f"f{at}: object(expression: $e{at}) {{ ... on Blob {{ text byteSize isBinary isTruncated }} }}"
        for at in range(count)
    )
    return (
        f"query($owner: String!, $name: String!, {heads}) {{ repository(owner: $owner, name: $name) {{ {fields} }} }}"
    )


def _truncated(blob: Blob | None) -> bool:
    return blob is not None and bool(blob.isTruncated) and (blob.byteSize or 0) <= LARGEST


def _text(blob: Blob | None) -> str | None:
    if blob is None or blob.isBinary or (blob.byteSize or 0) > LARGEST:
        return None
    return blob.text


# --- REST ---------------------------------------------------------------------------------------------------------


async def _by_rest(connection: Connection, repository: str, ref: str, path: str) -> str | None:
    url = f"/repos/{repository}/contents/{quote(path, safe='/', errors='replace')}?ref={quote(ref, safe='')}"
    try:
        answer = await connection.get(url, accept=RAW)
    except Gone:
        return None
    except GitHubError as error:
        # The file's own faults. A 5xx may be anybody's: the file could be there, so the answer is no None.
        if error.status == URI_TOO_LONG or (error.status == 403 and "too_large" in str(error)):  # 403: over 100 MB
            return None
        raise
    folder = answer.headers.get("content-type", "").startswith("application/json")
    content = answer.content
    if folder or len(content) > LARGEST or b"\0" in content[:BINARY_PROBE]:
        return None
    return content.decode("utf-8", "replace")
