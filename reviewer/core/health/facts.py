"""What GitHub says of the App, of its installations and of its webhook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AppFacts:
    """`page` is where its settings are, an address without a slash at its end; permissions are level by name."""

    number: int
    slug: str
    name: str
    page: str
    permissions: Mapping[str, str] = field(default_factory=dict)
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Installed:
    """The App on one account. What its owner has not accepted yet is not among its permissions."""

    id: int
    account: str = ""
    page: str = ""
    permissions: Mapping[str, str] = field(default_factory=dict)
    events: tuple[str, ...] = ()
    suspended: bool = False
    made: float = 0.0  # seconds since the epoch


@dataclass(frozen=True, slots=True)
class Hook:
    """Where GitHub sends the App's webhooks, and how."""

    url: str
    content_type: str
    verified: bool  # GitHub checks the certificate
