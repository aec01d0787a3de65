"""Pays once where two workers want the same answer at the same time: one asks, the other waits for what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from reviewer.asking import Asked, Course, Inquiry, Piece, ask
from reviewer.ports import Answers, Model

T = TypeVar("T")
R = TypeVar("R")

SECONDS = 300.0  # after which whoever asks is taken for dead: longer than a call takes with its retries
PAUSE = 1.0  # seconds between two looks at whether somebody else's answer is there
LOOKS = 10  # before we try to have the question ourselves, which is a write: whoever asked may have let it go


class Keyed(Inquiry[T, R], Protocol[T, R]):
    """An inquiry whose answers have keys."""

    def key(self, thing: T, model: str) -> str:
        """Under which the answer about the thing is kept."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Who asks. Without a name nobody else is there."""

    store: Answers
    installation: int = 0
    holder: str = ""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    scope: str = ""  # what is asked about: what a dead run had of it is free for the next one

    async def take(self, keys: Sequence[str]) -> frozenset[str]:
        if not self.holder:
            return frozenset(keys)
        return await self.store.reserve(self.installation, keys, self.holder, SECONDS, self.scope)

    async def drop(self, keys: Sequence[str]) -> None:
        """Let others ask what came to nothing, or was answered by another model; what was kept is free already."""
        if self.holder and keys:
            await self.store.release(self.installation, keys, self.holder)


async def ask_once(
    things: Sequence[T], inquiry: Keyed[T, R], models: Sequence[Model], *, course: Course, hold: Hold
) -> Asked[T, R]:
    """`asking.ask` about those things that nobody else asks about now; for the others their answer is waited for.

    Who is waited for has `SECONDS`, then it is our turn.
    """
    name = models[0].name
    asked: Asked[T, R] = Asked()
    left = list(things)
    while left:
        keys = [inquiry.key(thing, name) for thing in left]
        mine = await hold.take(keys)
        ours = [thing for thing, key in zip(left, keys, strict=True) if key in mine]
        left = [thing for thing, key in zip(left, keys, strict=True) if key not in mine]
        if ours:
            asked += await _asked(ours, inquiry, models, course=course, hold=hold)
        pieces, left = await _awaited(left, inquiry, name, course=course, hold=hold)
        asked += Asked(pieces)
        if left and not await course.goes_on():
            break
    return asked + Asked(tuple(Piece((thing,), None, "the run ended before") for thing in left))


async def _awaited(
    things: Sequence[T], inquiry: Keyed[T, R], name: str, *, course: Course, hold: Hold
) -> tuple[tuple[Piece[T, R], ...], list[T]]:
    """What others have kept in the meantime, and what is still missing after LOOKS, or once the run is to end."""
    found: list[Piece[T, R]] = []
    left = list(things)
    for _ in range(LOOKS):
        if not left or not await course.goes_on():
            break
        await hold.sleep(PAUSE)
        known = await inquiry.recall(left, name)
        found += [Piece((thing,), said, kept=True) for thing, said in known]
        left = [thing for thing in left if all(thing is not each for each, _ in known)]
    return tuple(found), left


async def _asked(
    things: Sequence[T], inquiry: Keyed[T, R], models: Sequence[Model], *, course: Course, hold: Hold
) -> Asked[T, R]:
    try:
        return await ask(things, inquiry, models, course=course)
    finally:
        await hold.drop([inquiry.key(thing, models[0].name) for thing in things])
