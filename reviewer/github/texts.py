"""Files' text at a commit, for whoever does not mind why a file has none."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress

from reviewer.github.connection import Connection
from reviewer.github.files import Found, Wanted, by_graphql, read_files

AT_ONCE = 50  # files in one query
QUICK = 10.0  # seconds for all of what a review can do without; a query of 50 files takes one or two


async def read_texts(connection: Connection, repository: str, ref: str, paths: Sequence[str]) -> dict[str, str | None]:
    """The files' text at `ref`; None for what is not there, a folder, binary, or over 1 MB.

    Raises GitHubError for a file of which that cannot be told: a configuration that was not read is not an empty one.
    """
    texts: dict[str, str | None] = dict.fromkeys(paths)
    for some in _groups(paths):
        [found] = await read_files(connection, [Wanted(repository, ref, some)], own=repository)
        texts |= _texts(found)
    return texts


async def read_quickly(
    connection: Connection, repository: str, ref: str, paths: Sequence[str]
) -> dict[str, str | None]:
    """As `read_texts`, but what GraphQL does not give, or not within some seconds, is left out. Raises nothing."""
    texts: dict[str, str | None] = {path: None for path in paths if not _plain(path)}
    with suppress(TimeoutError):
        async with asyncio.timeout(QUICK):
            for some in _groups(paths):
                [found] = await by_graphql(connection, [Wanted(repository, ref, some)], own=repository)
                texts |= _texts(found)
    return texts


def _texts(found: Found | None) -> dict[str, str | None]:
    return {path: file.text if file else None for path, file in (found or {}).items()}


def _groups(paths: Sequence[str]) -> Iterator[list[str]]:
    wanted = [path for path in dict.fromkeys(paths) if _plain(path)]
    return (wanted[start : start + AT_ONCE] for start in range(0, len(wanted), AT_ONCE))


def _plain(path: str) -> bool:
    """A path inside the repository: with `..` in it, its REST address would name something else."""
    return not {"", ".", ".."} & set(path.split("/"))
