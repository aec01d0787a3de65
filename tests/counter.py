"""A till over a database of its own, and calls that are paid at it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from asker import Asker, review
from databases import sqlite_url
from examiner import Quarter

from reviewer.core.spending import parse_limits
from reviewer.core.types import Answer, Fill, Payer, Prompt, Spent
from reviewer.metering import Metered
from reviewer.ports import Limits, Spending
from reviewer.ports.trace import UNTRACED, unkept
from reviewer.purse import weight
from reviewer.store import SqlStore, engine
from reviewer.store.tables import CALLS
from reviewer.store.tables_open import OPEN_CALLS
from reviewer.till import Till

__all__ = ["sqlite_url"]

AT = 1_795_392_000.0
MONTH = "everything 900M/month"
PRICE = (Decimal(10), Decimal(1), Decimal(100))
PAYER = Payer(7, "octo/app", 1, "run", "delivery", "ann")


class Counter:
    """A till over a database, with what its run heard; sleeping lets others work."""

    def __init__(self, url: str) -> None:
        self.store = SqlStore(engine(url), now=lambda: AT)
        self.store.create_tables()
        self.naps: list[float] = []
        self.warned: list[Fill] = []
        self.spent = Spent()
        self.during: Callable[[], Awaitable[object]] | None = None

    def till(self, limits: str = MONTH, payer: Payer = PAYER, prices: Any = None) -> Till:
        tools = SimpleNamespace(
            spending=Spending(parse_limits(limits), filling=self.warned.append),
            prices=prices or {"gpt-x": PRICE},
            store=self.store,
            tokens=Quarter,
            now=lambda: AT,
            clock=lambda: 0.0,
            sleep=self._sleep,
            trace=UNTRACED,
            asked=unkept,
            limits=Limits(),
        )
        run: Any = SimpleNamespace(tools=tools, paid=self._paid)
        return Till(run, payer)

    def used(self, limits: str = MONTH) -> int:
        """Tokens of the fullest account."""
        found = asyncio.run(self.store.accounts(parse_limits(limits)))
        return found[0].used.tokens if found else 0

    @property
    def rows(self) -> list[sa.RowMapping]:
        with self.store.transaction() as connection:
            return list(connection.execute(sa.select(CALLS).order_by(CALLS.c.call)).mappings())

    @property
    def open(self) -> list[sa.RowMapping]:
        """Calls under way."""
        with self.store.transaction() as connection:
            return list(connection.execute(sa.select(OPEN_CALLS)).mappings())

    def _paid(self, spent: Spent) -> None:
        self.spent += spent

    async def _sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        if self.during:
            await self.during()


@pytest.fixture
def counter(sqlite_url: str) -> Iterator[Counter]:
    made = Counter(sqlite_url)
    yield made
    made.store.close()


def small(most: int = 1_000) -> Prompt:
    return replace(review(), max_output=most)


def call(asker: Asker, till: Till, prompt: Prompt | None = None) -> Answer:
    async def story() -> Answer:
        try:
            return await Metered(asker.model, till, spare=False).call(prompt or small())
        finally:
            await asker.model.aclose()

    return asyncio.run(story())


def reserve(till: Till, prompt: Prompt | None = None) -> int:
    """What a call of the model reserves."""
    prompt = prompt or small()
    estimate = Metered(Asker("http://127.0.0.1:9").model, till, spare=False)._estimate(
        replace(prompt, tokens=prompt.tokens or weigh(prompt))
    )
    return estimate.input + estimate.output


def weigh(prompt: Prompt) -> int:
    return weight(prompt, Quarter().count)
