"""Merge queues: a group of pull requests waits for our check on its own head, or is no more."""

from __future__ import annotations

from dataclasses import replace

from reviewer.core.events.checks import group_number
from reviewer.core.events.parts import Action, Event, Part, Sha, job, no_use
from reviewer.core.types import Ignored, Job, JobKind

_ACTIONS: dict[str, JobKind] = {"checks_requested": "group", "destroyed": "disband"}


class _Group(Part):
    head_sha: Sha
    head_ref: str
    base_sha: Sha


class _GroupEvent(Event):
    merge_group: _Group


def merge_group(delivery: str, payload: object) -> Job | Ignored:
    """A ref that says no number is taken all the same: without a check on its head the queue would hang."""
    action = Action.model_validate(payload).action
    kind = _ACTIONS.get(action)
    if kind is None:
        return no_use("merge_group", action)
    event = _GroupEvent.model_validate(payload)
    group = event.merge_group
    number = group_number(group.head_ref)
    made = job(event, kind=kind, name="merge_group", number=number, head=group.head_sha, delivery=delivery)
    return replace(made, base=group.base_sha) if isinstance(made, Job) else made
