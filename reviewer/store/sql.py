"""The store on SQL, put together from one part for each noun; the same statements on SQLite and PostgreSQL."""

from __future__ import annotations

from reviewer.store.answers import SqlAnswers
from reviewer.store.dismissals import SqlDismissals
from reviewer.store.runs import SqlRuns
from reviewer.store.wishes import SqlWishes


class SqlStore(SqlAnswers, SqlDismissals, SqlRuns, SqlWishes):
    """Satisfies `ports.Store`. Every method raises OutsideError when the database does not do its part."""
