"""Arranges a pull request for its page: rows of the diff with the threads that stand under them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from reviewer.standin.changes import Change, Hunk, Row
from reviewer.standin.markdown import render, severity_of, title_of
from reviewer.standin.records import Pull, Reaction, Repository, ReviewComment
from reviewer.standin.state import State
from reviewer.standin.threads import Thread, threads_of

_KINDS = {"+": "added", "-": "removed", " ": "context", "\\": "note"}
_LONGEST = 2_000  # characters of a line that are shown


@dataclass
class ShownComment:
    """A comment as it is shown. `folded` says in a word why it is minimised, "" when it is not."""

    id: int
    user: str
    html: Markup
    reactions: Sequence[tuple[str, int]]  # the content and how many reacted so
    folded: str


@dataclass
class ShownThread:
    """A top-level comment with its replies. `where` says the lines in words."""

    where: str
    path: str
    severity: str
    title: str
    comments: list[ShownComment]
    outdated: bool
    resolved_by: str  # "" while it is open


@dataclass
class ShownRow:
    kind: str
    old: int | None
    new: int | None
    code: Markup
    marked: bool = False
    threads: list[ShownThread] = field(default_factory=list)


@dataclass
class ShownFile:
    change: Change
    anchor: str
    hunks: list[tuple[str, list[ShownRow]]]
    elsewhere: list[ShownThread]  # on lines that the diff no longer shows
    threads: int

    @property
    def why_empty(self) -> str:
        if self.change.binary:
            return "Binary file: not shown."
        if self.change.old_mode != self.change.new_mode and self.change.status == "modified":
            return f"Mode changed from {self.change.old_mode} to {self.change.new_mode}."
        return "Renamed without changes." if self.change.status == "renamed" else "An empty file."


def tally(reactions: Sequence[Reaction]) -> list[tuple[str, int]]:
    return list(Counter(each.content for each in reactions).items())


def files_of(hub: State, repo: Repository, pull: Pull) -> list[ShownFile]:
    threads = threads_of(pull)
    return [
        _file(change, [each for each in threads if each.top.path == change.path], anchor=f"file-{number}")
        for number, change in enumerate(hub.changes(repo, pull), 1)
    ]


def strays(hub: State, repo: Repository, pull: Pull) -> list[ShownThread]:
    """The threads on files that the pull request no longer changes, or not under that name."""
    paths = {change.path for change in hub.changes(repo, pull)}
    return [_thread(None, each) for each in threads_of(pull) if each.top.path not in paths]


def _file(change: Change, threads: Sequence[Thread], *, anchor: str) -> ShownFile:
    hunks = [(hunk.header, _rows(hunk)) for hunk in change.hunks]
    elsewhere = []
    for thread in threads:
        shown, top = _thread(change, thread), thread.top
        if not any(_hang(hunk, rows, top, shown) for hunk, (_, rows) in zip(change.hunks, hunks, strict=True)):
            elsewhere.append(shown)
    return ShownFile(change, anchor, hunks, elsewhere, len(threads))


def _hang(hunk: Hunk, rows: list[ShownRow], comment: ReviewComment, thread: ShownThread) -> bool:
    """Put the thread under its line and mark the lines that it is about."""
    end = None if comment.line is None else hunk.find(comment.line, comment.side)
    if end is None:
        return False
    begin = end
    if comment.start_line is not None:
        begin = hunk.find(comment.start_line, comment.start_side or comment.side) or 0
    for row in rows[begin : end + 1]:
        row.marked = True
    rows[end].threads.append(thread)
    return True


def _thread(change: Change | None, thread: Thread) -> ShownThread:
    top = thread.top
    code = _code(change, top) if change else []
    return ShownThread(
        where=_where(top),
        path=top.path,
        severity=severity_of(top.body),
        title=title_of(top.body),
        comments=[
            ShownComment(
                each.id, each.user, render(each.body, suggested_for=code), tally(each.reactions), each.minimized
            )
            for each in thread.comments
        ],
        outdated=top.line is None,
        resolved_by=thread.resolved_by,
    )


def _where(comment: ReviewComment) -> str:
    side = "old line" if comment.side == "LEFT" else "line"
    last = comment.line or comment.original_line
    first = comment.start_line if comment.line else comment.original_start_line
    return f"{side} {last}" if first is None else f"{side}s {first}–{last}"


def _code(change: Change, comment: ReviewComment) -> list[str]:
    """The lines of the new file that a suggestion would replace."""
    last, first = comment.line, comment.start_line or comment.line
    if last is None or first is None or comment.side == "LEFT":
        return []
    rows = (row for hunk in change.hunks for row in hunk.rows)
    return [row.text for row in rows if row.new is not None and first <= row.new <= last]


def _rows(hunk: Hunk) -> list[ShownRow]:
    """The hunk's rows; where a run of removals meets one of as many additions, what differs is marked."""
    twins = _twins(hunk.rows)
    return [
        ShownRow(_KINDS.get(row.kind, "note"), row.old, row.new, _marked(row.text, twins.get(at)))
        for at, row in enumerate(hunk.rows)
    ]


def _twins(rows: Sequence[Row]) -> dict[int, str]:
    """For each changed line the text that it is to be compared with, by index."""
    twins: dict[int, str] = {}
    at = 0
    while at < len(rows):
        removed = _run(rows, at, "-")
        added = _run(rows, at + removed, "+")
        if removed and removed == added:
            for offset in range(removed):
                one, other = at + offset, at + removed + offset
                twins[one], twins[other] = rows[other].text, rows[one].text
        at += max(removed + added, 1)
    return twins


def _run(rows: Sequence[Row], start: int, kind: str) -> int:
    end = start
    while end < len(rows) and rows[end].kind == kind:
        end += 1
    return end - start


def _alike(one: str, other: str) -> int:
    """With how many equal characters the two begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _marked(text: str, twin: str | None) -> Markup:
    shown = text[:_LONGEST] + ("…" if len(text) > _LONGEST else "")
    if twin is None or len(text) > _LONGEST:
        return escape(shown)
    head = _alike(text, twin)
    tail = _alike(text[head:][::-1], twin[head:][::-1])
    middle = text[head : len(text) - tail]
    if not middle or len(middle) > 0.7 * len(text.strip()):  # all of it differs: the row's own colour says so
        return escape(shown)
    return Markup("{}<mark>{}</mark>{}").format(text[:head], middle, text[len(text) - tail :])
