"""`reviewer review`: a change on this machine, reviewed and printed."""

from __future__ import annotations

import asyncio
import getpass
import logging
import os
import secrets
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.status import Status

from reviewer.commands.environment import with_kept_key
from reviewer.commands.kept import shelf_for
from reviewer.commands.kit import kit_of
from reviewer.commands.printed import print_result
from reviewer.core.errors import ModelError, Superseded, UsageError
from reviewer.core.render.words import many
from reviewer.core.spending import OVER
from reviewer.core.types import Severity
from reviewer.formats import FORMATS, LocalResult
from reviewer.git import Part
from reviewer.interrupts import heeded, run
from reviewer.local import Kit, Shelf, Stop, Stoppable, Subject, Unasked, review_locally, subject_of
from reviewer.model import refused
from reviewer.models import Models
from reviewer.ports import Model
from reviewer.printing import complain, gone
from reviewer.settings import Settings

INTERRUPTED = 130
GRACE = 3.0  # seconds to keep what was answered, once somebody wants the review to end


def review_command(
    settings: Settings,
    named: str | Part | None,
    *,
    repo: Path,
    diff: Path | None,
    output: str,
    fail_on: str | None,
    cache: bool = True,
) -> int:
    """Review locally and print: 0 below the bar, 1 at or above it, 2 not all could be reviewed.

    Raises OutsideError where nothing could be.
    """
    if output not in FORMATS:
        raise UsageError(f"--format {output} is not known: use one of {', '.join(FORMATS)}.")
    bar = None if fail_on is None else _bar(fail_on)
    subject = subject_of(repo, named, diff)
    at = subject.config.gate.fail_on if fail_on is None else bar
    refusals: set[str] = set()
    try:
        result = run(_review(settings, subject, at, cache=cache, refusals=refusals))
    except (asyncio.CancelledError, Superseded):
        raise KeyboardInterrupt from None
    unreadable = {file.missing for file in subject.diff.files}
    return print_result(result, output, unreadable=unreadable, over_budget=refusals == {OVER})


async def _review(
    settings: Settings, subject: Subject, bar: Severity | None, *, cache: bool, refusals: set[str]
) -> LocalResult:
    name = subject.config.model.name or settings.model
    kit = replace(kit_of(settings), holder=secrets.token_hex(8), person=_person())
    kit.spending.called = lambda call: None if call.tier else refusals.add(call.outcome)
    if not subject.reviewable:
        return await review_locally(subject, model=Unasked(name), kit=kit, fail_on=bar, tick=_silent)
    if len(settings.openai_api_keys) <= 1:  # what is refused then is what the result says
        logging.getLogger(refused.__name__).setLevel(logging.ERROR)
    models = Models(with_kept_key(settings))
    scope = f"{subject.repository}#{subject.number}"
    with shelf_for(kit.holder, scope, cache_mb=settings.cache_mb, answers=cache) as shelf:
        try:
            asked, spare = _model(models, name), _fallback(models, settings, name)
            result = await _reviewed(subject, asked, spare, replace(kit, store=shelf), bar=bar, shelf=shelf)
        finally:
            await shelf.aclose()
            await models.aclose()
    if shelf.lost:
        result = replace(result, problems=(*result.problems, _lost(shelf, budgets=bool(settings.budgets))))
    return result


async def _reviewed(
    subject: Subject, model: Model, fallback: Model | None, kit: Kit, *, bar: Severity | None, shelf: Shelf
) -> LocalResult:
    stop, status, task = Stop(), Status("Reading the diff", console=Console(stderr=True)), asyncio.current_task()
    loop = asyncio.get_running_loop()

    def first() -> None:
        stop()
        assert task is not None
        if stop.begun:
            loop.call_later(GRACE, task.cancel)
        else:
            task.cancel()

    def again() -> None:
        status.stop()
        complain("Interrupted")
        gone(INTERRUPTED)

    if sys.stderr.isatty():
        status.start()
    try:
        with heeded(first, again):
            opening = asyncio.create_task(shelf.open())  # while the diff is searched for secrets
            result = await review_locally(
                subject,
                model=Stoppable(model, stop),
                fallback=Stoppable(fallback, stop) if fallback else None,
                kit=kit,
                fail_on=bar,
                tick=_ticker(status),
                wanted=stop.wanted,
            )
            await opening
            return result
    finally:
        status.stop()


def _lost(shelf: Shelf, *, budgets: bool) -> str:
    alone = ", and the budgets hold for this review alone" if budgets else ""
    return f"Nothing is kept of this review{alone}: {shelf.lost.rstrip('.')}."


def _person() -> str:
    """Whom budgets for a person count: the login in a workflow of GitHub's, else who is signed in here."""
    with suppress(KeyError, OSError, ImportError):
        return os.environ.get("GITHUB_ACTOR", "") or getpass.getuser()
    return ""


def _model(models: Models, name: str) -> Model:
    """Raises UsageError where none is set up: whoever typed the command is who can mend it."""
    try:
        return models.named(name)
    except ModelError as error:
        raise UsageError(str(error)) from None


def _fallback(models: Models, settings: Settings, name: str) -> Model | None:
    return _model(models, settings.fallback_model) if settings.fallback_model not in {"", name} else None


def _ticker(status: Status) -> Callable[[int, int], Awaitable[None]]:
    async def tick(done: int, total: int) -> None:
        again = "A second look at what would block"
        status.update(again if done == total else f"Reviewing: {done} of {many(total, 'model call')} answered")

    return tick


async def _silent(_done: int, _total: int) -> None:
    """Nothing is asked."""


def _bar(word: str) -> Severity | None:
    if word.lower() == "never":
        return None
    try:
        return Severity.parse(word)
    except KeyError:
        raise UsageError(f"--fail-on {word} is no severity: use critical, high, medium, low or never.") from None
