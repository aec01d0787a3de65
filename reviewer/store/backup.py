"""Copies a SQLite database while others write to it, checked and whole or not at all."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from reviewer.core.errors import OutsideError

PROBLEMS = 5  # of a damaged database that are named


def copy(source: Path, target: Path) -> int:
    """The bytes of the copy, which only its owner may read: it holds what the database holds.

    Raises FileExistsError for a `target` that is there, OutsideError where the copy cannot be made or is damaged.
    """
    if target.exists():
        raise FileExistsError(target)
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        _fill(source, part)
        os.link(part, target)  # unlike a rename, never over a file that came meanwhile
        size = part.stat().st_size
    except FileExistsError:
        raise
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise OutsideError(f"{source} could not be copied to {target}: {reason}") from None
    finally:
        for left in (part, part.with_name(f"{part.name}-wal"), part.with_name(f"{part.name}-shm")):
            left.unlink(missing_ok=True)
    return size


def _fill(source: Path, part: Path) -> None:
    """In one step: a reader holds up nobody, and copying in steps would begin anew with each write."""
    from_ = sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True)
    to = sqlite3.connect(part)
    with closing(from_), closing(to):
        from_.backup(to)
        to.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        found = [str(row[0]) for row in to.execute(f"PRAGMA integrity_check({PROBLEMS})")]
    if found != ["ok"]:
        raise OutsideError(
            f"{source} is damaged, and so would be a copy of it ({'; '.join(found)[:300]}): restore the last backup, "
            f"or save what can be read with `sqlite3 {source} .recover`"
        )
    with part.open("rb") as file:
        os.fsync(file.fileno())
