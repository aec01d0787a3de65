"""The table of the page's sessions that were signed out: kept for as long as their cookies would have been good."""

from __future__ import annotations

from sqlalchemy import Column, Float, Table, Text

from reviewer.store.tables import METADATA

SIGNED_OUT = Table(
    "signed_out",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("until", Float, nullable=False),  # seconds since the epoch
)
