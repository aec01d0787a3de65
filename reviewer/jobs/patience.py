"""Whether a job that could not be done is to be done again, and when."""

from __future__ import annotations

from collections import Counter

from reviewer.core.errors import GitHubError, StoreError, TooEarly

# Seconds after which a job comes back that our own database did not let be done. How often is kept in memory: what
# could not be written could not be counted there either.
AWAY = (5.0, 15.0, 30.0, *[60.0] * 8, *[300.0] * 24)


class Patience:
    """`longest_wait`: seconds that a job itself waits for GitHub's limits; for longer ones it makes room for others."""

    def __init__(self, longest_wait: float) -> None:
        self._longest_wait = longest_wait
        self._away = Counter[str]()

    def done(self, run: str) -> None:
        self._away.pop(run, None)

    def comes_back(self, error: Exception, run: str) -> float:
        """The seconds after which it is to be done again; 0: it has failed."""
        if isinstance(error, TooEarly):
            return error.put_off
        if isinstance(error, StoreError):
            return self._without_the_database(run)
        if not isinstance(error, GitHubError):
            return 0.0
        return error.put_off or (error.wait if error.wait > self._longest_wait else 0.0)

    def _without_the_database(self, run: str) -> float:
        nth = self._away[run]
        if nth == len(AWAY):
            self.done(run)
            return 0.0
        self._away[run] += 1
        return AWAY[nth]
