"""An answer cache and a ledger in memory, for one user: they last as long as the command."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from reviewer.core.spending import Counted, end
from reviewer.core.types import Amount, Call, Fill, Limit
from reviewer.ports import Entry, Refused, Reserved


@dataclass
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


@dataclass
class MemoryLedger:
    """Satisfies `ports.Ledger`. The one payer there is has each limit for the command alone."""

    used: dict[str, Amount] = field(default_factory=dict)  # by limit
    calls: list[Call] = field(default_factory=list)
    now: Callable[[], float] = time.time

    async def book(
        self, call: Call, wants: Amount, limits: Sequence[Limit], *, share: float = 1.0
    ) -> Reserved | Refused:
        after: dict[str, Amount] = {}
        for limit in limits:
            if limit.level == "person" and not call.payer.person:
                continue
            before = self.used.get(repr(limit), Amount())
            after[repr(limit)] = there = _sum(before, wants)
            if _share(limit, there) > share:
                return Refused(Fill(limit, _share(limit, before), end(limit.window, self.now())))
        self.used |= after
        return Reserved(wants, tuple(after))

    async def settle(self, reserved: Reserved, took: Amount, call: Call) -> None:
        """What a database has booked that was lost meanwhile is not of this ledger."""
        less = Amount(took.tokens - reserved.amount.tokens, took.dollars - reserved.amount.dollars)
        self.used |= {name: _sum(self.used[name], less) for name in reserved.accounts if name in self.used}
        await self.keep_call(call)

    async def keep_call(self, call: Call) -> None:
        self.calls.append(call)

    async def counted(self, model: str) -> tuple[Counted, ...]:  # noqa: ARG002 - the port's word
        """What lasts as long as the command has seen no call before."""
        return ()


@dataclass
class Memory(MemoryAnswers, MemoryLedger):
    """Both."""


def _sum(a: Amount, b: Amount) -> Amount:
    return Amount(a.tokens + b.tokens, a.dollars + b.dollars)


def _share(limit: Limit, used: Amount) -> float:
    if limit.tokens is not None:
        return used.tokens / limit.tokens if limit.tokens else 2.0
    return float(used.dollars / limit.dollars) if limit.dollars else 2.0
