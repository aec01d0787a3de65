"""The answer cache: the checkpoint of a review, what each installation may keep of it, and who asks for what now."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from reviewer.ports.store import Entry
from reviewer.store.database import Database
from reviewer.store.lives import longest
from reviewer.store.statements import insert, put, strike, whole
from reviewer.store.tables import ANSWERS, RESERVATIONS
from reviewer.store.upkeep import evict

MEGABYTE = 1 << 20
HOUR = 3_600.0
KEYS_AT_ONCE = 500  # SQLite takes 32,766 variables in a statement, builds of it 999
ROW = 300  # bytes that a row takes beside its text: keys, labels, indexes
DIGITS = 18  # of a number that fits into 64 bits
SHARE = 16  # an installation's answers are counted whenever a process has written such a part of what they may be
JUST = 60.0  # seconds that may lie between a look for an answer and the reservation of its key


class SqlAnswers(Database):
    """Satisfies `ports.Answers`. `cache_bytes` is what the answers of one installation may take; 0 for no bound."""

    def __init__(
        self, engine: sa.Engine, *, now: Callable[[], float] = time.time, cache_bytes: int = 512 * MEGABYTE
    ) -> None:
        super().__init__(engine, now=now)
        self.cache_bytes = cache_bytes
        self._written: dict[int, int] = {}  # installation -> bytes since its answers were counted, about

    async def answers(self, installation: int, keys: Sequence[str]) -> dict[str, str]:
        return await asyncio.to_thread(self._answers, installation, keys)

    def _answers(self, installation: int, keys: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        columns = [ANSWERS.c[name] for name in ("key", "text", "kind", "created", "used")]
        for some in _parts(keys):
            with self.transaction() as connection:
                query = sa.select(*columns).where(ANSWERS.c.installation == installation, ANSWERS.c.key.in_(some))
                rows = connection.execute(query).all()
            now = self.now()
            live = [row for row in rows if max(row.created, row.used) >= now - longest(row.kind)]
            found.update((row.key, row.text) for row in live)
            self._touch(installation, {row.key: _size(row.text) for row in live if row.used < now - HOUR}, now)
        return found

    def _touch(self, installation: int, sizes: Mapping[str, int], now: float) -> None:
        """The size is written for the sake of what an older program has kept."""
        if sizes:
            of = ANSWERS.c.installation == installation, ANSWERS.c.key == sa.bindparam("k")
            used = sa.update(ANSWERS).where(*of).values(used=now, size=sa.bindparam("s"))
            with self.transaction() as connection:
                # In one order: two writers of the same rows cannot deadlock. So everywhere here.
                connection.execute(used, [{"k": key, "s": size} for key, size in sorted(sizes.items())])

    async def keep_answers(self, installation: int, entries: Mapping[str, Entry]) -> None:
        if entries:
            await asyncio.to_thread(self._keep_answers, installation, entries)

    def _keep_answers(self, installation: int, entries: Mapping[str, Entry]) -> None:
        now = self.now()
        rows = [_row(entry, installation, key, now) for key, entry in sorted(entries.items())]
        with self.transaction() as connection:
            put(connection, ANSWERS, rows)
            for some in _parts(entries):
                ours = RESERVATIONS.c.installation == installation, RESERVATIONS.c.key.in_(some)
                strike(connection, RESERVATIONS, *ours, wait=True)
        # Threads may lose a sum to one another: the bound is then met a little later, or at the next upkeep.
        self._written[installation] = self._written.get(installation, 0) + sum(row["size"] for row in rows)
        if self._written[installation] * SHARE > self.cache_bytes > 0:
            self._written[installation] = 0
            evict(self, installation, self.cache_bytes)

    async def holds(self, installation: int, scope: str) -> bool:
        return await asyncio.to_thread(self._holds, installation, scope)

    def _holds(self, installation: int, scope: str) -> bool:
        repository, number = _place(scope)
        of = ANSWERS.c.installation == installation, ANSWERS.c.repository == repository, ANSWERS.c.number == number
        with self.transaction() as connection:
            return connection.execute(sa.select(ANSWERS.c.key).where(*of).limit(1)).first() is not None

    # --- reservations: two that need the same answer pay once -----------------------------------------------------

    async def reserve(
        self, installation: int, keys: Sequence[str], holder: str, seconds: float, scope: str = ""
    ) -> frozenset[str]:
        """A key that was answered within the last minute is not given either: its answer came since the caller looked.

        An older answer is no bar: the caller has seen it, and cannot use it.
        """
        if not keys:
            return frozenset()
        return await asyncio.to_thread(self._reserve, installation, keys, whole(holder), seconds, whole(scope))

    def _reserve(
        self, installation: int, keys: Sequence[str], holder: str, seconds: float, scope: str = ""
    ) -> frozenset[str]:
        with self.transaction() as connection:
            now = self.time(connection)
            statement = insert(connection, RESERVATIONS)
            new = {name: statement.excluded[name] for name in ("holder", "until", "scope")}
            free = sa.or_(RESERVATIONS.c.until < now, RESERVATIONS.c.holder == holder)
            taken = statement.on_conflict_do_update(index_elements=["installation", "key"], set_=new, where=free)
            row = {"installation": installation, "holder": holder, "until": now + seconds, "scope": scope}
            rows = [{**row, "key": key} for key in sorted(set(keys))]
            given = set(connection.execute(taken.returning(RESERVATIONS.c.key), rows).scalars())
            for some in _parts(sorted(given)):
                # Looked for after the rows are locked: who kept an answer has struck its reservation with it.
                of = ANSWERS.c.installation == installation, ANSWERS.c.key.in_(some), ANSWERS.c.created >= now - JUST
                answered = set(connection.execute(sa.select(ANSWERS.c.key).where(*of)).scalars())
                given -= answered
                self._strike(connection, installation, sorted(answered), holder)
        return frozenset(given)

    async def release(self, installation: int, keys: Sequence[str], holder: str) -> None:
        if keys:
            await asyncio.to_thread(self._release, installation, keys, whole(holder))

    def _release(self, installation: int, keys: Sequence[str], holder: str) -> None:
        with self.transaction() as connection:
            self._strike(connection, installation, sorted(set(keys)), holder)

    async def release_all(self, installation: int, holder: str, scope: str = "") -> None:
        await asyncio.to_thread(self._release_all, installation, whole(holder), whole(scope))

    def _release_all(self, installation: int, holder: str, scope: str) -> None:
        theirs = RESERVATIONS.c.holder == holder
        if scope:
            theirs |= RESERVATIONS.c.scope == scope
        with self.transaction() as connection:
            strike(connection, RESERVATIONS, RESERVATIONS.c.installation == installation, theirs, wait=True)

    def _strike(self, connection: sa.Connection, installation: int, keys: Sequence[str], holder: str) -> None:
        for some in _parts(keys):
            ours = RESERVATIONS.c.installation == installation, RESERVATIONS.c.key.in_(some)
            strike(connection, RESERVATIONS, *ours, RESERVATIONS.c.holder == holder, wait=True)


def _parts(keys: Sequence[str] | Mapping[str, Any]) -> Iterator[Sequence[str]]:
    listed = list(keys)
    return (listed[start : start + KEYS_AT_ONCE] for start in range(0, len(listed), KEYS_AT_ONCE))


def _place(scope: str) -> tuple[str, int]:
    repository, _, number = whole(scope).partition("#")
    return repository, int(number) if number.isdecimal() and len(number) <= DIGITS else 0


def _size(text: str) -> int:
    return len(text.encode()) + ROW


def _row(entry: Entry, installation: int, key: str, now: float) -> dict[str, Any]:
    repository, number = _place(entry.scope)
    text = whole(entry.text)
    return {
        "installation": installation,
        "key": key,
        "text": text,
        "created": int(now),
        "used": now,
        "kind": entry.kind,
        "repository": repository,
        "number": number,
        "model": whole(entry.model),
        "prompt": whole(entry.prompt),
        "parameters": whole(entry.parameters),
        "size": _size(text),
    }
