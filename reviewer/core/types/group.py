"""A merge queue's group: pull requests that are merged together, and what our checks say of each."""

from __future__ import annotations

from dataclasses import dataclass

from reviewer.core.types.finding import Conclusion
from reviewer.core.types.job import Commit
from reviewer.core.types.post import CheckRun


@dataclass(frozen=True, slots=True)
class Member:
    """A pull request of a group, and the newest of our checks on its head that came to a verdict."""

    number: int
    head: str
    check: CheckRun | None = None
    running: bool = False  # a newer one has not ended yet


@dataclass(frozen=True, slots=True)
class GroupVerdict:
    """`why` are the members that decided it; () where all passed, or none could be found.

    `loose` are commits of the group that belong to no pull request that could be found.
    """

    conclusion: Conclusion
    members: tuple[Member, ...]
    why: tuple[Member, ...] = ()
    loose: tuple[Commit, ...] = ()
