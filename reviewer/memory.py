"""An answer cache in memory, for one user: it lasts as long as the command."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from reviewer.ports import Entry


@dataclass(slots=True)
class MemoryAnswers:
    """An answer cache that lasts as long as the command, which serves one user: installations are not told apart."""

    kept: dict[str, Entry] = field(default_factory=dict)
    held: dict[str, tuple[str, float, str]] = field(default_factory=dict)  # key -> holder, until, scope
    clock: Callable[[], float] = time.monotonic

    async def answers(self, _installation: int, keys: Sequence[str]) -> dict[str, str]:
        return {key: self.kept[key].text for key in keys if key in self.kept}

    async def keep_answers(self, _installation: int, entries: Mapping[str, Entry]) -> None:
        self.kept |= entries
        self.held = {key: held for key, held in self.held.items() if key not in entries}

    async def reserve(
        self, _installation: int, keys: Sequence[str], holder: str, seconds: float, scope: str = ""
    ) -> frozenset[str]:
        now = self.clock()
        given = {key for key in keys if self.held.get(key, (holder,))[0] == holder or self.held[key][1] < now}
        self.held |= dict.fromkeys(given, (holder, now + seconds, scope))
        return frozenset(given)

    async def release(self, _installation: int, keys: Sequence[str], holder: str) -> None:
        self.held = {key: held for key, held in self.held.items() if key not in keys or held[0] != holder}

    async def release_all(self, _installation: int, holder: str, scope: str = "") -> None:
        self.held = {
            key: held for key, held in self.held.items() if held[0] != holder and not (scope and held[2] == scope)
        }

    async def holds(self, _installation: int, scope: str) -> bool:
        return any(entry.scope == scope for entry in self.kept.values())
