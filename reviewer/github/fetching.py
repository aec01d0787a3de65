"""What git reads of a pull request where the REST API does not show it: large files, and files past the list's end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pydantic import TypeAdapter

from reviewer.core.diff import TOO_MANY
from reviewer.core.errors import GitHubError, UsageError
from reviewer.core.types import Diff, FileDiff, PullRequest
from reviewer.git import Bounds, Fetched, Remote, fetched_diff
from reviewer.github.connection import Connection, read
from reviewer.github.shapes import Comparison
from reviewer.proxies import proxy_for

BOUNDS = Bounds()

_COMPARISON = TypeAdapter(Comparison)


async def fetch(
    connection: Connection,
    repository: str,
    pull: PullRequest,
    files: Iterable[FileDiff] = (),
    *,
    lines: int | None = None,
) -> Fetched:
    """The diff of `pull.head_sha` as git tells it, of all files or of those that are named, with `lines` at most.

    Raises nothing for what did not work: `lacks` says it.
    """
    url = f"{connection.endpoints.git}/{repository}.git"
    try:
        remote = Remote(url, await connection.token(), proxy_for(url) or "")
    except GitHubError as error:
        return Fetched(lacks=f"there is no token for git: {error}")
    except UsageError as error:
        return Fetched(lacks=f"git has no way to GitHub: {error}")
    start = await _merge_base(connection, repository, pull)
    paths = [dict.fromkeys((file.old_path, file.path)) for file in files]
    names = [tuple(each) for each in paths]
    bounds = BOUNDS if lines is None else replace(BOUNDS, lines=lines)
    return await fetched_diff(remote, pull.base_sha, pull.head_sha, merge_base=start, paths=names, bounds=bounds)


async def _merge_base(connection: Connection, repository: str, pull: PullRequest) -> str:
    """Where the two part, or "" where GitHub does not say: git finds it then, in more requests.

    The second page has no files; the first one has up to 300 with their patches.
    """
    url = f"/repos/{repository}/compare/{pull.base_sha}...{pull.head_sha}?per_page=1&page=2"
    try:
        return read(_COMPARISON, await connection.get(url)).merge_base_commit.sha
    except GitHubError:
        return ""


async def fill(connection: Connection, repository: str, pull: PullRequest, diff: Diff) -> Diff:
    """The diff with the hunks of the files that came without; where git has none either, their reason says why."""
    gaps = {file.path: file for file in diff.files if file.missing and file.missing != TOO_MANY}
    if not gaps:
        return diff
    room = BOUNDS.lines - sum(len(hunk.lines) for file in diff.files for hunk in file.hunks)
    fetched = await fetch(connection, repository, pull, gaps.values(), lines=max(room, 0))
    found = {file.path: file for file in fetched.diff.files}
    return Diff(
        tuple(_filled(file, found.get(file.path), fetched.lacks) if file.path in gaps else file for file in diff.files)
    )


def _filled(file: FileDiff, found: FileDiff | None, lacks: str) -> FileDiff:
    if found is None:
        return explained(file, lacks or "git does not show it as changed")
    if found.missing or not (found.hunks or found.submodule):  # GitHub counts lines in it, so it is text
        return explained(file, found.missing or "it is too large for git's diff")
    return found


def explained(file: FileDiff, why: str) -> FileDiff:
    """A file that is missing still, with why git did not help."""
    return replace(file, missing=f"{file.missing}, and {why}") if file.missing and why else file
