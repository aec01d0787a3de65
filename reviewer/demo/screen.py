"""Prints what stands on the demo's pull request: the review, each inline comment under its code, the check run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.console import Console, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text
from rich.theme import Theme

from reviewer.core.errors import OutsideError
from reviewer.core.render.words import many
from reviewer.demo.stage import Stage
from reviewer.standin.changes import Change, Row
from reviewer.standin.records import CheckRun, Review, ReviewComment

WIDEST = 100  # columns
MOST_CODE_LINES = 8
THEME = Theme({"markdown.code": "cyan"})  # rich's own paints a black box behind it
COLORS = {"+": "green", "-": "red"}
CONCLUSIONS = {"success": "bold green", "failure": "bold red"}

_MARK = re.compile(r"^<!-- .* -->$\n?", re.MULTILINE)
_FOLDED = re.compile(r"<details>.*?</details>", re.DOTALL)
_SUGGESTION = re.compile(r"^(`{3,})suggestion\n(.*?)\n?\1$", re.DOTALL | re.MULTILINE)
_FINGERPRINT = re.compile(r" · `[0-9a-f]{16}`(\n  .*)?")  # with the second look's reason, which the comment has too


def show(stands: Stage, console: Console, seconds: float) -> None:
    """What stands on the pull request now, as the stand-in has it. Raises OutsideError when there is no review."""
    hub, name, number = stands.hub, stands.repository, stands.number
    pull = hub.pull(name, number)
    checks = hub.check_runs(pull.head_sha)
    reviews = hub.reviews(name, number)
    if not reviews:
        said = "; ".join(f"{check.title}. {_short(check.summary or '')}" for check in checks)
        raise OutsideError(f"The demo's pull request got no review: {said or 'its check run is missing too'}")
    changes = {change.path: change for change in hub.changes(hub.repository(name), pull)}
    with console.use_theme(THEME):
        for block in (
            _title(f"{name}#{number}", pull.title),
            *(_review(review) for review in reviews),
            *(_comment(comment, changes[comment.path]) for comment in hub.comments(name, number)),
            *(_check(check) for check in checks),
            [Text(_facts(stands, seconds), style="dim")],
        ):
            for line in block:
                console.print(line, width=min(console.width, WIDEST))
            console.print()


def _title(where: str, title: str) -> Iterator[RenderableType]:
    yield Rule(Text(where, style="bold"), align="left")
    yield Text(title)


def _review(review: Review) -> Iterator[RenderableType]:
    yield Text(f"{review.user} reviewed", style="dim")
    yield Markdown(_short(review.body))


def _comment(comment: ReviewComment, change: Change) -> Iterator[RenderableType]:
    rows = _rows(comment, change)
    old = " (removed)" if comment.side == "LEFT" else ""
    lines = f"{comment.start_line}-{comment.line}" if comment.start_line else str(comment.line)
    yield Text(f"{comment.path}:{lines}{old}", style="bold")
    for row in rows[:MOST_CODE_LINES]:
        yield _code(row, row.number(comment.side))
    if len(rows) > MOST_CODE_LINES:
        yield Text(f"          … {len(rows) - MOST_CODE_LINES} more lines", style="dim")
    suggestion = _SUGGESTION.search(comment.body)
    yield from (_indented(Markdown(part)) for part in _short(_SUGGESTION.sub("", comment.body)).split("\n\n") if part)
    if suggestion:
        yield Text("          suggested instead:", style="dim")
        yield from (_code(Row("+", line, None, None), None) for line in suggestion[2].split("\n"))


def _rows(comment: ReviewComment, change: Change) -> Sequence[Row]:
    """The rows of the diff that the comment is about."""
    if comment.line is None:
        return ()
    wanted = range(comment.start_line or comment.line, comment.line + 1)
    rows = (row for hunk in change.hunks for row in hunk.rows)
    return [row for row in rows if row.number(comment.side) in wanted]


def _code(row: Row, number: int | None) -> RenderableType:
    """A line of code in one line of the screen: what does not fit is cut, and shown as cut."""
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{'' if number is None else number:>5} {row.kind} ", style="dim")
    return _indented(line.append(row.text.expandtabs(4), style=COLORS.get(row.kind, "")))


def _check(check: CheckRun) -> Iterator[RenderableType]:
    conclusion = check.conclusion or check.status
    style = CONCLUSIONS.get(conclusion, "bold yellow")
    yield Rule(Text.assemble((f"check run {check.name}: ", "bold"), (conclusion, style)), align="left")
    yield Markdown(_FINGERPRINT.sub("", _short(check.summary or "")).removeprefix("### "))


def _short(markdown: str) -> str:
    """Without hidden marks, and without what is folded away on the page."""
    return _FOLDED.sub("", _MARK.sub("", markdown)).strip()


def _indented(text: RenderableType) -> Padding:
    return Padding(text, (0, 0, 0, 2))


def _facts(stands: Stage, seconds: float) -> str:
    calls, requests = len(stands.model.requests), stands.hub.count(path="^/api")
    return (
        f"{seconds:.1f} s from the webhook to the end of the job, {many(requests, 'GitHub request')}. The answers of "
        f"the model ({many(calls, 'call')}) are recorded, everything else is real. `reviewer demo --open` shows the "
        "pull request as a page, with the details that are folded here."
    )
