"""The table of the commands that people gave lately: what their limits are counted by, and no record of them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, PrimaryKeyConstraint, Table, Text

from reviewer.store.tables import METADATA

COMMANDS = Table(
    "commands",
    METADATA,
    Column("installation", BigInteger, nullable=False),
    Column("repository", Text, nullable=False),
    Column("run", Text, nullable=False),  # the comment's
    Column("why", Text, nullable=False),  # "" counts its commands; else all of them were refused, and why
    Column("number", BigInteger, nullable=False),
    Column("login", Text, nullable=False),  # in small letters
    Column("count", BigInteger, nullable=False),  # commands that were let in
    Column("at", Float, nullable=False),  # seconds since the epoch by the database's clock
    PrimaryKeyConstraint("installation", "repository", "run", "why"),
    Index("commands_by_time", "installation", "repository", "at"),
)
