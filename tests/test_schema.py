"""The tables of any older program are brought to today's, and those of a newer one are left alone."""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from databases import database_url, sqlite_url

from reviewer.core.errors import OutsideError, UsageError
from reviewer.store import SqlStore, engine, migrations, schema
from reviewer.store.schema import NEWEST, REVISIONS, VERSIONS, _keep_copy, revision_of
from reviewer.store.tables import METADATA

__all__ = ["database_url", "sqlite_url"]

# As the very first program made them.
FIRST = """
CREATE TABLE answers (installation BIGINT NOT NULL, key TEXT NOT NULL, text TEXT NOT NULL, created BIGINT NOT NULL,
    PRIMARY KEY (installation, key));
CREATE TABLE wishes (installation BIGINT NOT NULL, repository TEXT NOT NULL, number BIGINT NOT NULL,
    sequence BIGINT NOT NULL, delivery TEXT NOT NULL, head TEXT NOT NULL, kind TEXT NOT NULL,
    PRIMARY KEY (installation, repository, number));
CREATE TABLE runs (installation BIGINT NOT NULL, run TEXT NOT NULL, repository TEXT NOT NULL, number BIGINT NOT NULL,
    trigger TEXT NOT NULL, head TEXT NOT NULL, conclusion TEXT NOT NULL, title TEXT NOT NULL, findings TEXT NOT NULL,
    usage TEXT NOT NULL, cost TEXT NOT NULL, model TEXT NOT NULL, prompt_version TEXT NOT NULL, seconds FLOAT NOT NULL,
    created BIGINT NOT NULL, PRIMARY KEY (installation, run));
INSERT INTO answers VALUES (7, 'a', 'kept', 1699999000)
"""


@pytest.fixture
def bare(database_url: str) -> Iterator[SqlStore]:
    """A database in which nothing has been made yet."""
    made = SqlStore(engine(database_url), now=lambda: 1_700_000_000.0)
    yield made
    made.close()


def first(store: SqlStore) -> None:
    with store.transaction() as connection:
        for statement in FIRST.split(";"):
            connection.exec_driver_sql(statement)


def nothing(_: SqlStore) -> None:
    """Left as it is."""


def stamp(store: SqlStore, revision: str) -> None:
    with store.transaction() as connection:
        connection.execute(sa.update(VERSIONS).values(version_num=revision))


def stamped(store: SqlStore) -> str | None:
    with store.transaction() as connection:
        return revision_of(connection)


def differences(store: SqlStore) -> list[Any]:
    """Between the tables of the database and those of the program, as alembic sees them, and in the primary keys."""
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        found = list(compare_metadata(context, METADATA))
        for table in METADATA.sorted_tables:
            key = sa.inspect(connection).get_pk_constraint(table.name)["constrained_columns"]
            if key != [column.name for column in table.primary_key]:
                found.append((table.name, key))
    return found


@pytest.mark.parametrize("before", [nothing, first], ids=["empty", "the first program's"])
def test_the_migrations_make_what_the_program_works_with(bare: SqlStore, before: Callable[[SqlStore], None]) -> None:
    """Whoever changes a table without a revision, or writes one that does something else, is told here."""
    before(bare)
    with bare.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        migrations.run(connection)
    assert stamped(bare) == NEWEST
    assert differences(bare) == [], "see 'Changing the tables' in CONTRIBUTING"


def test_an_empty_database_is_made_without_them(bare: SqlStore) -> None:
    """In one step, and it is what the migrations would have made."""
    bare.create_tables()
    assert (stamped(bare), differences(bare)) == (NEWEST, [])


def test_the_revisions_are_those_of_the_scripts() -> None:
    """In one line; a minor one takes nothing away that its forerunner's programs use."""
    config = Config()
    config.set_main_option("script_location", str(migrations.VERSIONS))
    scripts = [*ScriptDirectory.from_config(config).walk_revisions()][::-1]
    assert tuple(script.revision for script in scripts) == REVISIONS
    for script in scripts:
        assert re.fullmatch(r"\d+\.\d+", script.revision)
        source = Path(script.path).read_text(encoding="utf-8")
        assert script.revision.endswith(".0") or not re.search(r"op\.(drop|alter|rename)_", source)


