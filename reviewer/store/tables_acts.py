"""The table of what people did: rows are added, and struck when they are two years old; nothing else changes them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, PrimaryKeyConstraint, Table, Text

from reviewer.store.tables import METADATA

ACTS = Table(
    "acts",
    METADATA,
    Column("installation", BigInteger, nullable=False),
    Column("repository", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("run", Text, nullable=False),  # "": read from GitHub, or from an older program's tables
    Column("step", Text, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("what", "how", "by", "head", "reason")),
    Column("findings", Text, nullable=False),  # JSON: a label by name
    Column("at", Float, nullable=False),  # seconds since the epoch
    PrimaryKeyConstraint("installation", "repository", "number", "run", "step"),
    Index("acts_by_time", "at"),
)
