"""A GitHub App as GitHub hands it out when it was made from a manifest."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Registered:
    """What GitHub tells once, for a code; "" where it tells nothing."""

    id: str
    slug: str
    page: str  # the App's page, below which it is installed
    pem: str = field(repr=False)
    webhook_secret: str = field(repr=False)


Register = Callable[[str], Awaitable[Registered]]  # by the code; raises GitHubError, Gone or Unprocessable
