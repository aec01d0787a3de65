"""Asks about several things at once and makes the best of it: once more, in halves, of another model; none is lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, Protocol, TypeVar

from reviewer.core.errors import ModelError, OutsideError, Superseded
from reviewer.core.spending import OVER
from reviewer.core.types import Answer, Prompt, Quality, Spent
from reviewer.ports import Model
from reviewer.purse import Purse

T = TypeVar("T")
R = TypeVar("R")

_AGAIN = (
    "\n\nYour last answer could not be used: it {why}. Answer again, only by calling the function, "
    "with arguments that follow its schema."
)
_WHY_LIMIT = 1_000  # characters of what was wrong: a model that errs in every entry is told of the first ones


@dataclass(frozen=True, slots=True)
class Reading(Generic[R]):
    """What an answer says. `wrong`: why it should be given again, "" if it need not; `usable`: it stands even so."""

    said: R
    wrong: str = ""
    usable: bool = False


class Inquiry(Protocol[T, R]):
    """What is asked about things of one kind, how an answer reads, and where it is kept."""

    def prompt(self, things: Sequence[T]) -> Prompt: ...

    async def read(self, answer: Answer) -> Reading[R]: ...

    def join(self, first: R, second: R) -> R:
        """Two answers to one question, the first of which was not good: the second, and what only the first has."""

    async def recall(self, things: Sequence[T], model: str) -> list[tuple[T, R]]:
        """The answers of this model that were kept; what was not is left out."""

    async def keep(self, things: Sequence[T], said: R, model: str) -> R:
        """Keep an answer for good; returns it as it was kept."""


@dataclass(frozen=True, slots=True)
class Piece(Generic[T, R]):
    """What came of some of the things. `problem`: why they count as unanswered, in words; "" when they do not.

    With a problem, `said` is what could be saved; `another` says that another model may do better, `later` that the
    same one may answer later.
    """

    things: tuple[T, ...]
    said: R | None
    problem: str = ""
    another: bool = False
    later: bool = False
    over: bool = False  # a budget does not take it
    kept: bool = False  # it was known before


@dataclass(frozen=True, slots=True)
class Asked(Generic[T, R]):
    """What came of everything. `turned`: why something was asked of the fallback model, in sentences."""

    pieces: tuple[Piece[T, R], ...] = ()
    spent: Spent = field(default_factory=Spent)
    turned: tuple[str, ...] = ()
    quality: Quality = field(default_factory=Quality)

    def __add__(self, other: Asked[T, R]) -> Asked[T, R]:
        spent, quality = self.spent + other.spent, self.quality + other.quality
        return Asked(self.pieces + other.pieces, spent, self.turned + other.turned, quality)


class Course:
    """Whether to go on: asked before each call, and remembered once nobody wants the run any more.

    What is on its way then is still waited for and kept, for it is paid.
    """

    def __init__(
        self, wanted: Callable[[], Awaitable[None]], purse: Purse | None = None, *, last: bool = False
    ) -> None:
        """`last`: these are the review's last questions, for which the purse keeps something."""
        self._wanted = wanted
        self._last = last
        self.purse = purse or Purse()
        self._ended: Superseded | None = None

    def affords(self, prompt: Prompt) -> bool:
        return self.purse.takes(prompt, last=self._last)

    async def goes_on(self) -> bool:
        if self._ended is None:
            try:
                await self._wanted()
            except Superseded as why:
                self._ended = why
        return self._ended is None

    def check(self) -> None:
        """Raise Superseded if the run was ended."""
        if self._ended is not None:
            raise self._ended


async def ask(things: Sequence[T], inquiry: Inquiry[T, R], models: Sequence[Model], *, course: Course) -> Asked[T, R]:
    """Ask the first model; what it failed for a reason of its own is asked of the next one. Never raises ModelError."""
    first, *others = models
    asked = await _Asking(inquiry, first, course, left=_allowance(len(things))).ask(tuple(things))
    lost = [piece for piece in asked.pieces if piece.another]
    if not lost or not others or not await course.goes_on():
        return asked
    rest = [thing for piece in lost for thing in piece.things]
    known = await inquiry.recall(rest, others[0].name)
    second = Asked(tuple(Piece((thing,), said, kept=True) for thing, said in known), turned=(lost[0].problem,))
    missing = [thing for thing in rest if all(thing is not each for each, _ in known)]
    if missing:
        second += _both_failed(await ask(missing, inquiry, others, course=course), lost[0])
    if all(piece.problem for piece in second.pieces):
        second = replace(second, turned=())  # it did not answer either
    # What was saved out of a broken answer is worth something only where nothing better came.
    saved = [piece for piece in lost if piece.said is not None] if any(piece.problem for piece in second.pieces) else []
    whole = tuple(piece for piece in asked.pieces if not piece.another)
    return replace(asked, pieces=(*whole, *saved)) + second


