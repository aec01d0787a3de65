"""The store on SQL, put together from one part for each noun; the same statements on SQLite and PostgreSQL."""

from __future__ import annotations

from reviewer.store.acts import SqlActs
from reviewer.store.answers import SqlAnswers
from reviewer.store.commands import SqlCommands
from reviewer.store.configs import SqlConfigs
from reviewer.store.credentials import SqlCredentials
from reviewer.store.dismissals import SqlDismissals
from reviewer.store.fates import SqlFates
from reviewer.store.keys import SqlKeys
from reviewer.store.ledger import SqlLedger
from reviewer.store.rulings import SqlRulings
from reviewer.store.runs import SqlRuns
from reviewer.store.wishes import SqlWishes


class SqlStore(
    SqlActs,
    SqlAnswers,
    SqlCommands,
    SqlConfigs,
    SqlCredentials,
    SqlDismissals,
    SqlFates,
    SqlKeys,
    SqlLedger,
    SqlRulings,
    SqlRuns,
    SqlWishes,
):
    """Satisfies `ports.Store`. Every method raises OutsideError when the database does not do its part."""
