"""Shows a pull request as a page for people: the check, the review, and the diff with its comments in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup
from starlette.responses import Response

from reviewer.standin.calls import Call, Endpoint
from reviewer.standin.markdown import render
from reviewer.standin.page_view import ShownFile, ShownThread, files_of, strays, tally
from reviewer.standin.records import CheckRun, Pull

# Nothing on the page may load or run: the words on it come from strangers. Its forms are the check's buttons.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

_OUTCOMES = {
    "success": "Passed",
    "failure": "Failed",
    "neutral": "Neutral",
    "cancelled": "Cancelled",
    "skipped": "Skipped",
    "timed_out": "Timed out",
    "action_required": "Action required",
    "stale": "Stale",
    "queued": "Queued",
    "in_progress": "In progress",
}
_REACTIONS = {
    "+1": "👍",
    "-1": "👎",
    "laugh": "😄",
    "confused": "😕",
    "heart": "❤️",
    "hooray": "🎉",
    "rocket": "🚀",
    "eyes": "👀",
}


@dataclass
class ShownCheck:
    run: CheckRun
    outcome: str
    word: str
    summary: Markup
    text: Markup


@dataclass
class ShownSaid:
    """A review or a comment of the conversation."""

    anchor: str
    user: str
    what: str
    html: Markup
    folded: str  # why it is minimised, "" when it is not
    reactions: Sequence[tuple[str, int]] = ()


def show(call: Call) -> Response:
    repo, pull, hub = call.repository(), call.pull(), call.hub
    files, elsewhere = files_of(hub, repo, pull), strays(hub, repo, pull)
    html = _template().render(
        repo=repo,
        pull=pull,
        state=_state(pull),
        body=render(pull.body or ""),
        checks=[_check(run) for run in hub.check_runs(pull.head_sha)],
        said=_said(pull),
        files=files,
        strays=elsewhere,
        threads=sum(file.threads for file in files) + len(elsewhere),
        additions=sum(file.change.additions for file in files),
        deletions=sum(file.change.deletions for file in files),
        talk=[*_talk(files), *elsewhere],
        heard=bool(hub.webhook_url),  # a button that nobody hears is none
        emoji=_REACTIONS,
        initials=lambda login: "".join(part[:1] for part in login.replace("[bot]", "").split("-"))[:2],
    )
    return Response(html, media_type="text/html", headers={"content-security-policy": _POLICY})


@cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.lstrip_blocks = True
    return environment.get_template("page.html")


def _state(pull: Pull) -> str:
    if pull.merged:
        return "merged"
    return "closed" if pull.closed is not None else "draft" if pull.draft else "open"


def _check(run: CheckRun) -> ShownCheck:
    outcome = run.conclusion or run.status
    return ShownCheck(run, outcome, _OUTCOMES.get(outcome, outcome), render(run.summary or ""), render(run.text or ""))


def _said(pull: Pull) -> list[ShownSaid]:
    """What was said in the conversation, oldest first; a review without a text only holds its comments."""
    words = {"COMMENTED": "reviewed", "APPROVED": "approved", "CHANGES_REQUESTED": "asked for changes"}
    said: list[tuple[float, int, ShownSaid]] = []
    for review in pull.reviews:
        what = words.get(review.state, "began a review")
        shown = ShownSaid(f"review-{review.id}", review.user, what, render(review.body), review.minimized)
        said += [(review.submitted, review.id, shown)] if review.body else []
    for comment in pull.issue_comments:
        text, reactions = render(comment.body), tally(comment.reactions)
        name = f"comment-{comment.id}"
        shown = ShownSaid(name, comment.user, "commented", text, comment.minimized, reactions)
        said.append((comment.created, comment.id, shown))
    return [shown for _, _, shown in sorted(said, key=lambda entry: entry[:2])]


def _talk(files: Sequence[ShownFile]) -> list[ShownThread]:
    """What is said in the diff, for the list at the top."""
    found: list[ShownThread] = []
    for file in files:
        found += [each for _, rows in file.hunks for row in rows for each in row.threads] + file.elsewhere
    return found


ENDPOINT = Endpoint("GET", "/{owner}/{repo}/pull/{pull_number}", show, "anyone")
