"""A server without credentials that becomes the real one once it has them, in the same process and on the same port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from reviewer import credentials
from reviewer.core.errors import ModelError, OutsideError, UsageError
from reviewer.settings import Settings
from reviewer.setup import Vault
from reviewer.trying import try_model

PATIENCE = 60.0  # seconds for the call that tries a model
LOOK_EVERY = 5.0  # seconds between two looks for what another process was given
LONGEST = 300.0  # that grows to, while what was given does not start
_BROKEN = "The server could not be started with what was set: the log says why."

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
        self._given: dict[str, str] = {}  # also what could not be kept
        self._told = False
        self._one = asyncio.Lock()
        self._still = asyncio.Event()  # not set while one real server takes another's place
        self._still.set()
        self.trouble = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._still.wait()
        await (self._live.app if self._live else self._before)(scope, receive, send)

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
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
        """Start the real server, or in place of the one that runs another with what is set by now.

        Where that fails, the one that ran goes on as it was. Raises UsageError or OutsideError.
        """
        self._given = dict(values)
        await self._start()

    async def _start(self) -> None:
        async with self._one:
            try:
                await self._go_on()
            except Exception as error:
                self.trouble = str(error) if isinstance(error, (UsageError, OutsideError)) else _BROKEN
                if self.trouble == _BROKEN:
                    _log.exception("setup.broken")
                _log.warning("setup.not_started", reason=self.trouble, goes_on=self.running)
                if self.trouble == _BROKEN:
                    raise OutsideError(_BROKEN) from error
                raise
            self.trouble = ""

    async def _go_on(self) -> None:
        settings = await asyncio.to_thread(self._opening.again, self._given)
        if missing := settings.missing_credentials():
            raise UsageError(f"{', '.join(missing)} cannot be found where they were kept: set them, and start again.")
        if self._live is None:
            self._settings = settings
        app = self._make(settings)
        self._still.clear()
        try:
            await self._replace(app, settings)
        finally:
            self._still.set()
        if not self._told:
            self._told = True
            self._opening.told(settings)

    async def _replace(self, app: Starlette, settings: Settings) -> None:
        """Two cannot run at once. The one before comes back where the new one does not start."""
        before = self._settings if self._live else None
        try:
            await self._end()
        except Exception:  # noqa: BLE001 - it is over all the same
            _log.exception("setup.not_ended")
        try:
            self._live = await _Live.started(app)
        except Exception:
            if before:
                try:
                    self._live = await _Live.started(self._make(before))
                except Exception:  # noqa: BLE001 - why the new one does not start is what is told
                    _log.exception("setup.not_back")
            self._settings = before if before and self._live else settings
            raise
        self._settings = settings

    async def try_model(self, values: Mapping[str, str]) -> float:
        """Raises UsageError where somebody has set a model by now: its key is not for an address typed here."""
        if (await asyncio.to_thread(self._opening.again, {})).has_model:
            raise UsageError("A model is set already: change it in the environment, and start reviewer again.")
        settings = await asyncio.to_thread(self._opening.again, values)
        keys = [key.get_secret_value() for key in settings.openai_api_keys] if "OPENAI_API_KEY" in values else []
        try:
            async with asyncio.timeout(PATIENCE):
                return await try_model(settings, settings.model, keys=keys)
        except TimeoutError:
            raise ModelError(f"{settings.model} did not answer within {PATIENCE:.0f} s.", retryable=True) from None

    # --- the real server ----------------------------------------------------------------------------------------

    async def _end(self) -> None:
        live, self._live = self._live, None
        if live:
            await live.end()

    async def _look(self) -> None:
        """For what was kept by another process of the same server: the credentials, and later the model's key. What
        did not start is tried again, ever more seldom: each try stops the one that runs.
        """
        pause = LOOK_EVERY
        while self.trouble or not (self._live and self._settings.has_model):
            await asyncio.sleep(pause)
            try:
                if self.trouble or await self._is_news():
                    await self._start()
                pause = LOOK_EVERY
            except (UsageError, OutsideError):
                pause = min(pause * 2, LONGEST) if self.trouble else LOOK_EVERY

    async def _is_news(self) -> bool:
        if not self._opening.shared:
            return False
        found = await asyncio.to_thread(self._opening.again, {})
        return found.has_credentials and (self._live is None or found.has_model > self._settings.has_model)


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
