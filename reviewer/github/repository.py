"""One repository as one installation sees it: satisfies `ports.GitHub`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from reviewer.core.errors import Gone, Superseded, Unprocessable
from reviewer.core.types import CheckReport, Comment, Commit, Diff, PullRequest, Remembered, ReviewDraft
from reviewer.core.types import CheckRun as StandingCheck
from reviewer.github import checks
from reviewer.github.connection import Connection, read
from reviewer.github.diffs import read_diff
from reviewer.github.files import Wanted, read_files
from reviewer.github.heads import commits_between, open_pulls_at, unknown_commit
from reviewer.github.memory import read_marks
from reviewer.github.shapes import CheckRun, Pull
from reviewer.github.slug import Slug
from reviewer.github.talk import Talk
from reviewer.github.texts import read_quickly, read_texts
from reviewer.ports import File

_PULL = TypeAdapter(Pull)


class Repository(Talk):
    """Cheap to make: connection, token and slug are shared with the App's other repositories."""

    def __init__(self, connection: Connection, name: str, slug: Slug) -> None:
        super().__init__(connection, name, slug)
        self._lines: dict[str, tuple[int | None, int | None]] = {}  # by head: added and removed, as `pull` said
        self._counted: dict[int, int] = {}  # inline comments by pull request, as `pull` said

    async def pull(self, number: int) -> PullRequest:
        pull = await self._pull(number)
        self._lines[pull.head.sha] = (pull.additions, pull.deletions)
        self._counts[number] = (pull.comments, pull.review_comments)
        if pull.review_comments is not None:
            self._counted[number] = pull.review_comments
        return PullRequest(
            repository=self.name,
            number=pull.number,
            title=pull.title or "",
            body=pull.body or "",
            draft=bool(pull.draft),
            open=pull.state == "open",
            head_sha=pull.head.sha,
            base_sha=pull.base.sha,
            base_ref=pull.base.ref,
            url=pull.html_url,
            changed_files=pull.changed_files,
        )

    async def texts(self, ref: str, paths: Sequence[str], *, sure: bool = True) -> dict[str, str | None]:
        reading = read_texts if sure else read_quickly
        return await reading(self._connection, self.name, ref, paths)

    async def files(self, wanted: Mapping[str, tuple[str, Sequence[str]]]) -> dict[str, dict[str, File | None] | None]:
        asked = [Wanted(name, ref, paths) for name, (ref, paths) in wanted.items()]
        return dict(zip(wanted, await read_files(self._connection, asked, own=self.name), strict=True))

    async def diff(self, pull: PullRequest) -> Diff:
        """The diff of `pull.head_sha`. GitHub gives the diff of the present head and does not say which that is.

        So a diff of another size than the pull request had is looked into. Raises Superseded when the head moved on.
        """
        diff = await read_diff(self._connection, self.name, pull)
        told = (pull.changed_files, *self._lines.get(pull.head_sha, (None, None)))
        if any(known is not None and known != have for known, have in zip(told, _size(diff), strict=True)):
            head = (await self._pull(pull.number)).head.sha
            if head != pull.head_sha:
                raise Superseded(f"superseded by {head[:7]}")
        return diff

    async def remembered(self, number: int) -> Remembered:
        counted = self._counted.pop(number, None)  # good for once: what we post since is not in it
        return await read_marks(self._connection, self.name, number, self._ours, comments=counted)

    async def open_check(self, *, head: str, external_id: str, report: CheckReport) -> int:
        run = await checks.open_check(self._connection, self.name, head=head, external_id=external_id, report=report)
        return self._slug.written(run).id

    async def find_check(self, *, head: str, external_id: str) -> int | None:
        runs = await self._own(await checks.checks_on(self._connection, self.name, head, self._slug))
        return next((run.id for run in runs if run.external_id == external_id), None)

    async def checks(self, head: str) -> tuple[StandingCheck, ...]:
        try:
            runs = await checks.checks_on(self._connection, self.name, head, self._slug)
        except (Gone, Unprocessable) as error:
            if not unknown_commit(error):
                raise
            return ()
        return tuple(map(checks.standing, await self._own(runs)))

    async def open_pulls_at(self, sha: str) -> tuple[int, ...]:
        return await open_pulls_at(self._connection, self.name, sha)

    async def commits_between(self, base: str, head: str) -> tuple[Commit, ...]:
        return await commits_between(self._connection, self.name, base, head)

    async def update_check(self, check: int, report: CheckReport, *, again: bool = False) -> None:
        connection = self._connection
        run = await checks.update_check(connection, self.name, check, report, again=again, sleep=connection.sleep)
        if run:
            self._slug.written(run)

    async def post_review(self, number: int, review: ReviewDraft) -> None:
        body = {
            "event": "COMMENT",
            "commit_id": review.commit,
            "body": review.body,
            "comments": [_comment(comment) for comment in review.comments],
        }
        await self._connection.send("POST", f"/repos/{self.name}/pulls/{number}/reviews", body=body, repeat=False)

    async def post_comment(self, number: int, *, commit: str, comment: Comment) -> None:
        body = {"commit_id": commit, **_comment(comment)}
        await self._connection.send("POST", f"/repos/{self.name}/pulls/{number}/comments", body=body, repeat=False)

    async def _pull(self, number: int) -> Pull:
        return read(_PULL, await self._connection.get(f"/repos/{self.name}/pulls/{number}"))

    async def _own(self, runs: list[CheckRun]) -> list[CheckRun]:
        """Without those that another App gave our name; a server that names no App is believed."""
        ours = await self._slug.told() if any(run.app for run in runs) else ""
        return [run for run in runs if not ours or not run.app or run.app.slug == ours]


def _size(diff: Diff) -> tuple[int, int, int]:
    return len(diff.files), sum(file.added for file in diff.files), sum(file.removed for file in diff.files)


def _comment(comment: Comment) -> dict[str, Any]:
    """An inline comment as the reviews API takes it; a `start_line` equal to `line` is refused there."""
    anchor = comment.anchor
    place: dict[str, Any] = {"path": anchor.path, "line": anchor.line, "side": anchor.side.value}
    if anchor.start_line is not None and anchor.start_line < anchor.line:
        place |= {"start_line": anchor.start_line, "start_side": anchor.side.value}
    return {**place, "body": comment.body}
