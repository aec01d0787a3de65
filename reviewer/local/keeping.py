"""What a local review keeps: in a database as long as that works, else in memory, so that no review fails for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Protocol, TypeVar

from reviewer.core.errors import OutsideError, UsageError
from reviewer.core.spending import Counted
from reviewer.core.types import Amount, Call, Limit
from reviewer.local.kit import Keeps
from reviewer.memory import Memory
from reviewer.ports import Entry, Refused, Reserved

T = TypeVar("T")


class Opened(Keeps, Protocol):
    """A database that is open."""

    def close(self) -> None: ...


async def _nothing(_store: Keeps) -> None:
    """There is nothing to be done first."""


class Shelf:
    """Satisfies `Keeps`. The database is opened at the first use, beside the review; what goes wrong with it is told
    once, and from then on it is left alone.

    Without `answers` they are neither looked for nor kept; what is spent is written down all the same.
    """

    def __init__(
        self,
        opened: Callable[[], Opened],
        *,
        answers: bool = True,
        first: Callable[[Keeps], Awaitable[None]] = _nothing,
    ) -> None:
        """`opened` is called in a thread; `first` with what it gave, before anything else."""
        self.lost = ""  # why the database is not used, as a sentence
        self._opened, self._answers, self._first = opened, answers, first
        self._spare = Memory()
        self._opening: asyncio.Task[Opened | None] | None = None

    async def open(self) -> Keeps | None:
        """The database; None where it cannot be used."""
        if self._opening is None:
            self._opening = asyncio.create_task(self._open())
        store = await asyncio.shield(self._opening)
        return None if self.lost else store

    async def _open(self) -> Opened | None:
        try:
            store = await asyncio.to_thread(self._opened)
            await self._first(store)
        except (OSError, OutsideError, UsageError) as error:
            self.lost = str(error)
            return None
        return store

    async def aclose(self) -> None:
        store = await self._opening if self._opening else None
        if store is not None:
            with suppress(OutsideError):
                await asyncio.to_thread(store.close)

    async def _use(self, work: Callable[[Keeps], Awaitable[T]], *, answers: bool = False) -> T:
        store = await self.open() if self._answers or not answers else None
        if store is not None:
            try:
                return await work(store)
            except OutsideError as error:
                self.lost = self.lost or str(error)
        return await work(self._spare)

    async def answers(self, installation: int, keys: Sequence[str]) -> dict[str, str]:
        return await self._use(lambda store: store.answers(installation, keys), answers=True)

    async def keep_answers(self, installation: int, entries: Mapping[str, Entry]) -> None:
        await self._use(lambda store: store.keep_answers(installation, entries), answers=True)

    async def reserve(
        self, installation: int, keys: Sequence[str], holder: str, seconds: float, scope: str = ""
    ) -> frozenset[str]:
        return await self._use(lambda store: store.reserve(installation, keys, holder, seconds, scope), answers=True)

    async def release(self, installation: int, keys: Sequence[str], holder: str) -> None:
        await self._use(lambda store: store.release(installation, keys, holder), answers=True)

    async def release_all(self, installation: int, holder: str, scope: str = "") -> None:
        await self._use(lambda store: store.release_all(installation, holder, scope), answers=True)

    async def holds(self, installation: int, scope: str) -> bool:
        return await self._use(lambda store: store.holds(installation, scope), answers=True)

    async def book(
        self, call: Call, wants: Amount, limits: Sequence[Limit], *, share: float = 1.0
    ) -> Reserved | Refused:
        return await self._use(lambda store: store.book(call, wants, limits, share=share))

    async def settle(self, reserved: Reserved, took: Amount, call: Call) -> None:
        await self._use(lambda store: store.settle(reserved, took, call))

    async def keep_call(self, call: Call) -> None:
        await self._use(lambda store: store.keep_call(call))

    async def counted(self, model: str) -> Sequence[Counted]:
        return await self._use(lambda store: store.counted(model))
