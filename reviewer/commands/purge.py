"""`reviewer purge`: says what is kept of an installation, a repository or old times, and strikes it."""

from __future__ import annotations

import re
import sys
import time

from reviewer.commands.db import opened, rows_of
from reviewer.core.errors import UsageError
from reviewer.core.render.words import many
from reviewer.jobs import Leaving
from reviewer.jobs.tables import make
from reviewer.printing import say
from reviewer.settings import Settings
from reviewer.store import Scope

DAY = 86_400.0
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w-]*/[\w.-]+")


def purge_command(
    settings: Settings, *, installation: int | None, repository: str, older_than: int | None, yes: bool
) -> None:
    """Raises UsageError where nothing, or what cannot be, is named."""
    if installation and repository:
        raise UsageError("Give --installation or --repository, not both: a repository's rows are in one installation.")
    if repository and not _REPOSITORY.fullmatch(repository):
        raise UsageError("--repository takes a repository on GitHub, as OWNER/NAME.")
    if not (installation or repository or older_than is not None):
        raise UsageError("Say what is to go: --installation N, --repository OWNER/NAME, --older-than DAYS.")
    before = time.time() - older_than * DAY if older_than is not None else 0.0
    scope = Scope(installation or 0, repository, before)
    with opened(settings) as store:
        make(store, patience=0)
        leaving = Leaving(store)
        found = leaving.tally(scope)
        if not found:
            say("Nothing of that is kept.")
            return
        say(f"{many(sum(found.values()), 'row')} would go:")
        say("\n".join(rows_of(found)))
        if settings.prompt_log:
            say(f"Out of reach: {settings.prompt_log}, where prompts are kept by day. Delete its files by hand.")
        if not (yes or _agreed()):
            say("Nothing was struck. With --yes it is.")
            return
        struck = leaving.strike(scope)
    say(f"{many(sum(struck.rows.values()), 'row')} struck.")
    if struck.running:
        say(f"{many(struck.running, 'job')} ran for it and will end: run this once more in a quarter of an hour.")


def _agreed() -> bool:
    """By whoever sits at a terminal; where there is none, nobody agreed."""
    if not sys.stdin.isatty():
        return False
    try:
        return input("Strike them? There is no way back but a backup. [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False
