"""Our tables, through SQLAlchemy Core; nothing else of the project imports sqlalchemy."""

from reviewer.store.engine import engine
from reviewer.store.sql import SqlStore

__all__ = ["SqlStore", "engine"]
