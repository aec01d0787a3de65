"""`reviewer receive`: a saved webhook payload, carried out here and now."""

from __future__ import annotations

import asyncio
import json
import uuid
from pathlib import Path

from reviewer import talk
from reviewer.app import build
from reviewer.core.commands import keys
from reviewer.core.errors import UsageError
from reviewer.core.events import job_of
from reviewer.core.types import Ignored, Job
from reviewer.interrupts import run
from reviewer.printing import say
from reviewer.review import review
from reviewer.settings import Settings

OK, FAILED = 0, 1


def receive_command(settings: Settings, file: Path, event: str) -> int:
    """Carry out what the payload asks for, here and now: 0 done or nothing to do, 1 the gate failed."""
    job = job_of(event, f"receive-{uuid.uuid4()}", _payload(file), keys=keys)
    if isinstance(job, Ignored):
        say(f"Nothing to do: {job.reason}.")
        return OK
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
        if job.kind != "command":  # it is no wish for a review
            await parts.store.want(job)
        if job.kind == "close":
            say(f"{job.repository}#{job.number} is closed: what ran for it is stopped")
            return OK
        if job.kind == "command":
            follow = await talk.answer(job, job.delivery, parts.tools, parts.names)
            say(f"{job.repository}#{job.number}: the commands were answered")
            if follow is None:
                return OK
            job = follow
            await parts.store.want(job)
        record = await review(job, job.delivery, parts.tools)
        say(f"{record.conclusion}: {record.title}")
        return FAILED if record.conclusion == "failure" else OK
    finally:
        await parts.models.aclose()
        await parts.github.aclose()
