"""Errors, divided by who must hear.

ReviewerError
├── UsageError            whoever typed the command or set the environment: exit 2, one sentence
├── OutsideError          an outside service failed: exit 3; the check says so
│   ├── GitHubError       `status`; `retryable`; `wait`, the seconds that a rate limit asks for
│   │   ├── Gone          404/410/suspended: the job ends quietly
│   │   └── Unprocessable 422: GitHub will not take this as it is
│   ├── StoreError        our own database does not answer: the job waits for it
│   └── ModelError        `retryable`; else for the operator to mend; `remedy` is what may help meanwhile
├── TooEarly              what it waits for still runs: the job is done again in `put_off` seconds
└── Superseded            nobody wants this head any more: the run ends, its check is cancelled
"""

from __future__ import annotations

from typing import Literal

from reviewer.core.types.model import Lost


class ReviewerError(Exception):
    """Base of all that we raise on purpose. Its text is one sentence that says how to mend it."""


class UsageError(ReviewerError):
    """The command, the environment or a file given by the user is wrong."""


class OutsideError(ReviewerError):
    """A service that we depend on failed."""


class StoreError(OutsideError):
    """The database did not do its part; what was to be done may be done again."""


class GitHubError(OutsideError):
    def __init__(self, sentence: str, *, status: int = 0, retryable: bool = False, wait: float = 0.0) -> None:
        super().__init__(sentence)
        self.status = status  # HTTP status, 0 when there was no answer
        self.retryable = retryable
        self.wait = wait  # seconds until a rate limit lets us in again; 0 when it is not about one
        self.needs = ""  # the permission that the App misses, as `checks: write`; "?" where GitHub does not say which
        self.put_off = 0.0  # seconds after which the whole job is to be tried again; set by the line


class Gone(GitHubError):
    """The repository, the pull request or the installation is not there (any more), or not ours to see."""


class Unprocessable(GitHubError):
    """422: what we sent is not acceptable as it is."""


class ModelError(OutsideError):
    def __init__(
        self,
        sentence: str,
        *,
        retryable: bool = False,
        code: str = "",
        remedy: Literal["", "smaller", "another"] = "",
        lost: Lost | None = None,
    ) -> None:
        super().__init__(sentence)
        self.retryable = retryable
        self.code = code  # the provider's error code, "" when there was none
        self.remedy = remedy  # what helps at once: a smaller request, or another model
        self.lost = lost or Lost()  # what the tries took all the same
        self.seconds = 0.0  # that the last try took; 0 where nothing was sent
        self.request_id = ""  # by which the provider knows the last try; "" where it did not say


class Superseded(ReviewerError):
    """A newer head, or the end of the pull request, made this run pointless."""


class TooEarly(ReviewerError):
    """What the job waits for has not ended yet."""

    def __init__(self, sentence: str, *, put_off: float) -> None:
        super().__init__(sentence)
        self.put_off = put_off  # seconds after which the whole job is to be tried again
