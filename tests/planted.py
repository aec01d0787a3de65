"""A rule set that knows the secrets which a test plants, for tests that are about something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reviewer.core.errors import OutsideError
from reviewer.core.symbols import outline
from reviewer.core.types import Outline, Secret


class Planted:
    """Satisfies `ports.Secrets`. `broken`: it cannot look."""

    def __init__(self, *values: str, kind: str = "planted-token") -> None:
        self.values = list(values)
        self.kind = kind
        self.broken = ""

    async def find(self, texts: Sequence[str]) -> list[list[Secret]]:
        if self.broken:
            raise OutsideError(self.broken)
        return [[Secret(self.kind, value) for value in self.values if value in text] for text in texts]


def outlined(texts: Mapping[str, str]) -> dict[str, Outline]:
    """Satisfies `ports.Outlines` in this process: a test's own files keep nobody waiting."""
    return {path: found for path, text in texts.items() if (found := outline(path, text))}
