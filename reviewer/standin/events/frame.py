"""A webhook as GitHub would send it: its name, and what every payload for an App carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reviewer.standin import shapes
from reviewer.standin.records import Repository
from reviewer.standin.state import State


@dataclass(frozen=True)
class Event:
    """A webhook to be sent: `name` goes into X-GitHub-Event."""

    name: str
    payload: dict[str, Any]


def framed(hub: State, repo: Repository, name: str, shape: dict[str, Any], *, sender: str) -> Event:
    """The event with the repository, who did it, and the App's installation there."""
    frame: dict[str, Any] = {"repository": shapes.repository(hub, repo), "sender": shapes.user(hub, sender)}
    installation = hub.installation_of(repo.full_name)
    if installation:
        frame["installation"] = {"id": installation.id, "node_id": f"INSTALLATION_{installation.id}"}
    return Event(name, {**shape, **frame})
