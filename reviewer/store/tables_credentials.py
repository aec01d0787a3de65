"""The table of credentials: what `/setup` got for this server, sealed before it comes here; of no installation."""

from __future__ import annotations

from sqlalchemy import Column, Float, Table, Text

from reviewer.store.tables import METADATA

CREDENTIALS = Table(
    "credentials",
    METADATA,
    Column("name", Text, primary_key=True),  # of the variable whose place it takes
    Column("sealed", Text, nullable=False),
    Column("at", Float, nullable=False),  # when it was kept: seconds since the epoch
)
