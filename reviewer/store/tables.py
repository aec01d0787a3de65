"""The tables: every primary key begins with the installation, so that installations can live in separate databases.

The last three are of the workers themselves, and belong to no installation.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, MetaData, PrimaryKeyConstraint, Table, Text, text

METADATA = MetaData()


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _since(name: str) -> Column[float]:
    """Seconds since the epoch. The default lets the column be added to a table that an older program made."""
    return Column(name, Float, nullable=False, server_default=text("0"))


def _label(name: str, default: str = "") -> Column[str]:
    """A text that came later; the default lets it be added to a table that an older program made."""
    return Column(name, Text, nullable=False, server_default=text(f"'{default}'"))


def _count(name: str, default: int = 0) -> Column[int]:
    """A number that came later; the default lets it be added to a table that an older program made."""
    return Column(name, BigInteger, nullable=False, server_default=text(str(default)))


ANSWERS = Table(  # the model's answers by key, what made them and for what; findings only, no source code
    "answers",
    METADATA,
    _number("installation"),
    _text("key"),
    _text("text"),
    _number("created"),
    _since("used"),  # to the hour
    _label("kind", "chunk"),
    _label("repository"),  # what it was made for, and the pull request; "" and 0 where it is not known
    _count("number"),
    _label("model"),
    _label("prompt"),
    _label("parameters"),  # JSON
    _count("size", 1_000),  # bytes, about; the default is what an older program's answer is taken for
    PrimaryKeyConstraint("installation", "key"),
    Index("answers_by_use", "installation", "used", "size"),  # holds all that is asked of how much there is
    Index("answers_by_scope", "installation", "repository", "number"),
)

RESERVATIONS = Table(  # who alone may ask the model for an answer, and until when (by the database's clock)
    "reservations",
    METADATA,
    _number("installation"),
    _text("key"),
    _text("holder"),
    _since("until"),
    _label("scope"),  # the pull request, whose runs come one at a time
    PrimaryKeyConstraint("installation", "key"),
)

DISMISSALS = Table(  # what people have dismissed, by pull request and fingerprint; all texts are cut to a length
    "dismissals",
    METADATA,
    _number("installation"),
    _text("repository"),
    _number("number"),
    _text("name"),
    *(_text(name) for name in ("path", "code", "context", "category", "severity", "title", "body", "reason", "by")),
    _since("at"),
    Column("forgotten", BigInteger, nullable=False, server_default=text("0")),  # 1: kept as a name, without its words
    _count("command"),  # 1: dismissed in words, not by a button
    PrimaryKeyConstraint("installation", "repository", "number", "name"),
)

OVERRIDES = Table(  # who let which head pass, and what blocked there (JSON, by name); never struck: it is the record
    "overrides",
    METADATA,
    _number("installation"),
    _text("repository"),
    _number("number"),
    _text("run"),  # of the command
    *(_text(name) for name in ("head", "base", "by", "reason", "findings")),
    _since("at"),
    PrimaryKeyConstraint("installation", "repository", "number", "run"),
)

PAUSES = Table(  # who paused the reviews of a pull request, and who ended that; never struck: it is the record
    "pauses",
    METADATA,
    _number("installation"),
    _text("repository"),
    _number("number"),
    _text("run"),  # of the command
    *(_text(name) for name in ("head", "by", "ended_by")),
    _since("at"),
    _since("ended"),
    PrimaryKeyConstraint("installation", "repository", "number", "run"),
)

POLICIES = Table(  # how a repository last wanted a check to end that could not review
    "policies",
    METADATA,
    _number("installation"),
    _text("repository"),
    _text("on_error"),
    PrimaryKeyConstraint("installation", "repository"),
)

CONFIGS = Table(  # the last configuration file of each branch that could be read
    "configs",
    METADATA,
    _number("installation"),
    _text("repository"),
    _text("ref"),  # HEAD: of the default branch
    _text("name"),  # "" where there was none
    _text("text"),  # without secrets
    _label("digest"),  # of the text as it was
    _since("at"),  # when it was last seen, to the day
    PrimaryKeyConstraint("installation", "repository", "ref"),
)

KEYS = Table(  # the installations' own keys, sealed; never shown again
    "keys",
    METADATA,
    _number("installation"),
    *(_text(name) for name in ("sealed", "base_url", "last", "by")),
    _since("at"),
    PrimaryKeyConstraint("installation"),
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
    _label("blocking", "{}"),  # JSON
    *(_label(name) for name in ("problem", "shown")),  # why it could not be decided whole; what the check said, "": so
    _count("check_id"),  # on GitHub
    PrimaryKeyConstraint("installation", "run"),
    Index("runs_by_head", "installation", "repository", "head"),
    Index("runs_by_time", "installation", "created", "repository"),  # how busy each repository is
    Index("runs_by_moment", "created", "conclusion"),  # the newest of all installations
)

ACCOUNTS = Table(  # what a window has used of tokens and of billionths of a dollar, with what is reserved
    "accounts",
    METADATA,
    _number("installation"),  # 0: of everything
    *(_text(name) for name in ("level", "who", "period")),
    *(_number(name) for name in ("begin", "until", "tokens", "nanos")),
    PrimaryKeyConstraint("installation", "level", "who", "period", "begin"),
    Index("accounts_by_window", "period", "begin", "level"),
)

CALLS = Table(  # the ledger; `cost` is a decimal as text, "" without a price, and `nanos` the same to be added up
    "calls",
    METADATA,
    _number("installation"),
    *(_text(name) for name in ("call", "repository", "run", "delivery", "person", "purpose", "model", "prompt")),
    *(_text(name) for name in ("cost", "outcome", "tier", "request_id")),
    *(_number(name) for name in ("number", "input", "cached", "output", "reasoning", "calls", "estimated", "count")),
    *(_number("nanos"), _count("most"), _count("uncapped")),  # output it was to have (0: not kept); 1: it was not told
    *(Column(name, Float, nullable=False) for name in ("at", "seconds")),
    PrimaryKeyConstraint("installation", "call"),
    Index("calls_by_time", "at", "installation", "repository", "model", "nanos"),  # holds what is asked of the spending
    Index("calls_by_repository", "installation", "repository", "at"),
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
