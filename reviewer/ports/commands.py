"""How many commands people may give, and what of that is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from reviewer.core.types import Job

HOUR = 3_600.0  # seconds that the limits look back


@dataclass(frozen=True, slots=True)
class Hourly:
    """How many commands there may be in a repository within an hour, of one person and of all; 0: no limit."""

    person: int = 60
    repository: int = 600


@dataclass(frozen=True, slots=True)
class LetIn:
    """How many of a comment's commands may be carried out. Where that is not all of them: the limit that says so,
    whether it is the person's own, and from when on there is room again (seconds since the epoch).
    """

    count: int
    limit: int = 0
    own: bool = False
    until: float = 0.0


class Commands(Protocol):
    """Counts by the job's author, repository and pull request. Everything is keyed by installation first."""

    async def let_in(self, job: Job, run: str, count: int, limits: Hourly) -> LetIn:
        """Those that are let in are counted, once for a run however often it asks."""

    async def refused(self, job: Job, run: str, why: str) -> int:
        """How often this person was refused for this reason on this pull request within an hour, before this run."""
