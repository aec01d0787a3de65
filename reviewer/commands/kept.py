"""Where the local commands keep answers and what they spent: the operator's database, or a file of the person's."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from reviewer.core.errors import OutsideError, UsageError
from reviewer.local import HERE, Keeps, Shelf
from reviewer.local.keeping import Opened

VARIABLE = "REVIEWER_DATABASE_URL"  # never DATABASE_URL, which in a stranger's project is that project's database
FILE = "local.db"
MEGABYTE = 1 << 20
PATIENCE = 2.0  # seconds that a file may be locked before it is gone without
AT_MOST = 200  # old rows of each kind that go at a time


@contextmanager
def shelf_for(holder: str, scope: str, *, cache_mb: int, answers: bool = True) -> Iterator[Shelf]:
    """What nobody else is at work on is freed first: whoever had set out to ask it was killed."""
    folder = _folder()
    with _alone(folder, scope) as alone:

        async def free(store: Keeps) -> None:
            await store.release_all(HERE, holder, scope if alone else "")

        yield Shelf(_opener(folder, cache_mb * MEGABYTE), answers=answers, first=free)


def _folder() -> Path:
    import platformdirs  # noqa: PLC0415 - not every review needs it

    return Path(platformdirs.user_cache_dir("reviewer"))


def _opener(folder: Path, most: int) -> Callable[[], Opened]:
    url = os.environ.get(VARIABLE, "").strip()

    def opened() -> Opened:
        from reviewer.store import SqlStore, engine  # noqa: PLC0415 - a fifth of a second, in a thread
        from reviewer.store.upkeep import prune  # noqa: PLC0415

        class Own(SqlStore):
            """Nobody else looks after it."""

            def close(self) -> None:
                with suppress(OutsideError):
                    prune(self, at_most=AT_MOST, most_bytes=self.cache_bytes)
                super().close()

        if url:
            store = SqlStore(engine(url), cache_bytes=most)
        else:
            file = folder / FILE
            _try(file)
            store = Own(engine(f"sqlite:///{file}"), cache_bytes=most)
        store.create_tables()
        return store

    return opened


def _try(file: Path) -> None:
    """Raises UsageError at once where the file cannot be used; the store itself would be more patient."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.parent.chmod(0o700)
        with closing(sqlite3.connect(file, timeout=PATIENCE, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("PRAGMA schema_version").fetchone()
            connection.execute("ROLLBACK")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror or error}") from None
    except sqlite3.OperationalError as error:
        raise UsageError(f"{file}: {error}") from None
    except sqlite3.Error as error:
        raise UsageError(f"{file}: {error}; delete it, and the next review begins a new one") from None


@contextmanager
def _alone(folder: Path, scope: str) -> Iterator[bool]:
    """Whether no other process of this person reviews the same line of work now. A lock ends with its process."""
    try:
        import fcntl  # noqa: PLC0415 - not on Windows

        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = "".join(letter if letter.isalnum() else "-" for letter in scope)[-100:]
        path = folder / f"{name}.lock"
        file = path.open("w")
    except (ImportError, OSError):
        yield False
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        try:
            yield True
        finally:
            with suppress(OSError):
                path.unlink()
