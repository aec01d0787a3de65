"""Permissions and events: those of app.yml against those that were granted, and what each gap disables."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

LEVELS = ("none", "read", "write", "admin")

# By permission: what does not work with less than is wanted; and with nothing at all, where that is worse.
DISABLES: Mapping[str, tuple[str, str]] = {
    "metadata": ("nothing can be reviewed", ""),
    "contents": (
        "nothing can be reviewed: each check ends as could not review",
        "",
    ),
    "pull_requests": (
        "no review, no inline comment and no reply can be posted: findings stand in the check run only",
        "nothing can be reviewed, and GitHub sends no event about a pull request",
    ),
    "checks": (
        "no check run: nothing can be blocked, and where the check `reviewer` is required nothing can be merged",
        "",
    ),
    "issues": (
        "no 👀, 🎉 or 😕 on commands in a pull request's conversation",
        "commands in a pull request's conversation do not reach us",
    ),
    "merge_queues": (
        "no check on the groups of a merge queue: where the check `reviewer` is required the queue stops",
        "",
    ),
}
EVENTS: Mapping[str, str] = {
    "pull_request": "no pull request is reviewed when it is opened or pushed to, only when it is found later or asked",
    "issue_comment": "commands in a pull request's conversation do not reach us",
    "pull_request_review_comment": "commands and answers in a finding's thread do not reach us",
    "pull_request_review_thread": "a resolved thread dismisses its finding only at the next push",
    "check_run": "'Re-run' and the buttons on our check do nothing",
    "check_suite": "'Re-run all checks' does nothing for our check",
    "merge_group": "no check on the groups of a merge queue: where the check `reviewer` is required the queue stops",
}
# Without these nothing can be reviewed, or nobody hears of it.
ESSENTIAL: Mapping[str, str] = {"metadata": "read", "contents": "read", "pull_requests": "write", "checks": "write"}
EXTRA = {("contents", "write"): "`contents: write` is needed only where a repository sets `resolve_threads: true`"}
OTHER = "what needs it in this version of reviewer"

_NEEDS = re.compile(r"the App needs `([a-z_]{1,40}): (read|write|admin)`")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What app.yml asks for: level by permission, and the events."""

    permissions: Mapping[str, str]
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """What is not granted, in words ("checks: read instead of write"), and what that disables."""

    name: str
    says: str
    disables: str


def wanted_of(text: str) -> Wanted:
    """What an App's manifest, as YAML, asks for."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - only the doctor needs it

    manifest = YAML(typ="safe", pure=True).load(text)
    return Wanted(dict(manifest["default_permissions"]), tuple(manifest["default_events"]))


def suffices(level: str, wanted: str) -> bool:
    return _rank(level) >= _rank(wanted)


def permission_gaps(wanted: Mapping[str, str], granted: Mapping[str, str]) -> tuple[Gap, ...]:
    """What is wanted and not granted, in the order of app.yml."""
    found = []
    for name, level in wanted.items():
        has = granted.get(name, "none")
        if not suffices(has, level):
            less, nothing = DISABLES.get(name, (OTHER, ""))
            disables = (nothing if _rank(has) == 0 else "") or less
            found.append(Gap(name, f"{name}: {has} instead of {level}", disables))
    return tuple(found)


def event_gaps(wanted: Iterable[str], subscribed: Collection[str]) -> tuple[Gap, ...]:
    lacking = [event for event in wanted if event not in subscribed]
    return tuple(Gap(event, f"{event}: not subscribed", EVENTS.get(event, OTHER)) for event in lacking)


def excess(wanted: Mapping[str, str], granted: Mapping[str, str]) -> tuple[str, ...]:
    """What is granted and not needed, a sentence each: whoever steals our key has it too."""
    found = []
    for name, level in granted.items():
        if _rank(level) > _rank(wanted.get(name, "none")):
            known = EXTRA.get((name, level))
            found.append(known or f"`{name}: {level}` is more than reviewer needs: take it away")
    return tuple(found)


def needed(text: str) -> Mapping[str, str]:
    """The permissions that a sentence of ours, told when GitHub refused something, says the App needs."""
    return dict(_NEEDS.findall(text))


def _rank(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else 0
