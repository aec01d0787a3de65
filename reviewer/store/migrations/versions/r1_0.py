"""Revision 1.0: what 0.1.0 and the programs before it made, whatever of it is there; and all of it where nothing is.

The tables are written out, since those of the program go on changing and a revision does not.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1.0"
down_revision = None

KINDS: dict[str, type[sa.types.TypeEngine[object]]] = {"int": sa.BigInteger, "text": sa.Text, "float": sa.Float}  # type: ignore[dict-item]
# Each column as name:kind=default, the primary key after a |.
TABLES = {
    "accounts": (
        "installation:int level:text who:text period:text begin:int until:int tokens:int nanos:int | installation "
        "level who period begin"
    ),
    "acts": (
        "installation:int repository:text number:int run:text step:text what:text how:text by:text head:text "
        "reason:text findings:text at:float | installation repository number run step"
    ),
    "answers": (
        "installation:int key:text text:text created:int used:float=0 kind:text='chunk' repository:text='' "
        "number:int=0 model:text='' prompt:text='' parameters:text='' size:int=1000 | installation key"
    ),
    "calls": (
        "installation:int call:text repository:text run:text delivery:text person:text purpose:text model:text "
        "prompt:text cost:text outcome:text tier:text request_id:text number:int input:int cached:int output:int "
        "reasoning:int calls:int estimated:int count:int nanos:int most:int=0 uncapped:int=0 at:float "
        "seconds:float | installation call"
    ),
    "commands": (
        "installation:int repository:text run:text why:text number:int login:text count:int at:float | "
        "installation repository run why"
    ),
    "configs": (
        "installation:int repository:text ref:text name:text text:text digest:text='' at:float=0 | installation "
        "repository ref"
    ),
    "credentials": ("name:text sealed:text at:float | name"),
    "deliveries": ("installation:int delivery:text created:int | installation delivery"),
    "dismissals": (
        "installation:int repository:text number:int name:text path:text code:text context:text category:text "
        "severity:text title:text body:text reason:text by:text at:float=0 forgotten:int=0 command:int=0 | "
        "installation repository number name"
    ),
    "fates": (
        "installation:int repository:text number:int name:text prompt:text severity:text fate:text said:float "
        "at:float | installation repository number name"
    ),
    "keys": ("installation:int sealed:text base_url:text last:text by:text at:float=0 | installation"),
    "leases": ("name:text holder:text until:float=0 | name"),
    "looks": (
        "installation:int run:text repository:text number:int prompt:text model:text tokens:int answers:int "
        "unread:int malformed:int findings:int astray:int checked:int refuted:int at:float | installation run"
    ),
    "open_calls": (
        "installation:int call:text holder:text repository:text run:text delivery:text person:text purpose:text "
        "model:text prompt:text number:int estimated:int most:int accounts:text tokens:int output:int nanos:int "
        "cost:text at:float | installation call"
    ),
    "overrides": (
        "installation:int repository:text number:int run:text head:text base:text by:text reason:text "
        "findings:text at:float=0 | installation repository number run"
    ),
    "pauses": (
        "installation:int repository:text number:int run:text head:text by:text ended_by:text at:float=0 "
        "ended:float=0 | installation repository number run"
    ),
    "policies": ("installation:int repository:text on_error:text | installation repository"),
    "reservations": ("installation:int key:text holder:text until:float=0 scope:text='' | installation key"),
    "runs": (
        "installation:int run:text repository:text number:int trigger:text head:text conclusion:text title:text "
        "findings:text usage:text cost:text model:text prompt_version:text seconds:float created:int "
        "blocking:text='{}' problem:text='' shown:text='' check_id:int=0 | installation run"
    ),
    "signed_out": ("name:text until:float | name"),
    "steps": ("installation:int run:text step:text nth:int result:int at:float=0 | installation run step"),
    "takeovers": ("workflow:text begun:int | workflow"),
    "wishes": (
        "installation:int repository:text number:int sequence:int delivery:text head:text kind:text at:float=0 "
        "previous:float=0 | installation repository number"
    ),
    "workers": ("name:text host:text pid:int beat:float=0 | name"),
}
INDEXES = {  # the table, and its columns
    "accounts_by_window": "accounts period begin level",
    "acts_by_time": "acts at",
    "answers_by_scope": "answers installation repository number",
    "answers_by_use": "answers installation used size",
    "calls_by_repository": "calls installation repository at",
    "calls_by_time": "calls at installation repository model nanos",
    "commands_by_time": "commands installation repository at",
    "fates_by_end": "fates at fate",
    "fates_by_time": "fates said prompt",
    "looks_by_time": "looks at prompt",
    "runs_by_head": "runs installation repository head",
    "runs_by_moment": "runs created conclusion",
    "runs_by_time": "runs installation created repository",
}


def upgrade() -> None:
    """Make what is missing: tables, columns (each has a default) and indexes."""
    there = sa.inspect(op.get_bind())
    tables = set(there.get_table_names())
    for name, written in TABLES.items():
        columns, _, key = written.partition(" | ")
        if name not in tables:
            op.create_table(name, *(_column(each) for each in columns.split()), sa.PrimaryKeyConstraint(*key.split()))
            continue
        known = {column["name"] for column in there.get_columns(name)}
        for column in map(_column, columns.split()):
            if column.name not in known:
                op.add_column(name, column)
    for name, about in INDEXES.items():
        table, *names = about.split()
        if table not in tables or name not in {index["name"] for index in there.get_indexes(table)}:
            op.create_index(name, table, names)


def downgrade() -> None:
    """There is no way back but a backup."""
    raise NotImplementedError


def _column(written: str) -> sa.Column[object]:
    about, _, default = written.partition("=")
    name, _, kind = about.partition(":")
    return sa.Column(name, KINDS[kind](), nullable=False, server_default=sa.text(default) if default else None)
