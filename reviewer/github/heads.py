"""What GitHub knows of a commit that is some pull request's head, or a merge queue's."""

from __future__ import annotations

from urllib.parse import quote

from pydantic import TypeAdapter

from reviewer.core.errors import GitHubError, Gone, Unprocessable
from reviewer.core.types import Commit
from reviewer.github.connection import PAGE, Connection, read
from reviewer.github.shapes import Compared, ComparedCommit, Listed

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
    """The commits of `head` that `base` (a SHA or a branch) has not, oldest first; of very many the newest 1,000."""
    url = f"/repos/{repository}/compare/{quote(base, safe='')}...{head}?per_page={PAGE}&page="
    first = read(_COMPARED, await connection.get(f"{url}1"))
    last = -(-first.total_commits // PAGE)
    told = list(first.commits) if last <= MOST_PAGES else []
    for page in range(max(2, last - MOST_PAGES + 1), last + 1):
        told += read(_COMPARED, await connection.get(f"{url}{page}")).commits
    return tuple(map(_commit, told))


def _commit(each: ComparedCommit) -> Commit:
    title = (each.commit.message or "").partition("\n")[0].strip()
    return Commit(each.sha, tuple(parent.sha for parent in each.parents), title, _author(each))


def _author(commit: ComparedCommit) -> str:
    who = commit.commit.author
    return " ".join(filter(None, (who.name, who.email, who.date))) if who else ""


def unknown_commit(error: GitHubError) -> bool:
    """Whether the commit is gone, rather than the repository's being hidden from us by a suspension."""
    return error.status in {404, 422}
