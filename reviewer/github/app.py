"""The GitHub App: signs in, keeps one token for each installation, hands out repositories."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from githubkit import AppAuthStrategy
from githubkit.cache import MemCacheStrategy
from pydantic import TypeAdapter

from reviewer.core.errors import GitHubError, Gone
from reviewer.github.connection import PAUSES, Connection, Endpoints, Transport, read
from reviewer.github.pool import SharedPool
from reviewer.github.repository import Repository
from reviewer.github.shapes import App, Token
from reviewer.github.slug import Slug
from reviewer.github.standing import Standing
from reviewer.github.survey import Survey
from reviewer.github.tokens import InstallationAuth, lifetime

UNKNOWN = "GitHub knows no App with this id and key: check GITHUB_APP_ID and GITHUB_API_URL."

_APP = TypeAdapter(App)
_TOKEN = TypeAdapter(Token)


class GitHubApp:
    """Made once for the process; may be used from several event loops. `pauses`: seconds before each repetition."""

    def __init__(
        self,
        app_id: str,
        private_key: str,
        api_url: str = "https://api.github.com",
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        pauses: Sequence[float] = PAUSES,
        user_agent: str = "reviewer",
    ) -> None:
        self._clock = clock
        self._pool = SharedPool(api_url)
        cache = MemCacheStrategy()
        self._transport = Transport(Endpoints.of(api_url), self._pool, cache, pauses, user_agent, clock, sleep)
        self._app = Connection(self._transport, AppAuthStrategy(app_id, private_key))
        self._installations: dict[int, Connection] = {}
        self._slug = Slug(self._ask_app, int(app_id) if app_id.isdecimal() else 0)

    def repository(self, installation: int, name: str) -> Repository:
        """The repository `owner/name`; asks GitHub for nothing yet."""
        return Repository(self._installation(installation), name, self._slug)

    def survey(self) -> Survey:
        """What is to be found across all installations."""
        return Survey(self._app, self._installation, self._slug)

    def standing(self) -> Standing:
        """How the App itself stands with GitHub."""
        return Standing(self._app, self._installation, self._transport.drift)

    def _installation(self, installation: int) -> Connection:
        connection = self._installations.get(installation)
        if connection is None:
            auth = InstallationAuth(partial(self._token, installation), self._clock)
            connection = self._installations[installation] = Connection(self._transport, auth)
        return connection

    async def slug(self) -> str:
        """The App's name in its address and in `SLUG[bot]`; asked once. "" on a server that does not tell it."""
        return await self._slug.told()

    async def ready(self) -> str:
        """Empty when GitHub takes our credentials, else a sentence."""
        try:
            self._slug.learn(await self._ask_app())
        except Gone:
            return UNKNOWN
        except GitHubError as error:
            return str(error)
        return ""

    def remaining(self) -> dict[str, int]:
        """The fewest requests that GitHub leaves to one installation before its limit, by kind of request."""
        return self._transport.quota.lowest()

    async def aclose(self) -> None:
        """Close the connections of all loops; what is asked later opens new ones."""
        await self._pool.close_connections()

    async def _ask_app(self) -> App:
        return read(_APP, await self._app.get("/app"))

    async def _token(self, installation: int) -> tuple[str, float]:
        """A new token and the seconds that it lives. A second one does no harm, so the request may be repeated."""
        url = f"/app/installations/{installation}/access_tokens"
        answer = await self._app.send("POST", url, repeat=True)
        token = read(_TOKEN, answer)
        return token.token, lifetime(token.expires_at, answer.headers.get("date", ""))
