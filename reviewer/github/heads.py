"""What GitHub knows of a commit that is some pull request's head, or a merge queue's."""

from __future__ import annotations

from urllib.parse import quote

from pydantic import TypeAdapter

from reviewer.core.errors import GitHubError, Gone, Unprocessable
from reviewer.core.types import Commit
from reviewer.github.connection import PAGE, Connection, read
from reviewer.github.shapes import Compared, Listed

MOST_PAGES = 10  # of a comparison's commits

_LISTED = TypeAdapter(list[Listed])
_COMPARED = TypeAdapter(Compared)


async def open_pulls_at(connection: Connection, repository: str, sha: str) -> tuple[int, ...]:
    """The open pull requests whose head is this commit; () where GitHub does not know it."""
    try:
        listed = await connection.pages(f"/repos/{repository}/commits/{sha}/pulls", _LISTED)
    except (Gone, Unprocessable) as error:
        if not unknown_commit(error):
            raise
        return ()
    return tuple(pull.number for pull in listed if pull.state == "open" and pull.head.sha == sha)


async def commits_between(connection: Connection, repository: str, base: str, head: str) -> tuple[Commit, ...]:
    """The commits of `head` that `base` (a SHA or a branch) has not, as far as 1,000."""
    found: list[Commit] = []
    for page in range(1, MOST_PAGES + 1):
        url = f"/repos/{repository}/compare/{quote(base, safe='')}...{head}?per_page={PAGE}&page={page}"
        compared = read(_COMPARED, await connection.get(url))
        for each in compared.commits:
            title = (each.commit.message or "").partition("\n")[0].strip()
            found.append(Commit(each.sha, tuple(parent.sha for parent in each.parents), title))
        if len(compared.commits) < PAGE:
            break
    return tuple(found)


def unknown_commit(error: GitHubError) -> bool:
    """Whether the commit is gone, rather than the repository's being hidden from us by a suspension."""
    return error.status in {404, 422}
