"""`reviewer db` and `reviewer purge`, as somebody types them; and a start beside a database that is not there yet."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import sys
from io import StringIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs
from typer.testing import CliRunner

from reviewer.__main__ import cli
from reviewer.commands.purge import purge_command
from reviewer.core.errors import OutsideError, UsageError
from reviewer.jobs.tables import make
from reviewer.ports import Entry
from reviewer.settings import load
from reviewer.store import SqlStore, engine
from reviewer.store.backup import copy
from reviewer.store.schema import NEWEST, VERSIONS


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the database of the settings is, or will be."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REVIEWER_DATABASE_URL", f"sqlite:///{tmp_path}/reviewer.db")
    return tmp_path / "reviewer.db"


def played(*words: str) -> tuple[int, str]:
    """The exit code and what was said; UsageError as `main` shows it."""
    answer = CliRunner().invoke(cli, list(words), standalone_mode=False)
    if isinstance(answer.exception, UsageError):
        return 2, str(answer.exception)
    assert answer.exception is None, answer.exception
    return answer.return_value or 0, answer.stdout


def filled(file: Path) -> None:
    store = SqlStore(engine(f"sqlite:///{file}"))
    store.create_tables()
    for installation in (7, 8):
        asyncio.run(
            store.keep_answers(installation, {"a": Entry("x", "chunk", "octo/app#1"), "b": Entry("y", "chunk")})
        )
    store.close()


def test_a_database_is_brought_up_and_shown(file: Path) -> None:
    """From nothing, from an older program's, and where there is nothing to do; to look makes none."""
    assert played("db", "status") == (
        2,
        f"There is no database {file}: run this where `reviewer serve` runs, or set REVIEWER_DATABASE_URL to its database.",
    )
    assert not file.exists()
    assert played("db", "upgrade") == (0, f"The database was of revision none, and is of revision {NEWEST} now.\n")
    assert played("db", "upgrade") == (0, f"The database is of revision {NEWEST}: there is nothing to do.\n")
    filled(file)
    code, said = played("db", "status")
    assert (code, "revision 1." in said, "  answers  4\n" in said) == (0, True, True)
    with sqlite3.connect(file) as connection:
        connection.execute(f"UPDATE {VERSIONS.name} SET version_num = '9.0'")
    connection.close()
    code, said = played("db", "status")
    assert (code, "The database is of revision 9.0, and this program knows" in said) == (2, True)
    assert "start a newer version" in played("db", "upgrade")[1]


def test_a_backup_is_whole_and_overwrites_nothing(file: Path, tmp_path: Path) -> None:
    """While somebody writes; for its owner alone, and one file."""
    filled(file)
    writer = sqlite3.connect(file)
    writer.execute("INSERT INTO takeovers VALUES ('not committed', 1)")
    assert played("db", "backup", "copy.db")[0] == 0
    writer.close()
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    store = SqlStore(engine(f"sqlite:///{tmp_path}/copy.db"))
    assert asyncio.run(store.answers(7, ["a", "b"])) == {"a": "x", "b": "y"}
    store.close()
    code, said = played("db", "backup", "copy.db")
    assert (code, "no backup is overwritten" in said) == (2, True)
    assert played("db", "backup", "no/such/copy.db")[0] == 2
    assert {path.name for path in tmp_path.iterdir()} <= {
        "reviewer.db",
        "reviewer.db-wal",
        "reviewer.db-shm",
        "copy.db",
    }


def test_a_damaged_database_gives_no_backup(file: Path, tmp_path: Path) -> None:
    """The last good one is worth more than a new bad one."""
    filled(file)
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [page], [size] = (
            connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'answers'").fetchone(),
            connection.execute("PRAGMA page_size").fetchone(),
        )
    connection.close()
    with file.open("r+b") as damaged:
        damaged.seek((page - 1) * size)
        damaged.write(b"\xa5" * size)
    with pytest.raises(OutsideError, match=r"is damaged, and so would be a copy of it|malformed"):
        copy(file, tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy.db*"))


def test_of_postgresql_the_command_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exactly, without the password, which others on the machine could read."""
    monkeypatch.setenv("REVIEWER_DATABASE_URL", "postgresql://ann:hunter2@db.example/reviews")
    code, said = played("db", "backup", "copy.dump")
    assert code == 2
    assert "`pg_dump --format=custom --file=copy.dump --dbname='postgresql://ann@db.example/reviews'`" in said
    assert "hunter2" not in said


class Terminal(StringIO):
    """Where somebody types."""

    def isatty(self) -> bool:
        return True


def test_purge_says_what_would_go_and_waits_for_a_word(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a terminal nothing goes but by --yes; at one, somebody is asked."""
    filled(file)
    told = "2 rows would go:\n  answers  2 rows\n"
    assert played("purge", "--installation", "7") == (0, f"{told}Nothing was struck. With --yes it is.\n")
    settings = load({"REVIEWER_DATABASE_URL": f"sqlite:///{file}"})
    for answer, end in (("n", "With --yes it is."), ("", "With --yes it is."), ("yes", "2 rows struck.")):
        monkeypatch.setattr(sys, "stdin", Terminal(answer))
        purge_command(settings, installation=None, repository="Octo/App", older_than=None, yes=False)
        assert capsys.readouterr().out.rstrip().endswith(end)
    assert played("purge", "--installation", "7", "--yes") == (0, "1 row would go:\n  answers  1 row\n1 row struck.\n")
    assert played("purge", "--older-than", "1", "--yes") == (0, "Nothing of that is kept.\n")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((), "Say what is to go"),
        (("--installation", "7", "--repository", "octo/app"), "not both"),
        (("--repository", "octo"), "as OWNER/NAME"),
    ],
)
def test_purge_wants_to_know_what(file: Path, words: tuple[str, ...], why: str) -> None:
    code, said = played("purge", *words)
    assert (code, why in said) == (2, True)


# --- a database that is not there yet -------------------------------------------------------------------------------


class Late(SqlStore):
    """A store whose server does not answer the first times, or refuses us for good."""

    def __init__(self, url: str, *said: str) -> None:
        super().__init__(engine(url))
        self.said = list(said)

    def create_tables(self, *, upgrade: bool = False) -> None:
        if self.said:
            with self.told():
                raise sa.exc.OperationalError("", None, Exception(self.said.pop(0)))
        super().create_tables(upgrade=upgrade)


GONE = "connection to server at db, port 5432 failed: Connection refused"
STARTS = "connection failed: FATAL:  the database system is not yet accepting connections"


def test_a_start_waits_for_its_database(file: Path) -> None:
    """It is told once in a while, and then all goes on."""
    naps: list[float] = []
    store = Late(f"sqlite:///{file}", GONE, STARTS, GONE)
    with capture_logs() as log:
        make(store, clock=lambda: sum(naps), sleep=naps.append)
    assert [line["event"] for line in log] == ["database.waiting"]
    assert naps
    assert asyncio.run(store.ready()) == ""
    store.close()


@pytest.mark.parametrize(
    ("said", "naps"), [(GONE, 30), ("FATAL:  password authentication failed for user ann", 0)], ids=["away", "refused"]
)
def test_a_start_does_not_wait_for_ever(file: Path, said: str, naps: int) -> None:
    """Nor at all for a server that has refused us; the sentence says what to look at."""
    slept: list[float] = []
    store = Late(f"sqlite:///{file}", *[said] * 100)
    with pytest.raises(OutsideError, match="REVIEWER_DATABASE_URL"):
        make(store, clock=lambda: sum(slept), sleep=slept.append)
    assert len(slept) == naps
    store.close()
