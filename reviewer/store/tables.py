"""The tables: every primary key begins with the installation, so that installations can live in separate databases.

The last three are of the workers themselves, and belong to no installation.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, MetaData, PrimaryKeyConstraint, Table, Text, text

METADATA = MetaData()


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _since(name: str) -> Column[float]:
    """Seconds since the epoch. The default lets the column be added to a table that an older program made."""
    return Column(name, Float, nullable=False, server_default=text("0"))


ANSWERS = Table(  # the model's answers by chunk key; findings only, no source code
    "answers",
    METADATA,
    _number("installation"),
    _text("key"),
    _text("text"),
    _number("created"),
    _since("used"),  # to the day
    PrimaryKeyConstraint("installation", "key"),
)

POLICIES = Table(  # how a repository last wanted a check to end that could not review
    "policies",
    METADATA,
    _number("installation"),
    _text("repository"),
    _text("on_error"),
    PrimaryKeyConstraint("installation", "repository"),
)

DELIVERIES = Table(  # which deliveries were taken: a redelivery is no new wish
    "deliveries",
    METADATA,
    _number("installation"),
    _text("delivery"),
    _number("created"),
    PrimaryKeyConstraint("installation", "delivery"),
)

WISHES = Table(  # the newest wish for each pull request; `sequence` counts them; when it and the one before it came
    "wishes",
    METADATA,
    _number("installation"),
    _text("repository"),
    _number("number"),
    _number("sequence"),
    _text("delivery"),
    _text("head"),
    _text("kind"),
    _since("at"),
    _since("previous"),
    PrimaryKeyConstraint("installation", "repository", "number"),
)

STEPS = Table(  # what each run set out to do on GitHub, in order, and what came of it: an id, 0 while that is unknown
    "steps",
    METADATA,
    _number("installation"),
    _text("run"),
    _text("step"),
    _number("nth"),
    _number("result"),
    _since("at"),
    PrimaryKeyConstraint("installation", "run", "step"),
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

WORKERS = Table(  # who works, and when it last said so (seconds since the epoch by the database's clock)
    "workers",
    METADATA,
    _text("name"),
    _text("host"),
    _number("pid"),
    _since("beat"),
    PrimaryKeyConstraint("name"),
)

LEASES = Table(  # what one worker at a time does for all
    "leases",
    METADATA,
    _text("name"),
    _text("holder"),
    _since("until"),
    PrimaryKeyConstraint("name"),
)

TAKEOVERS = Table(  # how often a workflow had been begun when it was taken over from a dead worker
    "takeovers",
    METADATA,
    _text("workflow"),
    _number("begun"),
    PrimaryKeyConstraint("workflow"),
)
