"""The tables of quality: the fate of each finding that was said, and what each look at a pull request came to."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, PrimaryKeyConstraint, Table, Text

from reviewer.store.tables import METADATA

COUNTS = ("answers", "unread", "malformed", "findings", "astray", "checked", "refuted")  # as in Quality

FATES = Table(  # by pull request and fingerprint; `prompt` is the label of the one that said it
    "fates",
    METADATA,
    Column("installation", BigInteger, nullable=False),
    Column("repository", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("name", "prompt", "severity", "fate")),
    Column("said", Float, nullable=False),  # seconds since the epoch, as is
    Column("at", Float, nullable=False),  # since when the fate is so
    PrimaryKeyConstraint("installation", "repository", "number", "name"),
    Index("fates_by_time", "said", "prompt"),
    Index("fates_by_end", "at", "fate"),
)

LOOKS = Table(  # one for each review that came to its end
    "looks",
    METADATA,
    Column("installation", BigInteger, nullable=False),
    Column("run", Text, nullable=False),
    Column("repository", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("prompt", "model")),
    *(Column(name, BigInteger, nullable=False) for name in ("tokens", *COUNTS)),
    Column("at", Float, nullable=False),  # seconds since the epoch
    PrimaryKeyConstraint("installation", "run"),
    Index("looks_by_time", "at", "prompt"),
)