# --- at the start ---------------------------------------------------------------------------------------------------


def test_what_an_older_program_made_is_brought_up(bare: SqlStore) -> None:
    """A file by any start, a server by the command alone, however many at once; what was kept is there."""
    first(bare)
    sqlite = bare.engine.dialect.name == "sqlite"
    if not sqlite:
        with pytest.raises(UsageError, match=r"of an older version .* run `reviewer db upgrade`"):
            bare.create_tables()
        assert stamped(bare) == ""
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda _: bare.create_tables(upgrade=not sqlite), range(3)))
    assert stamped(bare) == NEWEST
    assert asyncio.run(bare.answers(7, ["a"])) == {"a": "kept"}
    bare.create_tables()


def test_a_copy_is_kept_of_what_is_brought_up(sqlite_url: str, tmp_path: Path) -> None:
    """As it was, for nobody else to read; one that is there is not overwritten."""
    made = SqlStore(engine(sqlite_url))
    first(made)
    made.create_tables()
    kept = tmp_path / f"reviewer.db.before-{NEWEST}"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with sqlite3.connect(kept) as copy:
        assert [row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")] == [
            "answers",
            "wishes",
            "runs",
        ]
    copy.close()
    made.close()
    assert {path.name for path in tmp_path.iterdir()} == {"reviewer.db", kept.name}


def test_an_old_copy_is_not_taken_for_this_ones(sqlite_url: str, tmp_path: Path) -> None:
    """Who went back to a backup and comes again has two copies; who tries the same thing again has one."""
    made, old = SqlStore(engine(sqlite_url)), tmp_path / f"reviewer.db.before-{NEWEST}"
    old.write_text("of another day")
    first(made)
    kept = _keep_copy(tmp_path / "reviewer.db")
    assert kept == f"{old}-2"
    assert _keep_copy(tmp_path / "reviewer.db") == kept
    assert old.read_text() == "of another day"
    made.close()
    assert {path.name for path in tmp_path.iterdir()} == {"reviewer.db", old.name, Path(kept).name}


def test_without_room_for_the_copy_nothing_is_changed(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = SqlStore(engine(sqlite_url))
    first(made)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 1))
    with pytest.raises(OutsideError, match="make room, and start again"):
        made.create_tables()
    assert stamped(made) == ""
    made.close()


@pytest.mark.parametrize("upgrade", [False, True], ids=["start", "upgrade"])
def test_what_a_newer_program_made_is_left_alone(bare: SqlStore, upgrade: bool) -> None:
    """Refused with a sentence, by a process that runs as well."""
    bare.create_tables()
    stamp(bare, "9.0")
    with pytest.raises(UsageError, match=r"is of revision 9\.0, and this program knows 1\.\d+ at most: start a newer"):
        bare.create_tables(upgrade=upgrade)
    assert "revision 9.0" in asyncio.run(bare.ready())
    assert stamped(bare) == "9.0"


def test_a_minor_revision_more_is_no_hindrance(bare: SqlStore) -> None:
    """It has only added something: processes of both versions work side by side while a new one is rolled out."""
    bare.create_tables()
    stamp(bare, f"{NEWEST.partition('.')[0]}.99")
    bare.create_tables()
    assert asyncio.run(bare.ready()) == ""


def test_an_older_revision_under_a_process_is_told(bare: SqlStore) -> None:
    """Somebody restored a backup: what is missing is named, and the next start brings it up or says how."""
    bare.create_tables()
    stamp(bare, "")
    assert "of an older version" in asyncio.run(bare.ready())


def test_every_table_is_known_to_who_makes_them() -> None:
    """The tables lie in several files, of which each has to be imported."""
    files = (Path(schema.__file__).parent).glob("tables*.py")
    written = {
        name for file in files for name in re.findall(r'Table\((?: *#.*)?\s*"(\w+)"', file.read_text(encoding="utf-8"))
    }
    assert written == set(METADATA.tables)
