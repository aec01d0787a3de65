"""`reviewer receive`: a saved webhook payload, carried out here and now."""

from __future__ import annotations

import asyncio
import json
import uuid
from pathlib import Path

from reviewer.app import Parts, build
from reviewer.core.commands import keys
from reviewer.core.errors import TooEarly, UsageError
from reviewer.core.events import job_of
from reviewer.core.types import Ignored, Job
from reviewer.interrupts import run
from reviewer.lines import quickly
from reviewer.printing import say
from reviewer.review import review
from reviewer.settings import Settings

OK, FAILED = 0, 1
ENDED = {"close": "is closed", "disband": "is in the queue no more"}  # by kind of job


def receive_command(settings: Settings, file: Path, event: str) -> int:
    """Carry out what the payload asks for, here and now: 0 done or nothing to do, 1 the gate failed."""
    job = job_of(event, f"receive-{uuid.uuid4()}", _payload(file), keys=keys)
    if isinstance(job, Ignored):
        say(f"Nothing to do: {job.reason}.")
        return OK
    if job.is_departure:
        raise UsageError("`reviewer purge` strikes what is kept: it says first what that is.")
    if missing := settings.missing_credentials():
        raise UsageError(
            f"Set {', '.join(missing)} first: the payload is played against GitHub itself "
            "(`reviewer serve` shows how to get them)."
        )
    return run(_receive(settings, job))


def _payload(file: Path) -> object:
    try:
        return json.loads(file.read_bytes())
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}.") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is not JSON: {error}.") from None


async def _receive(settings: Settings, job: Job) -> int:
    parts = build(settings)
    await asyncio.to_thread(parts.store.create_tables)
    try:
        if job.is_wish:
            await parts.store.want(job)
        if job.kind in ENDED:
            say(f"{job.repository}#{job.number} {ENDED[job.kind]}: what ran for it is stopped")
            return OK
        if not job.is_quick:
            return await _review(parts, job)
        done = await quickly(job, job.delivery, parts.tools, parts.names)
        say(f"{job.repository}#{job.number}: {done.words}")
        for follow in done.follow:
            await parts.store.want(follow)
        return max([await _review(parts, follow) for follow in done.follow], default=OK)
    except TooEarly as error:
        say(f"{job.repository}#{job.number}: {error}; play it again later")
        return OK
    finally:
        await parts.models.aclose()
        await parts.github.aclose()
        await parts.watched.aclose()


async def _review(parts: Parts, job: Job) -> int:
    record = await review(job, job.delivery, parts.tools)
    say(f"{record.conclusion}: {record.title}")
    return FAILED if record.conclusion == "failure" else OK
