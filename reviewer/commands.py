"""What the longer commands do, with everything built that they need; each returns its exit code."""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

from rich.console import Console
from rich.status import Status

from reviewer import resources
from reviewer.app import build, prompt_files
from reviewer.core.budget import cost
from reviewer.core.chunks import pack
from reviewer.core.config import parse_config
from reviewer.core.errors import ModelError, UsageError
from reviewer.core.events import job_of
from reviewer.core.guidelines import CONFIG_PATHS
from reviewer.core.types import Answer, Fate, Ignored, Job, Prompt, Severity, Usage
from reviewer.examine import BATCH_BUDGET, make_plan, prompt_for
from reviewer.formats import FORMATS, LocalResult, write
from reviewer.local import Subject, question_of, review_locally, subject_of
from reviewer.models import Models
from reviewer.review import review
from reviewer.settings import Settings
from reviewer.tokens import O200k

OK, FAILED, COULD_NOT, OUTSIDE = 0, 1, 2, 3


def review_command(
    settings: Settings, range_: str | None, *, repo: Path, diff: Path | None, output: str, fail_on: str | None
) -> int:
    """Review locally and print. 0 below the bar, 1 at or above it, 2 could not review all, 3 the model failed."""
    if output not in FORMATS:
        raise UsageError(f"--format {output} is not known: use one of {', '.join(FORMATS)}.")
    subject = subject_of(repo, range_, diff)
    bar = _bar(fail_on) if fail_on else subject.config.gate.fail_on
    result = asyncio.run(_review(settings, subject, bar))
    console = Console()
    print(write(result, output, width=min(console.width, 100), color=console.is_terminal and not console.no_color))  # noqa: T201
    if result.blocking:
        return FAILED
    if result.conclusion == "success":
        return OK
    return COULD_NOT if result.coverage.count(Fate.REVIEWED) else OUTSIDE


async def _review(settings: Settings, subject: Subject, bar: Severity | None) -> LocalResult:
    models = Models(settings)
    model = models.named(subject.config.model.name or settings.model)
    status = Status("Reading the diff", console=Console(stderr=True))
    if sys.stderr.isatty():
        status.start()
    try:
        return await review_locally(
            subject,
            model=model,
            prompts=prompt_files(),
            prices=resources.prices(),
            tokens=O200k,
            fail_on=bar,
            tick=_ticker(status),
        )
    finally:
        status.stop()
        await models.aclose()


def _ticker(status: Status) -> Callable[[int, int], Awaitable[None]]:
    async def tick(done: int, total: int) -> None:
        status.update(f"{done} of {total} model calls answered")

    return tick


def prompt_command(settings: Settings, range_: str | None, *, repo: Path, diff: Path | None) -> None:
    """Print every message of every call, with its exact token counts. Needs no key."""
    subject = subject_of(repo, range_, diff)
    tokens = O200k()
    name = subject.config.model.name or settings.model
    question = question_of(subject, Unasked(name), prompt_files()["review"])
    plan = make_plan(subject.diff, subject.config, lambda: tokens)
    batches = pack(plan.chunks, budget=BATCH_BUDGET)
    total = 0
    for number, batch in enumerate(batches, 1):
        made = prompt_for(batch, question)
        tool = json.dumps(
            {"name": made.tool.name, "description": made.tool.description, "parameters": made.tool.schema}
        )
        counts = [tokens.count(text) for text in (made.system, made.user, tool)]
        total += sum(counts)
        print(f"=== call {number} of {len(batches)}: {name}, prompt {made.version}, {sum(counts):,} tokens")  # noqa: T201
        for part, text, count in zip(
            ("system", "user", "function"), (made.system, made.user, tool), counts, strict=True
        ):
            print(f"--- {part}: {count:,} tokens\n{text}")  # noqa: T201
    money = cost(Usage(input=total), model=name, prices=resources.prices())
    price = "" if money is None else f", ${money:.4f} for the input alone"
    print(f"=== {len(batches)} calls, {len(plan.chunks)} chunks, {total:,} input tokens{price}; nothing was sent")  # noqa: T201


class Unasked:
    """A model that has a name and is never asked."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def call(self, prompt: Prompt) -> Answer:  # noqa: ARG002 - the port's word
        raise ModelError("`reviewer prompt` sends nothing")


def receive_command(settings: Settings, file: Path, event: str) -> int:
    """Carry out what the payload asks for, here and now: 0 done or nothing to do, 1 the gate failed."""
    try:
        payload = json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} is no JSON payload that can be read: {error}.") from None
    if missing := settings.missing_credentials():
        raise UsageError(f"Set {', '.join(missing)} first: the payload is played against GitHub itself.")
    job = job_of(event, f"receive-{uuid.uuid4()}", payload)
    if isinstance(job, Ignored):
        print(f"nothing to do: {job.reason}")  # noqa: T201
        return OK
    return asyncio.run(_receive(settings, job))


async def _receive(settings: Settings, job: Job) -> int:
    parts = build(settings)
    await asyncio.to_thread(parts.store.create_tables)
    try:
        await parts.store.want(job)
        if job.kind == "close":
            print(f"{job.repository}#{job.number} is closed: what ran for it is stopped")  # noqa: T201
            return OK
        record = await review(job, job.delivery, parts.tools)
        print(f"{record.conclusion}: {record.title}")  # noqa: T201
        return FAILED if record.conclusion == "failure" else OK
    finally:
        await parts.models.aclose()
        await parts.github.aclose()


def check_config(file: Path | None) -> int:
    """Print each problem with its line; 0 without any, 2 with."""
    path = file or next((Path(name) for name in CONFIG_PATHS if Path(name).exists()), None)
    if path is None:
        print(f"no {' or '.join(CONFIG_PATHS)} here: the defaults apply")  # noqa: T201
        return OK
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from None
    _, problems = parse_config(text, name=str(path))
    for problem in problems:
        print(problem, file=sys.stderr)  # noqa: T201
    if not problems:
        print(f"{path}: ok")  # noqa: T201
    return COULD_NOT if problems else OK


def _bar(word: str) -> Severity | None:
    if word.lower() == "never":
        return None
    try:
        return Severity.parse(word)
    except KeyError:
        raise UsageError(f"--fail-on {word} is no severity: use critical, high, medium, low or never.") from None
