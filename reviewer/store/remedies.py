"""What helps against what a database complains of, in words for whoever runs the server."""

from __future__ import annotations

from typing import NamedTuple


class Remedy(NamedTuple):
    said: str  # a part of the database's own words
    mend: str


REMEDIES = (
    Remedy("disk is full", "make room on the disk that the database lies on, and all goes on"),
    Remedy("No space left on device", "make room on the disk that the database lies on, and all goes on"),
    Remedy(
        "malformed",
        "the file is damaged: stop reviewer, put the last backup in its place without its -wal and -shm, and start it; "
        "`sqlite3 FILE .recover` saves what can be read",
    ),
    Remedy("not a database", "the file is damaged, or none at all: restore the last backup, or name another file"),
    Remedy("readonly database", "the file or its folder cannot be written: check who owns them and how it is mounted"),
    Remedy("read-only", "the file or its folder cannot be written: check who owns them and how it is mounted"),
    Remedy("unable to open database file", "check that the folder is there and can be written"),
    Remedy("disk I/O error", "the disk does not do its work: look at the system's log"),
    Remedy("password authentication failed", "check user and password in REVIEWER_DATABASE_URL"),
    Remedy("too many clients", "raise max_connections of PostgreSQL, or start fewer processes"),
    Remedy("connection to server", "check that PostgreSQL runs where REVIEWER_DATABASE_URL says"),
    Remedy("server closed the connection", "PostgreSQL stopped or was started anew: it is tried again"),
)


def mended(said: str) -> str:
    """The database's words with what helps against them, where that is known."""
    mend = next((remedy.mend for remedy in REMEDIES if remedy.said in said), "")
    return f"{said} ({mend})" if mend else said
