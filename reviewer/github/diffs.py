"""A pull request's diff: one `.diff` call, or the paged file list where GitHub refuses that."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
from pydantic import TypeAdapter

from reviewer.core.diff import PatchEntry, decode, diff_from_files, parse_diff
from reviewer.core.errors import GitHubError
from reviewer.core.types import Diff, FileDiff, PullRequest
from reviewer.github.connection import Connection
from reviewer.github.shapes import PullFile

DIFF = "application/vnd.github.diff"
MOST_FILES = 3000  # that GitHub lists of a pull request
LARGE = 200_000  # bytes from which a diff is parsed beside the event loop: about 10 ms

_FILES = TypeAdapter(list[PullFile])


async def read_diff(connection: Connection, repository: str, pull: PullRequest) -> Diff:
    """The diff of the pull request as it stands at this moment."""
    url = f"/repos/{repository}/pulls/{pull.number}"
    try:
        answer = await connection.get(url, accept=DIFF)
    except GitHubError as error:
        if error.status != httpx.codes.NOT_ACCEPTABLE:  # 406 too_large: over 300 files or 20,000 lines
            raise
    else:
        raw = answer.content
        return await asyncio.to_thread(_parsed, raw) if len(raw) > LARGE else _parsed(raw)
    files = await connection.pages(f"{url}/files", _FILES)
    diff = await asyncio.to_thread(diff_from_files, [_entry(file) for file in files])
    return _with_unlisted(diff, (pull.changed_files or 0) - len(files))


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


def _with_unlisted(diff: Diff, unlisted: int) -> Diff:
    """The files past the end of GitHub's list, as one that could not be read: nothing is left out in silence."""
    if unlisted <= 0 or len(diff.files) < MOST_FILES:
        return diff
    name = f"({unlisted:,} more files)"
    reason = f"GitHub's API lists no more than {MOST_FILES:,} files of a pull request"
    return replace(diff, files=(*diff.files, FileDiff(name, name, "modified", missing=reason)))
