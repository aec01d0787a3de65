"""The record of what people did, which nobody changes."""

from __future__ import annotations

from typing import Protocol

from reviewer.core.types import Act


class Acts(Protocol):
    """Everything is keyed by installation first."""

    async def keep_act(self, installation: int, repository: str, act: Act) -> None:
        """Once: what has its pull request, run and step stands as it was written. One that was read from GitHub is
        kept only where nothing tells yet that this person did that to these findings.
        """
