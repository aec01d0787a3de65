"""The table of calls under way: kept with their booking and struck with its settling; what stays in it was cut off."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, PrimaryKeyConstraint, Table, Text

from reviewer.store.tables import METADATA

OPEN_CALLS = Table(
    "open_calls",
    METADATA,
    Column("installation", BigInteger, nullable=False),
    Column("call", Text, nullable=False),  # of its row in the ledger
    Column("holder", Text, nullable=False),  # the worker that asks; "": a process that is none
    *(Column(name, Text, nullable=False) for name in ("repository", "run", "delivery", "person")),
    *(Column(name, Text, nullable=False) for name in ("purpose", "model", "prompt")),
    *(Column(name, BigInteger, nullable=False) for name in ("number", "estimated", "most")),
    Column("accounts", Text, nullable=False),  # their names, one a line
    *(Column(name, BigInteger, nullable=False) for name in ("tokens", "output", "nanos")),  # reserved; output of tokens
    Column("cost", Text, nullable=False),  # the same dollars as a decimal, "" without a price
    Column("at", Float, nullable=False),  # seconds since the epoch by the database's clock
    PrimaryKeyConstraint("installation", "call"),
)
