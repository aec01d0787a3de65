"""A server without credentials that becomes the real one once it has them, in the same process and on the same port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import structlog
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from reviewer import credentials
from reviewer.core.errors import ModelError, OutsideError, UsageError
from reviewer.core.types import Prompt, Tool
from reviewer.models import Models
from reviewer.settings import Settings
from reviewer.setup import Vault

PATIENCE = 60.0  # seconds for the call that tries a model
LOOK_EVERY = 5.0  # seconds between two looks for what another process was given

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Opening:
    """How a server without credentials is started.

    `again` reads the settings anew: what is set, then what is given, as if it were kept. `outside` are the names of
    variables that are set where they win over what `/setup` keeps.
    """

    token: str = field(repr=False)
    again: Callable[[Mapping[str, str]], Settings]
    vault: Vault
    outside: frozenset[str] = frozenset()
    shared: bool = False  # other processes may be given credentials for this one
    told: Callable[[Settings], None] = lambda _settings: None  # once the real server runs


class Switch:
    """Satisfies `reviewer.setup.Server`. `make` builds the real server, `before` answers until there is one."""

    def __init__(
        self, settings: Settings, opening: Opening, *, make: Callable[[Settings], Starlette], before: ASGIApp
    ) -> None:
        self._settings, self._opening, self._make, self._before = settings, opening, make, before
        self._live: _Live | None = None
        self._one = asyncio.Lock()
        self._still = asyncio.Event()  # not set while one real server takes another's place
        self._still.set()
        self.trouble = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._still.wait()
        await (self._live.app if self._live else self._before)(scope, receive, send)

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        looking = asyncio.create_task(self._look()) if self._opening.shared else None
        try:
            yield
        finally:
            if looking:
                looking.cancel()
                await asyncio.wait([looking])
            await self._end()

    # --- what the set-up asks -----------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        return self._live is not None

    @property
    def missing(self) -> tuple[str, ...]:
        return self._settings.missing_credentials()

    @property
    def present(self) -> tuple[str, ...]:
        return self._settings.present_credentials()

    @property
    def has_model(self) -> bool:
        return self._settings.has_model

    def set_outside(self, *names: str) -> tuple[str, ...]:
        return tuple(name for name in names if name in self._opening.outside)

    def check(self) -> None:
        credentials.can_be_used(self._settings)

    async def go_on(self, values: Mapping[str, str]) -> None:
        """Start the real server, or in place of the one that runs another with what is set by now."""
        async with self._one:
            try:
                await self._go_on(values)
            except (UsageError, OutsideError) as error:
                self.trouble = str(error)
                _log.warning("setup.not_started", reason=str(error))
                raise
            self.trouble = ""

    async def _go_on(self, values: Mapping[str, str]) -> None:
        settings = await asyncio.to_thread(self._opening.again, values)
        if missing := settings.missing_credentials():
            raise UsageError(f"{', '.join(missing)} cannot be found where they were kept: set them, and start again.")
        first, self._settings = self._live is None, settings
        app = self._make(settings)
        self._still.clear()
        try:
            await self._end()
            self._live = await _Live.started(app)
        finally:
            self._still.set()
        if first:
            self._opening.told(settings)

    async def try_model(self, values: Mapping[str, str]) -> float:
        settings = await asyncio.to_thread(self._opening.again, values)
        models = Models(settings)
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await models.named(settings.model).call(_TRIAL)
        except TimeoutError:
            raise ModelError(f"{settings.model} did not answer within {PATIENCE:.0f} s.", retryable=True) from None
        finally:
            await models.aclose()
        if answer.fault == "text":
            raise ModelError(
                f"{settings.model} answered in prose, but a review needs a model that calls the function that it is "
                "told to call: choose another, or the other kind of interface."
            )
        return answer.seconds

    # --- the real server ----------------------------------------------------------------------------------------

    async def _end(self) -> None:
        live, self._live = self._live, None
        if live:
            await live.end()

    async def _look(self) -> None:
        """For what was kept by another process of the same server: the credentials, and later the model's key."""
        while not (self._live and self._settings.has_model):
            await asyncio.sleep(LOOK_EVERY)
            with suppress(UsageError, OutsideError):
                found = await asyncio.to_thread(self._opening.again, {})
                if found.has_credentials and (self._live is None or found.has_model > self._settings.has_model):
                    await self.go_on({})


class _Live:
    """An app between its start and its end, both in one task of its own."""

    def __init__(self, app: Starlette) -> None:
        self.app = app
        self._stop = asyncio.Event()
        self._began: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run())

    @classmethod
    async def started(cls, app: Starlette) -> _Live:
        """Raises what its start raises."""
        live = cls(app)
        try:
            await live._began
        except asyncio.CancelledError:  # whoever waited for it is stopped
            live._task.cancel()
            raise
        return live

    async def _run(self) -> None:
        try:
            async with self.app.router.lifespan_context(self.app):
                self._began.set_result(None)
                await self._stop.wait()
        except Exception as error:
            if self._began.done():
                raise
            self._began.set_exception(error)

    async def end(self) -> None:
        self._stop.set()
        await self._task


_TRIAL = Prompt(
    system="You are asked whether you can be reached. Call the function.",
    user="Say that you are ready.",
    tool=Tool(
        "say_ready",
        "Says whether you are ready.",
        {
            "type": "object",
            "properties": {"ready": {"type": "boolean"}},
            "required": ["ready"],
            "additionalProperties": False,
        },
    ),
    version="setup",
    max_output=1_000,  # some models think before they answer
    tokens=100,
    urgent=True,
)
