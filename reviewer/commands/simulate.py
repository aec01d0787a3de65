"""`reviewer simulate`: what a configuration would have said and blocked, from the findings that are stored."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from reviewer.commands.config import layer_of
from reviewer.configured import Reader, read_configured
from reviewer.core.config import Config, ConfigProblem, Layered, matches
from reviewer.core.dedupe import say
from reviewer.core.errors import UsageError
from reviewer.core.gate import Overrides, decide, would_block
from reviewer.core.guidelines import CONFIG_PATHS
from reviewer.core.noise import standing_of
from reviewer.core.render.rulings import label
from reviewer.core.simulate import Outcome, Past, Rules, as_records, as_text, play
from reviewer.core.types import Coverage, Override, Placed, Saying, Secret, Verdict
from reviewer.ports import File, KeptConfig
from reviewer.printing import say as put
from reviewer.settings import Settings
from reviewer.store import SqlStore
from reviewer.store.past import installation_of, last_pulls, newest_config, opened

OK, WRONG = 0, 2
FORMATS = ("text", "json")
_OWN = CONFIG_PATHS[0]  # what the file is called on the way


def simulate_command(settings: Settings, repository: str, *, file: Path | None, last: int, output: str) -> int:
    """Print what would have come of the last pull requests; 2 where the configuration has mistakes. Asks nobody."""
    if output not in FORMATS:
        raise UsageError(f"--format {output} is not known: use one of {', '.join(FORMATS)}.")
    if repository.count("/") != 1 or not all(repository.split("/")):
        raise UsageError("--repo takes a repository on GitHub, as OWNER/NAME.")
    text = None if file is None else _text(file)
    store = opened(settings.database_url)
    try:
        known = installation_of(store, repository)
        if known is None:
            raise UsageError(f"No review of {repository} is stored in this database: is REVIEWER_DATABASE_URL right?")
        installation, name = known
        found = KeptConfig(_OWN, text) if text is not None else newest_config(store, installation, name)
        layered = asyncio.run(_configured(store, installation, name, found))
        past = last_pulls(store, installation, name, last)
        given = asyncio.run(_given(store, installation, name, past))
        outcomes = [_play(each, layered.config, overrides) for each, overrides in zip(past, given, strict=True)]
    finally:
        store.close()
    problems = [_told(problem, file) for problem in layered.problems]
    for problem in problems:
        print(problem, file=sys.stderr)  # noqa: T201 - as `config check` does
    _print(name, outcomes, layered, output, file=file)
    return WRONG if problems else OK


def _print(name: str, outcomes: Sequence[Outcome], layered: Layered, output: str, *, file: Path | None) -> None:
    if output == "json":
        sources = {key: _named(source, file) for key, source in sorted(layered.sources.items())}
        record = {"repository": name, "sources": sources, "pulls": as_records(outcomes)}
        put(json.dumps(record, indent=2, ensure_ascii=False))
        return
    by = str(file) if file else "the configuration that was last read, or the defaults"
    put(f"{name} by {by}\n\n{as_text(outcomes)}")


def _told(problem: ConfigProblem, file: Path | None) -> str:
    if problem.key == "extends" and "cannot be read" in problem.sentence:
        said = "`extends`: this server has not read that repository yet, so nothing comes from it here."
        problem = replace(problem, sentence=said)
    return _named(str(problem), file)


def _named(place: str, file: Path | None) -> str:
    """`FILE:LINE` as whoever typed the command calls it."""
    return f"{file}{place.removeprefix(_OWN)}" if file and place.startswith(_OWN) else place


async def _configured(store: SqlStore, installation: int, repository: str, found: KeptConfig | None) -> Layered:
    """As a review would put it together, with what is stored of other repositories."""

    async def files(wanted: Mapping[str, tuple[str, Sequence[str]]]) -> dict[str, dict[str, File | None] | None]:
        answer: dict[str, dict[str, File | None] | None] = {}
        for name, (ref, _) in wanted.items():
            kept = found if name == repository else await store.kept_config(installation, name, ref)
            here: dict[str, File | None] = {kept.path: File(kept.text)} if kept and kept.path else {}
            answer[name] = here if kept or name == repository else None
        return answer

    return (await read_configured(Reader(repository, installation, files, _Nothing(), _Nothing()), "HEAD")).known


class _Nothing:
    """A candidate is not kept for the day on which the real one is broken, so no secret is looked for in it."""

    async def kept_config(self, installation: int, repository: str, ref: str) -> None:
        pass

    async def keep_config(self, installation: int, repository: str, ref: str, kept: KeptConfig) -> None:
        pass

    async def find(self, texts: Sequence[str]) -> list[list[Secret]]:
        return [[] for _ in texts]


async def _given(store: SqlStore, installation: int, repository: str, past: Sequence[Past]) -> list[Overrides]:
    """What people let pass on each of them, as its head would be judged now."""
    found = []
    for each in past:
        given = await store.overrides(installation, repository, each.number)
        found.append(Overrides(given, each.head, names=_names(each.findings or (), given)))
    return found


def _names(findings: Sequence[Placed], given: Sequence[Override]) -> dict[str, str]:
    """An override has the names under which findings were said first, and how they read then."""
    by_label = {read: name for each in given for name, read in each.findings.items() if read}
    known = {name for each in given for name in each.findings}
    labels = {placed.fingerprint: label(placed) for placed in findings if placed.fingerprint not in known}
    return {fingerprint: by_label[read] for fingerprint, read in labels.items() if read in by_label}


def _play(past: Past, config: Config, overrides: Overrides) -> Outcome:
    review, gate = config.review, config.gate

    def judge(stands: Sequence[Placed], problem: str) -> Verdict:
        problems = [problem] if problem else []
        return decide(
            stands, Coverage(), fail_on=gate.fail_on, on_error=gate.on_error, problems=problems, overrides=overrides
        )

    def said(stands: Sequence[Placed], blocking: Sequence[Placed]) -> Saying:
        return say(
            stands,
            (),
            blocking=blocking,
            min_severity=review.min_severity,
            max_comments=review.max_comments,
            where=lambda placed: standing_of(placed, review.min_confidence),
        )

    rules = Rules(
        severe=lambda placed: would_block(placed, gate.fail_on),
        ignored=lambda path: _ignored(path, review.ignore),
        passed=lambda placed: overrides.of(placed) is not None,
        judge=judge,
        say=said,
    )
    return play(past, rules)


def _ignored(path: str, globs: Sequence[str]) -> bool:
    """As in .gitignore: the last glob that fits decides, and `!` takes back."""
    fits = [glob for glob in globs if matches(path, glob.removeprefix("!"))]
    return bool(fits) and not fits[-1].startswith("!")


def _text(file: Path) -> str:
    """Raises UsageError for what is no configuration at all."""
    layer = layer_of(file)
    if not layer.usable:
        raise UsageError(str(layer.problems[-1]))
    return file.read_text(encoding="utf-8")
