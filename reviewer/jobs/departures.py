"""What happens when the App is taken off an account or a repository: what is kept of it goes too.

An account's goes at once, for its number never comes back. A repository's goes after a day, unless it is among those
of the installation again by then: who sorts out an App's access takes some off and puts them back. What people ruled
there and what it cost stays on the record until its own time is over.
"""

from __future__ import annotations

import asyncio

import structlog

from reviewer.core.errors import GitHubError, Gone, OutsideError, TooEarly
from reviewer.core.types import Job
from reviewer.jobs.leaving import Leaving
from reviewer.ports import Survey
from reviewer.store import Scope, SqlStore
from reviewer.store.purge import RECORD

LATER = 900.0  # seconds in which a line that was cut short has surely written its last row
ONCE_MORE = 300.0  # seconds after which a database is tried again that did not do it
ASK_AGAIN = 3600.0  # seconds after which GitHub is asked again that did not say which repositories there are

_log = structlog.stdlib.get_logger(__name__)


class Departures:
    """`carry_out` raises TooEarly where the job has to be done once more, by then to the end."""

    def __init__(self, store: SqlStore, survey: Survey) -> None:
        self._leaving, self._survey = Leaving(store), survey

    async def carry_out(self, job: Job) -> str:
        """Gives words for the log."""
        if job.kind == "uninstall":
            scopes = [Scope(job.installation)]
        else:
            here = await self._here(job.installation)
            names = [name for name in job.commands.split() if name.lower() not in here]
            scopes = [Scope(job.installation, name, spare=RECORD) for name in names]
        try:
            struck = await asyncio.to_thread(self._leaving.strike, *scopes, but=job.delivery)
        except OutsideError as error:  # what went is gone, and what is left goes the next time
            raise TooEarly(f"not all of it is struck: {error}", put_off=ONCE_MORE) from error
        of = " ".join(scope.repository for scope in scopes)
        _log.info("departure.struck", installation=job.installation, of=of, rows=struck.rows)
        if struck.running:
            raise TooEarly(f"{struck.running} of its jobs are ending, and may write something yet", put_off=LATER)
        rows = sum(struck.rows.values())
        return f"{rows} rows of {len(scopes)} repositories were struck" if job.commands else f"{rows} rows were struck"

    async def _here(self, installation: int) -> set[str]:
        """The installation's repositories, in small letters."""
        found, page, pages = set[str](), 1, 1
        try:
            while page <= pages:
                names, pages = await self._survey.repositories(installation, page=page)
                found |= {name.lower() for name in names}
                page += 1
        except Gone:
            return set()
        except GitHubError as error:
            raise TooEarly(f"which repositories there are is not known: {error}", put_off=ASK_AGAIN) from error
        return found
