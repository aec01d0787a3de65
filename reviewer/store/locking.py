"""In which order rows are locked: everybody keeps to it, so that no two wait for one another."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from reviewer.core.types import Level
from reviewer.store.tables import ACCOUNTS

# The narrowest account first: what all share is locked last, so for the shortest time.
ORDER: tuple[Level, ...] = ("person", "repository", "installation", "everything")


def order_of(table: sa.Table) -> list[sa.ColumnElement[Any]]:
    """By the primary key, as `put` is given the rows; accounts by their level before that, as bookings lock them."""
    keys: list[sa.ColumnElement[Any]] = list(table.primary_key)
    if table is ACCOUNTS:
        ranks = {level: rank for rank, level in enumerate(ORDER)}
        keys.insert(0, sa.case(ranks, value=ACCOUNTS.c.level, else_=len(ORDER)))
    return keys
