"""Our tables, through SQLAlchemy Core; nothing else of the project imports sqlalchemy."""

from sqlalchemy import Connection

from reviewer.store.audit import Recorded, recorded
from reviewer.store.engine import engine
from reviewer.store.pages import Pages
from reviewer.store.purge import Scope
from reviewer.store.results import Results
from reviewer.store.sessions import SignedOutSessions
from reviewer.store.sql import SqlStore
from reviewer.store.wishes import Wish
from reviewer.store.workers import Worker, Workers

__all__ = [
    "Connection",
    "Pages",
    "Recorded",
    "Results",
    "Scope",
    "SignedOutSessions",
    "SqlStore",
    "Wish",
    "Worker",
    "Workers",
    "engine",
    "recorded",
]
