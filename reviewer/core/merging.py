"""Decides what a merge queue's group is worth: which pull requests are in it, and what their own checks say."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reviewer.core.types import CheckRun, Commit, Conclusion, GroupVerdict, Member

# GitHub's own titles of merge commits and of squashed ones. A repository can choose others: then they tell nothing.
_MERGED = re.compile(r"Merge pull request #([0-9]{1,9}) from ")
_SQUASHED = re.compile(r"\(#([0-9]{1,9})\)$")
_NO_VERDICT = frozenset({"cancelled", "skipped", "stale"})  # nobody came to one


def merges(commits: Sequence[Commit], head: str) -> tuple[Commit, ...]:
    """What the queue itself put on its base, the newest first: the first parents from `head` on, as far as they go.

    What a merge brought with it is the pull request's own, and may be called whatever its author likes.
    """
    by_sha = {commit.sha: commit for commit in commits}
    chain: list[Commit] = []
    while (commit := by_sha.pop(head, None)) is not None:
        chain.append(commit)
        head = commit.parents[0] if commit.parents else ""
    return tuple(chain)


def number_of(commit: Commit) -> int:
    """The pull request that the queue put there with this commit, by its title; 0 where that does not say."""
    match = _MERGED.match(commit.title) if len(commit.parents) > 1 else None
    match = match or _SQUASHED.search(commit.title)
    return int(match[1]) if match else 0


def member_of(number: int, head: str, checks: Sequence[CheckRun]) -> Member:
    """`checks` are all of ours on its head, in any order; another pull request may have the same head."""
    own = sorted((each for each in checks if each.number == number), key=lambda each: -each.id)
    told = next((each for each in own if each.status == "completed" and each.conclusion not in _NO_VERDICT), None)
    newer = own[: own.index(told)] if told else own
    return Member(number, head, told, any(each.status != "completed" for each in newer))


def decide_group(members: Sequence[Member], *, on_error: Conclusion) -> GroupVerdict:
    """One that fails fails all; one that was never reviewed makes it `on_error`; GitHub's queue lets neutral pass."""
    group = tuple(members)
    failed = tuple(each for each in group if each.check and each.check.conclusion not in {"success", "neutral"})
    if failed:
        return GroupVerdict("failure", group, failed)
    unknown = tuple(each for each in group if each.check is None)
    if unknown or not group:
        return GroupVerdict(on_error, group, unknown)
    neutral = tuple(each for each in group if each.check and each.check.conclusion == "neutral")
    return GroupVerdict("neutral" if neutral else "success", group, neutral)
