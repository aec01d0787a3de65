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
from reviewer.standin.page_view import ShownFile, Thread, files_of
from reviewer.standin.records import CheckRun, Pull

# Nothing on the page may load or run: the words on it come from strangers.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

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
    reactions: Sequence[str] = ()


def show(call: Call) -> Response:
    repo, pull, hub = call.repository(), call.pull(), call.hub
    files = files_of(hub, repo, pull)
    html = _template().render(
        repo=repo,
        pull=pull,
        state=_state(pull),
        body=render(pull.body or ""),
        checks=[_check(run) for run in hub.check_runs(pull.head_sha)],
        said=_said(pull),
        files=files,
        threads=sum(file.threads for file in files),
        additions=sum(file.change.additions for file in files),
        deletions=sum(file.change.deletions for file in files),
        talk=_talk(files),
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
    words = {"COMMENTED": "reviewed", "APPROVED": "approved", "CHANGES_REQUESTED": "asked for changes"}
    said = [
        (
            review.submitted,
            review.id,
            ShownSaid(
                f"review-{review.id}", review.user, words.get(review.state, "began a review"), render(review.body)
            ),
        )
        for review in pull.reviews
        if review.body
    ]
    said += [
        (
            comment.created,
            comment.id,
            ShownSaid(
                f"comment-{comment.id}",
                comment.user,
                "commented",
                render(comment.body),
                [reaction.content for reaction in comment.reactions],
            ),
        )
        for comment in pull.issue_comments
    ]
    return [shown for _, _, shown in sorted(said, key=lambda entry: entry[:2])]


def _talk(files: Sequence[ShownFile]) -> list[tuple[str, Thread]]:
    """What is said in the diff, for the list at the top, with the path of each."""
    found: list[tuple[str, Thread]] = []
    for file in files:
        threads = [each for _, rows in file.hunks for row in rows for each in row.threads] + file.elsewhere
        found += [(file.change.path, thread) for thread in threads]
    return found


ENDPOINT = Endpoint("GET", "/{owner}/{repo}/pull/{pull_number}", show, "anyone")
