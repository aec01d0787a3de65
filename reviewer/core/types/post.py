"""What is left on GitHub: comments, the review, the check run, and what our marks there remember."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from reviewer.core.types.diff import Side
from reviewer.core.types.finding import Anchor, Conclusion, Placed, Severity

_DIGITS = 10  # of a pull request's number, at most


@dataclass(frozen=True, slots=True)
class Comment:
    """An inline comment to be posted."""

    anchor: Anchor
    body: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class ReviewDraft:
    commit: str
    body: str
    comments: tuple[Comment, ...] = ()


@dataclass(frozen=True, slots=True)
class Annotation:
    path: str
    start_line: int
    end_line: int
    level: Literal["notice", "warning", "failure"]
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class CheckAction:
    """A button on a check run. GitHub's limits: label 20 characters, description 40, identifier 20."""

    label: str
    description: str
    identifier: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """A check run as it should stand. `conclusion` only with status completed."""

    status: Literal["queued", "in_progress", "completed"]
    title: str
    summary: str
    text: str = ""
    conclusion: Conclusion | None = None
    annotations: tuple[Annotation, ...] = ()
    actions: tuple[CheckAction, ...] = ()  # no more than 3; none: those that it has stay


@dataclass(frozen=True, slots=True)
class CheckRun:
    """A check run of ours as it stands. `conclusion` is "" until it has ended."""

    id: int
    head: str
    external_id: str
    status: str
    conclusion: str
    title: str = ""
    summary: str = ""

    @property
    def number(self) -> int:
        """The pull request that it is about: `owner/name#7:run`; 0 where its id is no such thing."""
        number = self.external_id.partition("#")[2].partition(":")[0]
        return int(number) if number.isdecimal() and number.isascii() and len(number) <= _DIGITS else 0

    @property
    def run(self) -> str:
        return self.external_id.partition("#")[2].partition(":")[2]


State = Literal["open", "fixed", "dismissed"]


@dataclass(frozen=True, slots=True)
class Thread:
    """What became of a finding's comment since it was posted, as far as GitHub tells.

    `state` and `by` are of the newest hidden mark in our own replies: fixed or open again by a commit, dismissed by a
    person's command, `at` some time for some `reason`. Everything else was done by GitHub's own buttons.
    """

    id: str = ""  # GraphQL's; "" where GitHub did not tell of threads
    node: str = ""  # GraphQL's id of the finding's comment
    resolved: bool = False
    resolved_by: str = ""  # a login; "" while it is open, and where GitHub does not say
    ours: bool = False  # it was us who resolved it
    minimized: bool = False
    people: bool = False  # somebody else than us wrote in it
    refused_by: tuple[str, ...] = ()  # logins of 👎 on the comment
    state: State = "open"
    by: str = ""  # SHA or login
    reason: str = ""  # of a dismissal
    at: float = 0.0  # of a dismissal, in seconds since the epoch; 0 where it is not known or our reply was edited


@dataclass(frozen=True, slots=True)
class Told:
    """A finding that we said on the pull request, read back from GitHub: no database knows it better.

    `line` is where GitHub carried it on the head, 0 when it is outdated or stands in a review's body; `code` are the
    lines that it was put on, as they read then, "" where that is not known.
    """

    name: str  # the fingerprint in its mark
    path: str = ""  # of the file when it was said
    line: int = 0
    side: Side = Side.RIGHT
    code: str = ""
    above: tuple[str, ...] = ()  # the lines that stood above it then, as far as they were shown
    severity: Severity | None = None
    category: str = ""
    title: str = ""
    body: str = ""
    run: str = ""
    comment: int = 0  # the inline comment's id; 0: it stands in a review's body
    commit: str = ""  # the SHA that it was said on
    thread: Thread = field(default_factory=Thread)


@dataclass(frozen=True, slots=True)
class Remembered:
    """What our hidden marks on the pull request say was already said."""

    fingerprints: frozenset[str] = frozenset()
    runs: frozenset[str] = frozenset()
    by_run: Mapping[str, frozenset[str]] = field(default_factory=dict)  # the fingerprints in the reviews of a run

    titles: Mapping[str, str] = field(default_factory=dict)  # what the comment of a fingerprint is headed
    told: tuple[Told, ...] = ()  # a comment that names several findings is there once for each

    def before(self, run: str) -> Remembered:
        """Without what `run` itself has said."""
        own = self.by_run.get(run, frozenset())
        return replace(
            self, fingerprints=self.fingerprints - own, told=tuple(each for each in self.told if each.name not in own)
        )


@dataclass(frozen=True, slots=True)
class Saying:
    """What is done with each finding: said on its line, said in the review's body, said before, or not said."""

    inline: tuple[Placed, ...] = ()
    listed: tuple[Placed, ...] = ()
    repeated: tuple[Placed, ...] = ()
    quiet: tuple[Placed, ...] = ()
    gone: tuple[str, ...] = ()  # what was said and is not found any more: the comments' titles, or fingerprints
    along: Mapping[str, tuple[Placed, ...]] = field(default_factory=dict)  # the same pattern elsewhere, by fingerprint
    dismissed: tuple[Placed, ...] = ()  # by people: neither said nor counted by the gate
    doubtful: tuple[Placed, ...] = ()  # too little confidence to be told

    @property
    def fresh(self) -> tuple[Placed, ...]:
        return (*self.inline, *self.listed)