def _both_failed(asked: Asked[T, R], before: Piece[T, R]) -> Asked[T, R]:
    """Both reasons: it is the first model that the operator wants to mend."""
    told = (
        replace(piece, problem=_both(before, piece), later=piece.later or before.later) if piece.problem else piece
        for piece in asked.pieces
    )
    return replace(asked, pieces=tuple(told))


def _both(first: Piece[T, R], second: Piece[T, R]) -> str:
    if second.problem == first.problem or (first.over and second.over):
        return second.problem  # of a budget it is the second one's share that has to be free
    return f"{first.problem} The fallback model did not help: {second.problem}"


def _allowance(count: int) -> int:
    """Calls for `count` things, after which none is halved any more.

    Two bad ones among good ones are found by halving, but a bill has an end.
    """
    return 4 + 4 * count.bit_length()


@dataclass(slots=True)
class _Asking(Generic[T, R]):
    """One question to one model, with the calls that are left for it."""

    inquiry: Inquiry[T, R]
    model: Model
    course: Course
    left: int
    long: bool = False  # one was cut off by our own limit: from then on each may be as long as it can be

    async def ask(self, things: tuple[T, ...], before: Reading[R] | None = None) -> Asked[T, R]:
        """`before` is an answer to the same question that is to be given again."""
        if not await self.course.goes_on():
            return _failed(things, "the run ended before", before)
        prompt = self.course.purse.weighed(self._prompt(things, before.wrong if before else ""))
        if not self.course.affords(prompt):
            if self._can_halve(things):  # a part of it may still go
                return await self._halves(things)
            return await self._as_it_is(things, before, self.course.purse.over)
        self.left -= 1
        try:
            answer = await self.model.call(prompt)
        except ModelError as error:
            lost: Asked[T, R] = Asked(spent=error.lost.spent(self.model.name))
            if error.remedy == "smaller" and self._can_halve(things):
                return lost + await self._halves(things)
            return lost + await self._as_it_is(things, before, str(error), error)
        paid: Asked[T, R] = Asked(spent=answer.spent(self.model.name))
        cut = answer.fault == "truncated" and prompt.max_output < prompt.most_output
        return paid + await self._made_of(answer, things, before, cut=cut)

    async def _as_it_is(
        self, things: tuple[T, ...], before: Reading[R] | None, why: str, error: ModelError | None = None
    ) -> Asked[T, R]:
        """No new answer can be had: an old one that is good enough is taken."""
        if before and before.usable:
            return await self._whole(things, before.said)
        return _failed(things, why, before, error)

    async def _made_of(
        self, answer: Answer, things: tuple[T, ...], before: Reading[R] | None, *, cut: bool
    ) -> Asked[T, R]:
        """`cut`: by a limit of ours, so that it says nothing of the model."""
        try:
            reading = await self.inquiry.read(answer)
        except OutsideError as error:  # nobody could look for secrets in it: it is neither kept nor said
            return _failed(things, str(error), before)
        if before:
            reading = replace(reading, said=self.inquiry.join(before.said, reading.said))
        if cut:
            self.long = True
            return await self.ask(things, reading)
        unread = bool(reading.wrong)
        heard: Asked[T, R] = Asked(quality=Quality(answers=1, unread=unread, malformed=unread and not answer.fault))
        return heard + await self._used(reading, answer, things, before)

    async def _used(
        self, reading: Reading[R], answer: Answer, things: tuple[T, ...], before: Reading[R] | None
    ) -> Asked[T, R]:
        if not reading.wrong or (before and (before.usable or reading.usable)):
            return await self._whole(things, reading.said)
        if answer.fault in {"truncated", "refused"} and self._can_halve(things):
            return await self._halves(things)
        if before is None and answer.fault not in {"truncated", "refused"}:
            return await self.ask(things, reading)
        return _failed(things, f"the model's answer {reading.wrong}", reading)

    def _prompt(self, things: tuple[T, ...], wrong: str) -> Prompt:
        prompt = self.inquiry.prompt(things)
        prompt = replace(prompt, max_output=prompt.most_output) if self.long and prompt.most_output else prompt
        return replace(prompt, user=prompt.user + _AGAIN.format(why=wrong[:_WHY_LIMIT])) if wrong else prompt

    def _can_halve(self, things: tuple[T, ...]) -> bool:
        return len(things) > 1 and self.left >= 2

    async def _halves(self, things: tuple[T, ...]) -> Asked[T, R]:
        """So that one that cannot be answered does not take the others with it."""
        half = len(things) // 2
        return await self.ask(things[:half]) + await self.ask(things[half:])

    async def _whole(self, things: tuple[T, ...], said: R) -> Asked[T, R]:
        return Asked((Piece(things, await self.inquiry.keep(things, said, self.model.name)),))


def _failed(things: tuple[T, ...], why: str, saved: Reading[R] | None, error: ModelError | None = None) -> Asked[T, R]:
    piece = Piece(things, saved.said if saved else None, why)
    if error:
        another = error.remedy == "another"
        piece = replace(piece, another=another, later=error.retryable, over=error.code == OVER)
    return Asked((piece,))
