"""The database: does it answer, take writes, and have the tables of this version; do the sealed keys in it open."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from reviewer.core.errors import OutsideError, UsageError
from reviewer.core.health import Check, Trouble, in_halves
from reviewer.doctor.bounded import Limits, in_thread
from reviewer.doctor.files import filesystem_of, in_words, shared
from reviewer.sealing import Seal
from reviewer.settings import Settings
from reviewer.store.engine import may_come
from reviewer.store.health import Found, file_of, look

LOST = "no webhook is taken and nothing is reviewed"
NO_KEYS = "reviews of these installations end as could not review"


async def checks(settings: Settings, limits: Limits) -> list[Check]:
    """Raises UsageError."""
    away = (Trouble("", LOST, "start the database, or mend REVIEWER_DATABASE_URL"),)
    seconds = limits.database * 0.9
    try:
        async with asyncio.timeout(seconds):
            found = await in_thread(lambda: look(settings.database_url))
    except TimeoutError:
        says = f"no answer within {seconds:g} s"
        return [Check("database", says, "problem", away, outside=file_of(settings.database_url) is None)]
    except OutsideError as error:
        return [Check("database", str(error).rstrip("."), "problem", away, outside=may_come(error))]
    if found.file is not None and not found.there:
        return [_not_there(found.file)]
    if found.empty:
        return [Check("database", f"{_where(found)}; it is empty: `reviewer serve` makes the tables")]
    if found.unfit:
        said, mend = in_halves(found.unfit)
        return [Check("database", _where(found), "problem", (Trouble(said, LOST, mend),))]
    troubles = _network(found.file)
    where = f"{_where(found)}, revision {found.revision or 'unknown'}"
    return [Check("database", where, "warning" if troubles else "ok", troubles), *_keys(found, settings)]


def _where(found: Found) -> str:
    if found.file is None:
        return f"PostgreSQL {found.host} answers and takes writes"
    return f"{found.file} takes writes, {in_words(_size(found.file))}"


def _size(file: Path) -> int:
    """With what is not in the file itself yet."""
    parts = [file, file.with_name(f"{file.name}-wal")]
    return sum(part.stat().st_size for part in parts if part.exists())


def _not_there(file: Path) -> Check:
    folder = file.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        mend = "make the folder and let this user write there, or name another file in REVIEWER_DATABASE_URL"
        return Check("database", f"no file can be made in {folder}", "problem", (Trouble("", LOST, mend),))
    troubles = _network(file)
    says = f"{file} is not there yet: `reviewer serve` makes it"
    return Check("database", says, "warning" if troubles else "ok", troubles)


def _network(file: Path | None) -> tuple[Trouble, ...]:
    kind = filesystem_of(file.parent) if file else ""
    if not shared(kind):
        return ()
    says = f"SQLite on a file system of the network ({kind}), whose locks cannot be relied on"
    mend = "move the file to a disk of this machine, or use PostgreSQL"
    return (Trouble(says, "the file may be damaged", mend),)


def _keys(found: Found, settings: Settings) -> Sequence[Check]:
    """The installations' own keys, if there are any."""
    if not found.keys:
        return ()
    seal = Seal([key.get_secret_value() for key in settings.secret_keys])
    troubles = []
    for kept in found.keys:
        try:
            seal.open(kept)
        except UsageError as error:
            said, mend = in_halves(str(error))
            troubles.append(Trouble(said, NO_KEYS, mend))
    says = f"{len(found.keys):,} of installations, {len(troubles):,} that cannot be read"
    if not troubles:
        return [Check("sealed keys", f"{len(found.keys):,} of installations, all can be read")]
    return [Check("sealed keys", says, "problem", tuple(troubles[:5]))]
