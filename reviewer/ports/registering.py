"""A GitHub App as GitHub hands it out when it was made from a manifest, and what keeps a second one out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from reviewer.core.errors import UsageError


@dataclass(frozen=True, slots=True)
class Registered:
    """What GitHub tells once, for a code; "" where it tells nothing."""

    id: str
    slug: str
    page: str  # the App's page, below which it is installed
    pem: str = field(repr=False)
    webhook_secret: str = field(repr=False)


class KeptAlready(UsageError):
    """Somebody else was quicker: nothing of what was to be kept is kept."""


Register = Callable[[str], Awaitable[Registered]]  # by the code; raises GitHubError, Gone or Unprocessable
