"""The same checks beside the running server: looked at now and then, so that whoever asks never waits for GitHub."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import structlog

from reviewer.core.errors import GitHubError, Gone
from reviewer.core.health import AppFacts, Check, Installed, Trouble, deliveries_check
from reviewer.core.render.words import many
from reviewer.doctor.github import grants, hook_check, installation_troubles, lagging
from reviewer.doctor.model import price_troubles
from reviewer.github import GitHubApp
from reviewer.github.app import UNKNOWN
from reviewer.github.standing import Standing
from reviewer.settings import Settings

FRESH = 600.0  # seconds for which a look is believed: it is five requests, and more with over a hundred installations
AGAIN = 60.0  # seconds where GitHub did not take our credentials, which is one request
FIRST = 5.0  # seconds that the first to ask waits
LONGEST = 60.0  # seconds of a look
NOT_YET = "GitHub has not answered yet"

T = TypeVar("T")

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Seen:
    """`credentials`: "" where GitHub takes them, else a sentence; `public` has no name of an account in it."""

    credentials: str = NOT_YET
    checks: tuple[Check, ...] = ()
    public: tuple[Check, ...] = ()


class Health:
    """Looks when somebody asks and the last look is old; the answer is that of the last look. One for the process."""

    def __init__(self, settings: Settings, github: GitHubApp, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._github, self._clock = settings, github, clock
        self._seen = _Seen()
        self._until = float("-inf")
        self._looking: asyncio.Task[None] | None = None
        self._told: set[tuple[str, str]] = set()

    async def credentials(self) -> str:
        """Empty where GitHub takes them, else a sentence. The first to ask waits for some seconds."""
        looking = self._look_if_old()
        if self._seen.credentials == NOT_YET and looking:
            await asyncio.wait([looking], timeout=FIRST)
        return self._seen.credentials

    def checks(self) -> Sequence[Check]:
        """What is not well; with names of accounts, so for the operator."""
        self._look_if_old()
        return self._seen.checks

    def warnings(self) -> Sequence[dict[str, str]]:
        """The same for anybody who asks."""
        self._look_if_old()
        rows = ((check, trouble) for check in self._seen.public for trouble in check.troubles)
        return [
            {"check": check.name, "says": each.says or check.says, "disables": each.disables, "mend": each.mend}
            for check, each in rows
        ]

    def counts(self) -> dict[str, int]:
        """How many things are not well, by check."""
        return {check.name: len(check.troubles) for check in self.checks()}

    def _look_if_old(self) -> asyncio.Task[None] | None:
        if self._looking is None and self._clock() >= self._until:
            self._looking = asyncio.get_running_loop().create_task(self._look())
        return self._looking

    async def _look(self) -> None:
        pause = AGAIN
        try:
            async with asyncio.timeout(LONGEST):
                self._seen = await self._seen_now()
            pause = AGAIN if self._seen.credentials else FRESH
            self._tell()
        except TimeoutError:
            self._seen = _Seen(f"GitHub did not answer within {LONGEST:.0f} s")
        except Exception:  # noqa: BLE001 - a look is not worth a server
            _log.exception("health.failed")
        finally:
            self._until, self._looking = self._clock() + pause, None

    async def _seen_now(self) -> _Seen:
        standing = self._github.standing()
        try:
            app = await standing.app()
        except Gone:
            return _Seen(UNKNOWN)
        except GitHubError as error:
            return _Seen(str(error))
        same = [*_clock(standing), *grants(app), *await _webhook(standing, app, self._settings)]
        prices = await asyncio.to_thread(price_troubles, self._settings)
        same.append(Check("prices", "", "warning", tuple(prices)))
        installed = await _or_none(standing.installations())
        own, public = _installations(app, installed), _installations_in_public(app, installed)
        return _Seen("", _bad([*same, *own]), _bad([*same, *public]))

    def _tell(self) -> None:
        """Each thing once, until it was well in between."""
        now = {(check.name, each.says or check.says): each for check in self._seen.checks for each in check.troubles}
        for about, each in now.items():
            if about not in self._told:
                name, says = about
                _log.warning("health.trouble", check=name, says=says, disables=each.disables, mend=each.mend)
        self._told = set(now)


def _bad(checks: Sequence[Check]) -> tuple[Check, ...]:
    return tuple(check for check in checks if check.grade != "ok" and check.troubles)


def _clock(standing: Standing) -> list[Check]:
    wrong = standing.clock_off[1]
    trouble = Trouble(wrong, "GitHub refuses what is signed by it once it is too far off", "switch NTP on")
    return [Check("clock", wrong, "warning", (trouble,))] if wrong else []


async def _webhook(standing: Standing, app: AppFacts, settings: Settings) -> list[Check]:
    hook, answers = await _or_none(standing.hook()), await _or_none(standing.answers())
    found = [] if hook is None else [hook_check(hook, app, settings)]
    if answers:  # none at all is no trouble: a server may be new, or have quiet days
        found.append(deliveries_check(answers, now=time.time(), page=app.page))
    return found


async def _or_none(asked: Awaitable[T]) -> T | None:
    try:
        return await asked
    except GitHubError as error:
        _log.info("health.unread", reason=str(error))
        return None


def _installations(app: AppFacts, found: Sequence[Installed] | None) -> list[Check]:
    troubles = installation_troubles(app, found or ())
    return [Check("installations", "", "warning", troubles)]


def _installations_in_public(app: AppFacts, found: Sequence[Installed] | None) -> list[Check]:
    """How many; `reviewer doctor` names them."""
    gaps = Counter(gap for each in found or () if not each.suspended for gap in lagging(app, each))
    troubles = [
        Trouble(f"{many(count, 'installation')}: {gap.says}", gap.disables, "`reviewer doctor` says which")
        for gap, count in gaps.items()
    ]
    if suspended := sum(each.suspended for each in found or ()):
        troubles.append(Trouble(f"{many(suspended, 'installation')} suspended", "nothing is reviewed there"))
    return [Check("installations", "", "warning", tuple(troubles))]
