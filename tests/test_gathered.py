"""Searches share runs while others run, and nobody's fault or end is another one's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from reviewer.core.errors import OutsideError
from reviewer.secrets.gathered import TOGETHER, Gathered
from reviewer.secrets.program import Program

PATIENCE = 30.0  # seconds; no test measures time


class Search:
    """Finds the length of each text; the first run waits until it is let go. `bad` is a text that fails."""

    def __init__(self) -> None:
        self.runs: list[list[str]] = []
        self.begun, self.free = threading.Event(), threading.Event()
        self.programs: list[Program] = []

    def __call__(self, texts: list[str], program: Program) -> list[int]:
        self.runs.append(texts)
        self.programs.append(program)
        self.begun.set()
        while not self.free.wait(0.005):
            program.check()
        if "bad" in texts:
            raise OutsideError("bad")
        if "worse" in texts:
            raise ValueError
        return [len(text) for text in texts]


async def first_then(search: Search, *wishes: list[str]) -> list[list[int] | BaseException]:
    """One search takes the only place; the others come meanwhile."""
    gathered = Gathered(search, lambda: Program(PATIENCE), at_once=1)
    tasks = [asyncio.create_task(gathered.find(["first"]))]
    await asyncio.to_thread(search.begun.wait, PATIENCE)
    tasks += [asyncio.create_task(gathered.find(wish)) for wish in wishes]
    await asyncio.sleep(0)
    search.free.set()
    return await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), PATIENCE)


def test_who_comes_meanwhile_shares_a_run() -> None:
    """Each gets what was found in its own texts; a text that two have is searched once."""
    search = Search()
    found = asyncio.run(first_then(search, ["a", "bb"], ["bb", "ccc"]))
    assert found == [[5], [1, 2], [2, 3]]
    assert search.runs == [["first"], ["a", "bb", "ccc"]]


def test_what_is_large_goes_alone() -> None:
    """So that small ones do not wait for it, though it came before them."""
    search, large = Search(), "x" * (TOGETHER + 1)
    found = asyncio.run(first_then(search, ["a"], [large], ["b"]))
    assert found == [[5], [1], [TOGETHER + 1], [1]]
    assert [len(run) for run in search.runs] == [1, 2, 1]


@pytest.mark.parametrize(("text", "runs"), [("bad", 4), ("worse", 2)])
def test_a_fault_is_told_to_whom_it_is_about(text: str, runs: int) -> None:
    """The others are searched on their own; only what is a mistake of ours is told to all."""
    search = Search()
    _, one, other = asyncio.run(first_then(search, [text], ["fine"]))
    assert isinstance(one, OutsideError if text == "bad" else ValueError)
    assert other == [4] if text == "bad" else isinstance(other, ValueError)
    assert len(search.runs) == runs


def test_who_leaves_ends_only_what_nobody_waits_for() -> None:
    """One of two that share a run leaves: it goes on; the last one stops it, and its place is free again."""

    async def story() -> list[int]:
        gathered = Gathered(search, lambda: Program(PATIENCE), at_once=1)
        begin = asyncio.create_task(gathered.find(["first"]))
        await asyncio.to_thread(search.begun.wait, PATIENCE)
        one, two, three = (asyncio.create_task(gathered.find([text])) for text in "abc")
        await asyncio.sleep(0)
        await left(three)
        await left(begin)
        with pytest.raises(OutsideError):
            search.programs[0].check()
        await until(lambda: len(search.runs) == 2)
        await left(one)
        search.free.set()
        return await two

    search = Search()
    assert asyncio.run(story()) == [1]
    assert search.runs == [["first"], ["a", "b"]]


async def left(task: asyncio.Task[list[int]]) -> None:
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110 - it happens in a thread
            await asyncio.sleep(0.005)
