"""Searches that are wanted while others run share the next run: one takes 0.3 s before it looks at any text."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from reviewer.core.errors import OutsideError
from reviewer.secrets.program import Program

R = TypeVar("R")

AT_ONCE = 2  # runs; the program takes about 170 MB for 10 MB of text
TOGETHER = 500_000  # characters of one run; what is larger goes alone, so that nobody waits for it


@dataclass(eq=False, slots=True)
class _Wish(Generic[R]):
    texts: list[str]
    answer: asyncio.Future[list[R]]
    run: _Run[R] | None = None  # None while it waits

    @property
    def size(self) -> int:
        return sum(map(len, self.texts))


@dataclass(eq=False, slots=True)
class _Run(Generic[R]):
    program: Program
    wishes: list[_Wish[R]]
    task: asyncio.Task[None] | None = field(default=None)


class Gathered(Generic[R]):
    """For one event loop. `search` gives what it finds in each text, in a thread; `program` is new for each run."""

    def __init__(
        self, search: Callable[[list[str], Program], list[R]], program: Callable[[], Program], *, at_once: int = AT_ONCE
    ) -> None:
        self._search, self._program, self._at_once = search, program, at_once
        self._waiting: list[_Wish[R]] = []
        self._running = 0

    async def find(self, texts: list[str]) -> list[R]:
        """What is found in each. Raises what `search` raises for these texts alone.

        Who is cancelled and is the last one to wait for a run ends it, and stays until it is gone.
        """
        wish: _Wish[R] = _Wish(texts, asyncio.get_running_loop().create_future())
        self._waiting.append(wish)
        self._begin()
        try:
            return await wish.answer
        except asyncio.CancelledError:
            await self._leave(wish)
            raise

    async def _leave(self, wish: _Wish[R]) -> None:
        run = wish.run
        if run is None:
            self._waiting.remove(wish)
            return
        run.wishes.remove(wish)
        if run.task and not run.wishes:
            run.program.stop()
            await asyncio.wait([run.task])

    def _begin(self) -> None:
        while self._waiting and self._running < self._at_once:
            run = _Run(self._program(), self._next())
            for wish in run.wishes:
                wish.run = run
            self._running += 1
            run.task = asyncio.ensure_future(self._carry_out(run))

    def _next(self) -> list[_Wish[R]]:
        """Who has waited longest, and those behind whose texts go along."""
        first, room = self._waiting[0], TOGETHER
        chosen = [first]
        room -= first.size
        for wish in self._waiting[1:]:
            if wish.size <= room:
                room -= wish.size
                chosen.append(wish)
        self._waiting = [wish for wish in self._waiting if wish not in chosen]
        return chosen

    async def _carry_out(self, run: _Run[R]) -> None:
        try:
            await self._answer(run, list(run.wishes))
        finally:
            self._running -= 1
            self._begin()

    async def _answer(self, run: _Run[R], wishes: list[_Wish[R]]) -> None:
        """A fault in one wish's texts is told to nobody else: each is then searched on its own."""
        texts = list(dict.fromkeys(text for wish in wishes for text in wish.texts))
        try:
            found = dict(zip(texts, await self._in_a_thread(texts, run.program), strict=True))
        except OutsideError as error:
            left = [wish for wish in wishes if not wish.answer.done()]
            if len(wishes) > 1:
                for wish in left:
                    await self._answer(run, [wish])
            else:
                _fail(left, error)
        except Exception as error:  # noqa: BLE001 - whoever waits hears it
            _fail(wishes, error)
        else:
            for wish in wishes:
                if not wish.answer.done():
                    wish.answer.set_result([found[text] for text in wish.texts])

    async def _in_a_thread(self, texts: list[str], program: Program) -> list[R]:
        """Where this task is cancelled, the program is ended first."""
        work = asyncio.ensure_future(asyncio.to_thread(self._search, texts, program))
        try:
            return await asyncio.shield(work)
        finally:
            if not work.done():
                program.stop()
                await asyncio.wait([work])
                with suppress(OutsideError):
                    work.result()


def _fail(wishes: list[_Wish[R]], error: Exception) -> None:
    for wish in wishes:
        if not wish.answer.done():
            wish.answer.set_exception(error)
