"""Pull requests: what opens, moves and closes them."""

from __future__ import annotations

from dataclasses import replace

from reviewer.core.events.parts import Action, Edited, PullEvent, User, job, no_use
from reviewer.core.types import Ignored, Job, JobKind

_ACTIONS: dict[str, JobKind] = {
    "opened": "review",
    "reopened": "review",
    "ready_for_review": "review",
    "synchronize": "review",
    "converted_to_draft": "review",  # a review that runs ends; the next one waits, unless drafts are reviewed
    "closed": "close",
}


class _Triggered(PullEvent):
    sender: User | None = None


def pull_request(delivery: str, payload: object) -> Job | Ignored:
    """Drafts make jobs too: whether they wait is the repository's configuration, which only the line knows."""
    action = Action.model_validate(payload).action
    kind = _ACTIONS.get(action)
    if action == "edited":
        if Edited.model_validate(payload).changes.base is None:
            return Ignored("pull_request.edited: title or body changed, the diff did not")
        kind = "review"  # another base branch is another diff
    if kind is None:
        return no_use("pull_request", action)
    event = _Triggered.model_validate(payload)
    pull = event.pull_request
    found = job(event, kind=kind, name="pull_request", number=pull.number, head=pull.head.sha, delivery=delivery)
    if isinstance(found, Job) and event.sender:
        return replace(found, author=event.sender.login)
    return found
