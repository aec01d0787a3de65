"""Turns a webhook delivery into the job that it asks for, or into the reason why it asks for nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from pydantic import ValidationError

from reviewer.core.events.checks import check_run, check_suite, of_another_app
from reviewer.core.events.comments import (
    Remark,
    issue_comment,
    pull_request_review_comment,
    pull_request_review_thread,
)
from reviewer.core.events.departures import installation, installation_repositories
from reviewer.core.events.groups import merge_group
from reviewer.core.events.parts import shown
from reviewer.core.events.pulls import pull_request
from reviewer.core.types import Ignored, Job

Keys = Callable[[str], Sequence[str]]  # of a comment's text: names of the commands in it, the same for the same ones


def ping(delivery: str, payload: object) -> Ignored:  # noqa: ARG001 - has the shape of all the entries of EVENTS
    return Ignored("ping: the webhook reaches us and its secret is right")


EVENTS: dict[str, Callable[[str, object], Job | Ignored | Remark]] = {
    "ping": ping,
    "pull_request": pull_request,
    "issue_comment": issue_comment,
    "pull_request_review_comment": pull_request_review_comment,
    "pull_request_review_thread": pull_request_review_thread,
    "check_run": check_run,
    "check_suite": check_suite,
    "merge_group": merge_group,
    "installation": installation,
    "installation_repositories": installation_repositories,
}


def job_of(
    event: str, delivery: str, payload: object, *, keys: Keys = lambda _body: (), app: str = ""
) -> Job | Ignored:
    """What the delivery asks for; never raises, whatever `payload` (parsed JSON) looks like.

    `event` is the X-GitHub-Event header, `delivery` the X-GitHub-Delivery header. Without `keys` no comment holds a
    command; without `app`, our App's id or client id, checks of others are told by what they carry alone.
    """
    handle = EVENTS.get(event)
    if handle is None:
        return Ignored(f"no use for the event {shown(event)}")
    if of_another_app(payload, event, app):
        return Ignored(f"{event}: it is about a check of another App")
    try:
        found = handle(delivery, payload)
    except ValidationError as error:
        place = ".".join(str(step) for step in error.errors(include_url=False, include_input=False)[0]["loc"])
        return Ignored(f"{event}: `{place or 'payload'}` is missing or not what GitHub documents")
    return _commanded(found, keys) if isinstance(found, Remark) else found


def _commanded(remark: Remark, keys: Keys) -> Job | Ignored:
    """The job of the commands in a comment; without any, of a reply in a thread.

    An edit by its writer runs all of them again, once; one by somebody else only what it brought in, as nobody gives
    again what others asked for. The id is made of the commands and the edit, not of the delivery: an event that comes
    twice is one job.
    """
    job, told = remark.job, keys(remark.body)
    before = set() if remark.own else set(keys(remark.before))
    meant = [key for key in told if key not in before]
    if not meant and remark.reply:
        return replace(job, delivery=f"{job.delivery}-reply")
    if not meant:
        return Ignored(f"{job.trigger}: no {'new ' if told else ''}command in it")
    which = "\0".join(filter(None, [" ".join(meant), remark.edit]))
    digest = hashlib.sha256(which.encode("utf-8", "surrogatepass"))
    return replace(job, commands=" ".join(meant), delivery=f"{job.delivery}-{digest.hexdigest()[:16]}")
