"""A pull request's diff: one `.diff` call; where GitHub refuses that, the paged file list, and git for the rest."""

from __future__ import annotations

import asyncio

import httpx
from pydantic import TypeAdapter

from reviewer.core.diff import PatchEntry, decode, diff_from_files, parse_diff
from reviewer.core.errors import GitHubError
from reviewer.core.types import Diff, FileDiff, PullRequest
from reviewer.github.connection import Connection
from reviewer.github.fetching import explained, fetch, fill
from reviewer.github.shapes import PullFile

DIFF = "application/vnd.github.diff"
MOST_FILES = 3000  # that GitHub lists of a pull request
LARGE = 200_000  # bytes from which a diff is parsed beside the event loop: about 10 ms

_FILES = TypeAdapter(list[PullFile])


async def read_diff(connection: Connection, repository: str, pull: PullRequest) -> Diff:
    """The diff of the pull request: as it stands at this moment by REST, of `pull.head_sha` by git."""
    url = f"/repos/{repository}/pulls/{pull.number}"
    try:
        answer = await connection.get(url, accept=DIFF)
    except GitHubError as error:
        if error.status != httpx.codes.NOT_ACCEPTABLE:  # 406 too_large: over 300 files or 20,000 lines
            raise
    else:
        raw = answer.content
        return await asyncio.to_thread(_parsed, raw) if len(raw) > LARGE else _parsed(raw)
    if (pull.changed_files or 0) <= MOST_FILES:
        return await fill(connection, repository, pull, await _listed(connection, url))
    fetched = await fetch(connection, repository, pull)
    if fetched.diff.files:
        return _with_unlisted(fetched.diff, pull, fetched.lacks)
    listed = await _listed(connection, url)
    files = tuple(explained(file, fetched.lacks) for file in listed.files)
    reason = f"GitHub's API lists no more than {MOST_FILES:,} files of a pull request, and {fetched.lacks}"
    return _with_unlisted(Diff(files), pull, reason)


async def _listed(connection: Connection, url: str) -> Diff:
    files = await connection.pages(f"{url}/files", _FILES)
    return await asyncio.to_thread(diff_from_files, [_entry(file) for file in files])


def _parsed(raw: bytes) -> Diff:
    return parse_diff(decode(raw))


def _entry(file: PullFile) -> PatchEntry:
    return PatchEntry(
        filename=file.filename,
        previous_filename=file.previous_filename,
        status=file.status,
        patch=file.patch,
        additions=file.additions,
        deletions=file.deletions,
        sha=file.sha or "",
    )


def _with_unlisted(diff: Diff, pull: PullRequest, reason: str) -> Diff:
    """The files that were not read, as one: nothing is left out in silence."""
    unlisted = (pull.changed_files or 0) - len(diff.files)
    if unlisted <= 0 or not reason:
        return diff
    name = f"({unlisted:,} more files)"
    return Diff((*diff.files, FileDiff(name, name, "modified", missing=reason)))
