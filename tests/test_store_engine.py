"""A database URL opens durable connections, or says in one sentence why it cannot."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewer.core.errors import OutsideError, UsageError
from reviewer.store import SqlStore, engine

NOBODY = 65534  # its number everywhere


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("reviewer.db", "is not a URL"),
        ("mysql://root:hunter2@db/app", "begins with 'mysql'"),
        ("sqlite:///{tmp}/no/such/reviewer.db", "the folder {tmp}/no/such does not exist"),
        ("sqlite:///{tmp}", "{tmp} is a folder"),
        ("sqlite:///{tmp}/text.db", "file is not a database"),
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
        ("sqlite:///file:reviewer?mode=memory&uri=true", "must name a file"),
        ("sqlite:////proc/reviewer.db", "cannot be written"),
        ("postgresql://user:hunter2@db", "names no database"),
    ],
)
def test_a_url_that_cannot_be_used_says_why(url: str, words: str, tmp_path: Path) -> None:
    """One sentence that names the variable and what is wrong, and never the password."""
    (tmp_path / "text.db").write_text("not a database, but long enough to be taken for one " * 100)
    with pytest.raises(UsageError) as caught:
        engine(url.format(tmp=tmp_path))
    assert words.format(tmp=tmp_path) in str(caught.value)
    assert str(caught.value).startswith("REVIEWER_DATABASE_URL")
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Of somebody who is not root, as the test is meanwhile: root may write everywhere."""
    with tempfile.TemporaryDirectory() as name:
        if os.geteuid():
            yield Path(name)
            return
        os.chown(name, NOBODY, NOBODY)
        os.seteuid(NOBODY)
        try:
            yield Path(name)
        finally:
            os.seteuid(0)


@pytest.mark.parametrize("used", [False, True], ids=["empty", "used before"])
def test_a_read_only_database_says_so(folder: Path, used: bool) -> None:
    """A file that cannot be written is told at start, not at the first webhook."""
    url, file = f"sqlite:///{folder}/reviewer.db", folder / "reviewer.db"
    file.touch()
    if used:  # SQLite takes such a file's transaction without a word
        before = SqlStore(engine(url))
        before.create_tables()
        before.close()
    file.chmod(0o400)
    with pytest.raises(UsageError, match="cannot be written"):
        engine(url)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_postgresql_is_reached_by_psycopg(scheme: str) -> None:
    """Every way to write it means the one driver that is installed."""
    made = engine(f"{scheme}://user:secret@host/name")
    assert made.url.drivername == "postgresql+psycopg"
    assert made.url.database == "name"


def test_every_sqlite_connection_is_durable(tmp_path: Path) -> None:
    """A commit survives the power cord on each connection, not only on the first."""
    made = engine(f"sqlite:///{tmp_path}/reviewer.db")
    with made.connect() as first, made.connect() as second:
        for connection in (first, second):
            pragmas = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
            ]
            assert pragmas == ["wal", 2, 8_000, 1]
    made.dispose()


def test_a_server_that_is_down_is_an_outside_error(tmp_path: Path) -> None:
    """Whoever starts the program reads one sentence about the database, without statement or password."""
    store = SqlStore(engine(f"postgresql://user:hunter2@/name?host={tmp_path}"))
    with pytest.raises(OutsideError) as caught:
        store.create_tables()
    assert "the database did not answer as it should" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert asyncio.run(store.ready()) == str(caught.value)
