"""What each command does: a dict of functions. Who may give it was asked before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Any

from reviewer.core.commands import USAGE
from reviewer.core.config import Config, parse_config
from reviewer.core.config.tree import UnreadableError, read_tree
from reviewer.core.guidelines import CONFIG_PATHS, first_of
from reviewer.core.render.talk import (
    Setting,
    config_text,
    dismissed_mark,
    dismissed_text,
    forget_id,
    forgotten_text,
    help_text,
)
from reviewer.core.types import Dismissal, PullRequest, Severity, Told
from reviewer.ports import Spoken
from reviewer.redacting import clean
from reviewer.run import Run

MOST_REASON = 1_000  # characters of a reason that are kept
LONGEST_VALUE = 200  # characters of a setting that are shown
FORGET = "forget:"  # a step of the run: the dismissal that it forgot


@dataclass(frozen=True, slots=True)
class Talking:
    """A command in its comment: what stands there, on which pull request, and the words after the command."""

    run: Run
    said: Spoken
    pull: PullRequest
    argument: str
    bot: str  # what we are called


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a command: a text to be said ("" for none), and whether it did what was asked.

    `review` is the head that is to be reviewed after it, "" for none; `mark` goes into the answer, hidden.
    """

    text: str = ""
    done: bool = True
    review: str = ""
    full: bool = False
    mark: str = ""
    command: str = ""


Action = Callable[[Talking], Awaitable[Outcome]]


async def _help(talking: Talking) -> Outcome:
    rows = [(each.usage, each.does, each.needs) for each in USAGE.values()]
    return Outcome(help_text(rows, talking.bot))


async def _review(talking: Talking) -> Outcome:
    if not talking.pull.open:
        return Outcome("The pull request is closed: there is nothing to review.", done=False)
    if talking.argument and talking.argument.lower() != "full":
        return Outcome(_takes("review"), done=False)
    return Outcome(review=talking.pull.head_sha, full=bool(talking.argument), command="review")


async def _dismiss(talking: Talking) -> Outcome:
    """In the thread of a finding. The repository remembers it; the gate is told anew while anything is open."""
    run, said, pull = talking.run, talking.said, talking.pull
    remembered = await run.github.remembered(pull.number)
    root = said.root or said.at.comment
    meant = [told for told in remembered.told if told.comment == root] if said.at.inline else []
    if not meant:
        how = "`/dismiss` belongs into the thread of a finding: reply to my comment on its line."
        return Outcome(how, done=False)
    (reason,) = await clean([talking.argument], run.tools.secrets)  # the model will be shown it
    reason, by = reason[:MOST_REASON], run.job.author
    for told in meant:
        dismissal = _dismissal(told, pull.number, reason, by, run.tools.now())
        await run.tools.store.keep_dismissal(run.job.installation, run.job.repository, dismissal)
    text = dismissed_text(by, reason, len(meant))
    review = pull.head_sha if pull.open else ""
    return Outcome(text, review=review, mark=dismissed_mark(by), command="dismiss")


def _dismissal(told: Told, number: int, reason: str, by: str, at: float) -> Dismissal:
    return Dismissal(
        number=number,
        name=told.name,
        path=told.path,
        code=told.code,
        context=f"{told.name}-".split("-")[1],  # CODE-CONTEXT-CATEGORY
        category=told.category,
        severity=told.severity.word if told.severity else "",
        title=told.title,
        body=told.body,
        reason=reason,
        by=by,
        at=at,
    )


async def _config(talking: Talking) -> Outcome:
    words = talking.argument.split()
    if not words:
        return Outcome(await _shown_config(talking))
    if words[0].lower() != "forget" or len(words) != 2:
        where = f"Settings are made in `{CONFIG_PATHS[0]}` on the base branch."
        return Outcome(f"{_takes('config')} {where}", done=False)
    return await _forget(talking, words[1].strip("`").lower())


async def _shown_config(talking: Talking) -> str:
    run = talking.run
    texts = await run.github.texts(talking.pull.base_ref, CONFIG_PATHS)
    name, text = first_of(CONFIG_PATHS, texts)
    config, problems = parse_config(text, name=name)
    wrong = {problem.key.partition("[")[0] for problem in problems}
    settings = [
        Setting(
            key,
            value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}…",
            f"{name}:{line}" if line and key not in wrong else "default",
        )
        for key, value, line in _settings(config, text)
    ]
    kept = await run.tools.store.dismissals(run.job.installation, run.job.repository)
    return config_text(settings, [str(problem) for problem in problems], kept)


def _settings(config: Config, text: str) -> list[tuple[str, str, int]]:
    """(key, value, line in the file; 0 where it does not say it)."""
    try:
        lines = read_tree(text).lines
    except UnreadableError:
        lines = {}
    found = []
    for section in fields(config):
        part = getattr(config, section.name)
        inner = fields(part) if is_dataclass(part) else ()
        if not inner:
            found.append((section.name, _word(part), lines.get((section.name,), 0)))
        for each in inner:
            where = (section.name, each.name)
            found.append((".".join(where), _word(getattr(part, each.name)), lines.get(where, 0)))
    return found


def _word(value: object) -> str:
    """A value about as the file writes it."""
    match value:
        case None:
            return "none"
        case bool():
            return str(value).lower()
        case Severity():
            return value.word
        case tuple():
            return f"[{', '.join(_word(each) for each in value)}]"
    plain: Any = value
    return _word(tuple(asdict(plain).values())) if is_dataclass(value) else str(value) or "empty"


async def _forget(talking: Talking, name: str) -> Outcome:
    """A step is kept, so that a second attempt at this run knows that the first one did it."""
    run, job, step = talking.run, talking.run.job, f"{FORGET}{name}"[:60]
    store = run.tools.store
    kept = await store.dismissals(job.installation, job.repository)
    found = next((each for each in kept if forget_id(each) == name), None)
    if found is None and step not in await store.steps(job, run.id):
        return Outcome("There is no dismissal of this id; `/config` shows them.", done=False)
    if found is None:
        return Outcome("Forgotten. It may be said again.")
    await store.keep_step(job, run.id, step)
    await store.forget_dismissal(job.installation, job.repository, found.number, found.name)
    return Outcome(forgotten_text(found))


async def _not_yet(_talking: Talking) -> Outcome:
    return Outcome("This command is not available yet.", done=False)


def _takes(command: str) -> str:
    return f"I read that as more than the command takes: `{USAGE[command].usage}`."


ACTIONS: dict[str, Action] = {
    "review": _review,
    "ask": _not_yet,
    "dismiss": _dismiss,
    "override": _not_yet,
    "pause": _not_yet,
    "resume": _not_yet,
    "config": _config,
    "help": _help,
}
