"""`reviewer review`: a change on this machine, reviewed and printed."""

from __future__ import annotations

import logging
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from rich.console import Console
from rich.status import Status

from reviewer.commands.environment import with_kept_key
from reviewer.commands.kit import kit_of
from reviewer.core.errors import ModelError, OutsideError, UsageError
from reviewer.core.render.words import many
from reviewer.core.types import Fate, Severity
from reviewer.formats import FORMATS, LocalResult, write
from reviewer.interrupts import run
from reviewer.local import Subject, Unasked, review_locally, subject_of
from reviewer.model import refused
from reviewer.models import Models
from reviewer.ports import Model
from reviewer.printing import complain, say
from reviewer.settings import Settings

OK, FAILED, COULD_NOT = 0, 1, 2
WIDEST = 100  # columns: longer lines of prose read badly


def review_command(
    settings: Settings, range_: str | None, *, repo: Path, diff: Path | None, output: str, fail_on: str | None
) -> int:
    """Review locally and print: 0 below the bar, 1 at or above it, 2 not all could be reviewed.

    Raises OutsideError where nothing could be.
    """
    if output not in FORMATS:
        raise UsageError(f"--format {output} is not known: use one of {', '.join(FORMATS)}.")
    bar = None if fail_on is None else _bar(fail_on)
    subject = subject_of(repo, range_, diff)
    at = subject.config.gate.fail_on if fail_on is None else bar
    result = run(_review(settings, subject, at))
    if result.conclusion != "success" and not result.blocking:
        return _not_all(result, output, unreadable={file.missing for file in subject.diff.files})
    _say(result, output)
    return FAILED if result.blocking else OK


def _not_all(result: LocalResult, output: str, *, unreadable: set[str]) -> int:
    """The sentence goes to stderr, where a reader of json or sarif sees it; nothing at all is no page for people.

    `unreadable`: reasons that lie in the diff itself, for which no service is to blame.
    """
    reasons = dict.fromkeys(entry.reason for entry in result.coverage.entries if entry.fate is Fate.FAILED)
    why = next(iter((*reasons, *result.problems)), result.title).rstrip(".")
    nothing = not result.coverage.count(Fate.REVIEWED)
    if not nothing or output != "text":
        _say(result, output)
    if nothing and unreadable.issuperset(reasons):
        raise UsageError(f"Nothing could be reviewed: {why}.")
    if nothing:
        raise OutsideError(f"Nothing could be reviewed: {why}.")
    complain(f"{result.title.rstrip('.')}: {why}.")
    return COULD_NOT


def _say(result: LocalResult, output: str) -> None:
    console = Console()
    color = console.is_terminal and not console.no_color
    say(write(result, output, width=min(console.width, WIDEST), color=color))


async def _review(settings: Settings, subject: Subject, bar: Severity | None) -> LocalResult:
    name = subject.config.model.name or settings.model
    asks = subject.reviewable
    if len(settings.openai_api_keys) <= 1:  # what is refused then is what the result says
        logging.getLogger(refused.__name__).setLevel(logging.ERROR)
    models = Models(with_kept_key(settings) if asks else settings)
    status = Status("Reading the diff", console=Console(stderr=True))
    if sys.stderr.isatty():
        status.start()
    try:
        return await review_locally(
            subject,
            model=_model(models, name) if asks else Unasked(name),
            fallback=_fallback(models, settings, name) if asks else None,
            kit=kit_of(settings),
            fail_on=bar,
            tick=_ticker(status),
        )
    finally:
        status.stop()
        await models.aclose()


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


def _bar(word: str) -> Severity | None:
    if word.lower() == "never":
        return None
    try:
        return Severity.parse(word)
    except KeyError:
        raise UsageError(f"--fail-on {word} is no severity: use critical, high, medium, low or never.") from None
