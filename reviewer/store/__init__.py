"""Our tables, through SQLAlchemy Core; nothing else of the project imports sqlalchemy."""

from sqlalchemy import Connection

from reviewer.store.engine import engine
from reviewer.store.old import OLD, Old
from reviewer.store.sql import SqlStore, Wish
from reviewer.store.workers import Worker, Workers

__all__ = ["OLD", "Connection", "Old", "SqlStore", "Wish", "Worker", "Workers", "engine"]
