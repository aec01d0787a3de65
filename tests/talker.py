"""A pull request to talk on: GitHub and the store as fakes that keep what they are told, and fail when asked to."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from planted import Planted

from reviewer import talk
from reviewer.core.commands import keys
from reviewer.core.errors import GitHubError
from reviewer.core.types import Act, Dismissal, Job, Override, Pause, PullRequest, Remembered, Severity, Told
from reviewer.ports import File, Hourly, KeptConfig, LastVerdict, LetIn, Place, Role, Spoken, Tools

HEAD = "a" * 40
NAME = "0123456789abcdef-01234567-0123"
TOLD = Told(
    NAME, "shop.py", 2, code="x = 1", severity=Severity.HIGH, category="logic", title="Wrong &lt;b>", comment=50
)


class Crash(BaseException):
    """The process is killed: nothing catches it."""


class Hub:
    """One pull request on GitHub. `faults` are raised by the next posts, each after (True) or before it landed."""

    def __init__(self) -> None:
        self.comments: dict[tuple[int, bool], Spoken] = {}
        self.roles: dict[str, Role] = {"ann": "write", "max": "maintain", "tim": "triage", "eve": "read"}
        self.reactions: list[tuple[int, str]] = []
        self.posts: list[tuple[int, str]] = []  # (thread, 0 for the conversation; body)
        self.faults: list[tuple[bool, BaseException]] = []
        self.locked = False
        self.reacting: GitHubError | None = None  # why reactions cannot be given
        self.written, self.edited = 0.0, 0.0  # when the comment was
        self.texts_there: dict[str, str] = {}
        self.told: tuple[Told, ...] = (TOLD,)
        self.at = PullRequest("octo/app", 1, "T", "", False, True, HEAD, "b" * 40, "main")

    def says(self, body: str, *, inline: bool = False, root: int = 0, author: str = "ann") -> None:
        self.comments[51, inline] = Spoken(Place(1, 51, inline), author, False, body, root, self.written, self.edited)

    async def spoken(self, at: Place) -> Spoken | None:
        return self.comments.get((at.comment, at.inline))

    async def role(self, login: str) -> Role:
        return self.roles.get(login, "none")

    async def react(self, at: Place, reaction: str) -> None:
        if self.locked or self.reacting:
            raise self.reacting or GitHubError("locked", status=403)
        self.reactions.append((at.comment, reaction))

    async def unreact(self, at: Place, reaction: str) -> None:
        if self.reacting:
            raise self.reacting
        self.reactions = [each for each in self.reactions if each != (at.comment, reaction)]

    async def say(self, number: int, body: str) -> None:
        assert number == 1
        self._post(0, body)

    async def reply(self, number: int, comment: int, body: str) -> None:
        assert number == 1
        self._post(comment, body)

    def _post(self, thread: int, body: str) -> None:
        if self.locked:
            raise GitHubError("locked", status=403)
        landed, fault = self.faults.pop(0) if self.faults else (True, None)
        if landed:
            self.posts.append((thread, body))
        if fault:
            raise fault

    async def answered(self, at: Place, mark: str) -> bool:
        return any(mark in body for thread, body in self.posts if bool(thread) == at.inline)

    async def pull(self, number: int) -> PullRequest:
        assert number == 1
        return self.at

    async def remembered(self, number: int) -> Remembered:
        assert number == 1
        return Remembered(told=self.told)

    async def files(self, wanted: Any) -> dict[str, dict[str, File | None] | None]:
        (name, (ref, paths)), (home, _) = wanted.items()
        assert (name, ref, home) == ("octo/app", "main", "octo/.github")
        here = {path: File(self.texts_there[path]) if path in self.texts_there else None for path in paths}
        return {name: here, home: None}


class Shelf:
    """The store, as far as a conversation needs it."""

    def __init__(self) -> None:
        self.kept_steps: dict[str, int] = {}
        self.kept: dict[str, Dismissal] = {}
        self.config: KeptConfig | None = None
        self.given: dict[str, Override] = {}  # by run
        self.paused: dict[str, Pause] = {}
        self.last: LastVerdict | None = None
        self.room: dict[str, LetIn] = {}  # of a run that is not let in whole
        self.refusals: list[tuple[str, str]] = []  # (run, why)
        self.acts: dict[tuple[str, str], Act] = {}  # by run and step
        self.last_at = 0.0  # seconds since the epoch

    async def still_ours(self, _job: Job) -> None:
        pass

    async def steps(self, _job: Job, _run: str) -> dict[str, int]:
        return dict(self.kept_steps)

    async def keep_step(self, _job: Job, _run: str, step: str, result: int = 0) -> None:
        self.kept_steps[step] = result

    async def keep_config(self, _installation: int, _repository: str, _ref: str, kept: KeptConfig) -> None:
        self.config = kept

    async def kept_config(self, _installation: int, _repository: str, _ref: str) -> KeptConfig | None:
        return self.config

    async def dismissals(self, _installation: int, _repository: str) -> tuple[Dismissal, ...]:
        return tuple(reversed(self.kept.values()))

    async def keep_dismissal(self, _installation: int, _repository: str, dismissal: Dismissal) -> None:
        self.kept[dismissal.name] = dismissal

    async def forget_dismissal(self, _installation: int, _repository: str, _number: int, name: str) -> bool:
        return self.kept.pop(name, None) is not None

    async def keep_act(self, _installation: int, _repository: str, act: Act) -> None:
        self.acts.setdefault((act.run, act.step), act)

    async def overrides(self, _installation: int, _repository: str, _number: int) -> tuple[Override, ...]:
        return tuple(self.given.values())

    async def keep_override(self, _installation: int, _repository: str, override: Override) -> None:
        self.given[override.run] = override

    async def pause(self, _installation: int, _repository: str, _number: int) -> Pause | None:
        return next(reversed(self.paused.values()), None)

    async def keep_pause(self, _installation: int, _repository: str, pause: Pause) -> None:
        self.paused[pause.run] = pause

    async def let_in(self, _job: Job, run: str, count: int, _limits: Hourly) -> LetIn:
        return self.room.get(run, LetIn(count))

    async def refused(self, _job: Job, run: str, why: str) -> int:
        if (run, why) not in self.refusals:
            self.refusals.append((run, why))
        return [each for each in self.refusals if each[1] == why].index((run, why))

    async def last_verdict(self, _job: Job, _head: str, *, before: float = 0.0) -> LastVerdict | None:
        return self.last if self.last_at <= before else None


class Talker:
    """`said` are the sentences of the answers, without their hidden marks."""

    def __init__(self) -> None:
        self.hub, self.shelf = Hub(), Shelf()
        self.naps: list[float] = []
        self._tools = SimpleNamespace(
            github=lambda _installation, _repository: self.hub,
            store=self.shelf,
            secrets=Planted("hunter2-hunter2"),
            clock=lambda: 0.0,
            now=lambda: 1000.0,
            sleep=self._nap,
            hourly=Hourly(),
            allowed_models=(),
        )

    async def _nap(self, seconds: float) -> None:
        self.naps.append(seconds)

    @property
    def tools(self) -> Tools:
        return cast("Tools", self._tools)

    def job(self, body: str, *, inline: bool = False, author: str = "ann", root: int = 0) -> Job:
        """The comment is written; the job that the door makes of it."""
        self.hub.says(body, inline=inline, root=root, author=author)
        about = {"comment": 51, "inline": inline, "author": author, "commands": " ".join(keys(body, ("rev",)))}
        return replace(Job("command", 7, "octo/app", 1, "", "issue_comment.created", "command-talk-51-x"), **about)  # type: ignore[arg-type]

    def answers(self, job: Job) -> Job | None:
        return asyncio.run(talk.answer(job, job.delivery, self.tools, self.names))

    def hears(self, body: str, **about: Any) -> Job | None:
        return self.answers(self.job(body, **about))

    async def names(self) -> tuple[str, ...]:
        return ("rev",)

    @property
    def said(self) -> list[str]:
        return [body.split("\n\n<!--")[0] for _, body in self.hub.posts]

    @property
    def reactions(self) -> list[str]:
        """The newest of a kind only, as GitHub has it."""
        return list(dict.fromkeys(each for _, each in self.hub.reactions))
