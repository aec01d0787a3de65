"""The tables: every primary key begins with the installation, so that installations can live in separate databases."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, MetaData, PrimaryKeyConstraint, Table, Text

METADATA = MetaData()


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


ANSWERS = Table(  # the model's answers by chunk key; findings only, no source code
    "answers",
    METADATA,
    _number("installation"),
    _text("key"),
    _text("text"),
    _number("created"),
    PrimaryKeyConstraint("installation", "key"),
)

DELIVERIES = Table(  # which deliveries were taken: a redelivery is no new wish
    "deliveries",
    METADATA,
    _number("installation"),
    _text("delivery"),
    _number("created"),
    PrimaryKeyConstraint("installation", "delivery"),
)

WISHES = Table(  # the newest wish for each pull request; `sequence` counts them
    "wishes",
    METADATA,
    _number("installation"),
    _text("repository"),
    _number("number"),
    _number("sequence"),
    _text("delivery"),
    _text("head"),
    _text("kind"),
    PrimaryKeyConstraint("installation", "repository", "number"),
)

CHECKS = Table(  # the check run that each run opened
    "checks",
    METADATA,
    _number("installation"),
    _text("run"),
    _number("check_run"),
    PrimaryKeyConstraint("installation", "run"),
)

RUNS = Table(  # finished runs; `findings` and `usage` are JSON, `cost` is a decimal as text
    "runs",
    METADATA,
    _number("installation"),
    _text("run"),
    _text("repository"),
    _number("number"),
    _text("trigger"),
    _text("head"),
    _text("conclusion"),
    _text("title"),
    _text("findings"),
    _text("usage"),
    _text("cost"),
    _text("model"),
    _text("prompt_version"),
    Column("seconds", Float, nullable=False),
    _number("created"),
    PrimaryKeyConstraint("installation", "run"),
)
