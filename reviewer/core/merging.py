"""Decides what a merge queue's group is worth: which pull requests are in it, and what their own checks say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from reviewer.core.types import CheckRun, Commit, Conclusion, GroupVerdict, Member

# GitHub's own titles of merge commits and of squashed ones. A repository can choose others: then they tell nothing.
_MERGED = re.compile(r"Merge pull request #([0-9]{1,9}) from ")
_SQUASHED = re.compile(r"\(#([0-9]{1,9})\)$")
MOST_COMMITS = 1_000  # that GitHub is asked to tell
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


def unseen(commits: Sequence[Commit], chain: Sequence[Commit], base: str) -> list[Commit]:
    """Where the chain of a very long group cannot be followed down to its base: what stands for the rest of it."""
    last = chain[-1] if chain else None
    before = last.parents[0] if last and last.parents else ""
    whole = chain and (before == base or len(commits) < MOST_COMMITS)
    if whole or not commits:
        return []
    return [Commit(before or commits[-1].sha, (), f"and those before it: there are more than {MOST_COMMITS:,}")]


def number_of(commit: Commit) -> int:
    """The pull request that the queue put there with this commit, by its title; 0 where that does not say.

    `(#7)` at the end is GitHub's own also where a merge has the pull request's title, which may be any.
    """
    match = _SQUASHED.search(commit.title)
    if match is None and len(commit.parents) > 1:
        match = _MERGED.match(commit.title)
    return int(match[1]) if match else 0


def without(loose: Sequence[Commit], own: Sequence[Commit]) -> list[Commit]:
    """Of `loose` those that are no copies of `own`, one for one: a rebase keeps title and author."""
    copies = Counter((commit.title, commit.author) for commit in own)
    left = []
    for commit in loose:
        if copies[commit.title, commit.author]:
            copies[commit.title, commit.author] -= 1
        else:
            left.append(commit)
    return left


def member_of(number: int, head: str, checks: Sequence[CheckRun]) -> Member:
    """`checks` are all of ours on its head, in any order; another pull request may have the same head."""
    own = sorted((each for each in checks if each.number == number), key=lambda each: -each.id)
    told = next((each for each in own if each.status == "completed" and each.conclusion not in _NO_VERDICT), None)
    newer = own[: own.index(told)] if told else own
    return Member(number, head, told, any(each.status != "completed" for each in newer))


def decide_group(members: Sequence[Member], loose: Sequence[Commit] = (), *, on_error: Conclusion) -> GroupVerdict:
    """One that fails fails all; one that was never reviewed makes it `on_error`, and so do commits of nobody.

    GitHub's queue lets neutral pass.
    """
    group, left = tuple(members), tuple(loose)
    failed = tuple(each for each in group if each.check and each.check.conclusion not in {"success", "neutral"})
    if failed:
        return GroupVerdict("failure", group, failed, left)
    unknown = tuple(each for each in group if each.check is None)
    if unknown or left or not group:
        return GroupVerdict(on_error, group, unknown, left)
    neutral = tuple(each for each in group if each.check and each.check.conclusion == "neutral")
    return GroupVerdict("neutral" if neutral else "success", group, neutral)
