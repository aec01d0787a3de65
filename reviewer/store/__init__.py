"""Our tables, through SQLAlchemy Core; nothing else of the project imports sqlalchemy."""

from sqlalchemy import Connection

from reviewer.store.audit import Act, acts
from reviewer.store.engine import engine
from reviewer.store.sql import SqlStore
from reviewer.store.wishes import Wish
from reviewer.store.workers import Worker, Workers

__all__ = ["Act", "Connection", "SqlStore", "Wish", "Worker", "Workers", "acts", "engine"]
