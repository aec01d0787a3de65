"""What stands on a pull request of the stand-in GitHub, in words that a test can compare."""

from __future__ import annotations

import re

from test_harmless import commands, live

from reviewer.standin.github import StandIn
from reviewer.standin.records import CheckRun, Pull
from reviewer.standin.repository import GitRepository

_MARK = re.compile(r"<!--.*?-->")
INTERNAL = re.compile(r"Traceback|File \"|\bat 0x[0-9a-f]{6}|Error\(|Exception\b")  # what only the log may show


class Stands:
    """Pull request 1 of the repository `name` on `hub`."""

    hub: StandIn
    name: str

    @property
    def git(self) -> GitRepository:
        return self.hub.repository(self.name).git

    @property
    def pull(self) -> Pull:
        return self.hub.pull(self.name, 1)

    @property
    def inline(self) -> list[str]:
        """The inline comments that begin a thread: `shop.py:2-3 RIGHT medium: Title`."""
        return [
            f"{c.path}:{_lines(c.original_start_line, c.original_line)} {c.side} {_told(c.body)}"
            for c in self.pull.comments
            if c.in_reply_to is None
        ]

    @property
    def replies(self) -> list[str]:
        """What we wrote in threads, without marks."""
        return [_MARK.sub("", c.body).strip() for c in self.pull.comments if c.in_reply_to and c.user == self.hub.bot]

    @property
    def bodies(self) -> list[str]:
        """The bodies of the reviews."""
        return [posted.body for posted in self.pull.reviews if posted.body]

    @property
    def checks(self) -> list[CheckRun]:
        """All check runs of the repository, oldest first."""
        return self.hub.repository(self.name).checks

    @property
    def check(self) -> CheckRun:
        """The newest check run on the head."""
        return self.hub.check_runs(self.pull.head_sha)[-1]

    @property
    def verdict(self) -> str:
        """`failure: 1 finding blocks: 1 high`."""
        return f"{self.check.conclusion}: {self.check.title}"

    @property
    def markdown(self) -> list[str]:
        """Every text by our hand that GitHub renders."""
        said = [(comment.user, comment.body) for comment in self.pull.comments]
        said += [(comment.user, comment.body) for comment in self.pull.issue_comments]
        texts = [body for user, body in said if user == self.hub.bot] + self.bodies
        return texts + [text for check in self.checks for text in (check.summary, check.text) if text]

    @property
    def posted(self) -> list[str]:
        """Every text by our hand, also those that GitHub shows as they are."""
        notes = [f"{note['title']}\n{note['message']}" for check in self.checks for note in check.annotations]
        return [*self.markdown, *notes, *(check.title or "" for check in self.checks)]

    def says(self, words: str) -> bool:
        """Whether something of ours on the pull request reads so."""
        return any(words in text for text in self.posted)

    def is_sound(self) -> None:
        """What has to be so after every story: no check hangs, nothing internal is told, nothing posted is live."""
        for check in self.checks:
            assert (check.name, check.status) == ("reviewer", "completed"), check.history
        for text in self.posted:
            assert not INTERNAL.search(text), text
            assert commands(text) == []
        for text in self.markdown:
            assert [tag for tag in live(text) if not our_own(tag)] == []


def _lines(start: int | None, end: int) -> str:
    return str(end) if start is None else f"{start}-{end}"


def _told(body: str) -> str:
    """Severity and title, as the first line of a comment has them."""
    severity, title = re.findall(r"\*\*(.+?)\*\*", body.split("\n", 1)[0])
    return f"{severity}: {title}"


def our_own(tag: str) -> bool:
    """Folds and hidden marks."""
    return not re.sub(
        r"<details><summary>[^<>]*</summary>|</details>|<!-- reviewer:\w+=[\w:-]+ -->|\s", "", tag[len("html_block ") :]
    )
