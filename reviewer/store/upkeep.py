"""Strikes what is old, what has outlived its use, and the least recently used where there is too much.

What is to go is looked for before it is struck: what takes its time must not keep others from writing to the same file.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from reviewer.store.database import Database
from reviewer.store.lives import SHORTEST, WEEK, life_of
from reviewer.store.old import OLD, Old
from reviewer.store.open_calls import enter_lost
from reviewer.store.statements import strike
from reviewer.store.tables import ANSWERS, RUNS

AT_ONCE = 100  # rows in one transaction
LOOK = 1_000  # rows that are looked for at once
ROOM = 0.9  # of the bound is filled when something had to go, so that the next answer does not push out another one


def prune(database: Database, *, at_most: int, most_bytes: int) -> int:
    """One round over all tables; how many rows went. `at_most` of each kind go, and of each installation's answers.

    Those beyond `most_bytes` of an installation (0: no bound) go however many they are.
    """
    enter_lost(database)
    count = sum(_strike_old(database, old, at_most) for old in OLD)
    with database.transaction() as connection:
        installations = connection.execute(sa.select(ANSWERS.c.installation).distinct()).scalars().all()
    for installation in installations:
        count += _strike_outlived(database, installation, at_most) + evict(database, installation, most_bytes)
    return count


def evict(database: Database, installation: int, most_bytes: int) -> int:
    """Strike the least recently used answers of an installation that has more than so many bytes; how many went."""
    ours = ANSWERS.c.installation == installation
    with database.transaction() as connection:
        full = int(connection.execute(sa.select(sa.func.sum(ANSWERS.c.size)).where(ours)).scalar_one() or 0)
    over = full - ROOM * most_bytes if 0 < most_bytes < full else 0.0
    count = 0
    eldest = sa.select(ANSWERS.c.key, ANSWERS.c.used, ANSWERS.c.size).where(ours)
    while over > 0:
        with database.transaction() as connection:
            rows = connection.execute(eldest.order_by(ANSWERS.c.used, ANSWERS.c.key).limit(LOOK)).all()
        going = []
        for key, used, size in rows:
            if over > 0:
                going.append((key, used))
                over -= size
        count += _strike_answers(database, installation, going)
        if len(rows) < LOOK:
            break
    return count


def _strike_old(database: Database, old: Old, at_most: int) -> int:
    table, keys = old.table, list(old.table.primary_key)
    with database.transaction() as connection:
        gone = table.c[old.time] < database.time(connection) - old.seconds
        some = connection.execute(sa.select(*keys).where(gone).limit(at_most)).all()
    count = 0
    for start in range(0, len(some), AT_ONCE):
        chosen = sa.tuple_(*keys).in_([tuple(row) for row in some[start : start + AT_ONCE]])
        with database.transaction() as connection:
            count += strike(connection, table, chosen, gone)
    return count


def _strike_outlived(database: Database, installation: int, at_most: int) -> int:
    """The answers that nobody has used for the whole life that their kind has in their repository."""
    with database.transaction() as connection:
        now = database.time(connection)
        recent = RUNS.c.installation == installation, RUNS.c.created >= now - WEEK
        busy = sa.select(RUNS.c.repository, sa.func.count().label("runs")).where(*recent).group_by(RUNS.c.repository)
        runs = busy.subquery()
        since = now - life_of(ANSWERS.c.kind, runs.c.runs)
        outlived = (
            sa.select(ANSWERS.c.key, ANSWERS.c.used)
            .select_from(ANSWERS.outerjoin(runs, runs.c.repository == ANSWERS.c.repository))
            .where(ANSWERS.c.installation == installation, ANSWERS.c.used < now - SHORTEST)
            .where(ANSWERS.c.used < since, ANSWERS.c.created < since)
        )
        rows = connection.execute(outlived.limit(at_most)).all()
    return _strike_answers(database, installation, [(key, used) for key, used in rows])


def _strike_answers(database: Database, installation: int, chosen: Sequence[tuple[str, float]]) -> int:
    """Those that were not used since they were chosen."""
    count = 0
    for start in range(0, len(chosen), AT_ONCE):
        some = chosen[start : start + AT_ONCE]
        unused = ANSWERS.c.used <= max(used for _, used in some)
        with database.transaction() as connection:
            ours = ANSWERS.c.installation == installation, ANSWERS.c.key.in_([key for key, _ in some])
            count += strike(connection, ANSWERS, *ours, unused)
    return count
