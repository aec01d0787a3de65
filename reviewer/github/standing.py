"""How the App stands with GitHub: its permissions and events, where it is installed, what its webhook brought."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import TypeAdapter

from reviewer.core.health import AppFacts, Hook, Installed
from reviewer.github.connection import PAGE, Connection, read
from reviewer.github.drift import Drift
from reviewer.github.shapes import App, Delivered, HookConfig, Repos, User
from reviewer.github.shapes import Installed as Row

_APP = TypeAdapter(App)
_HOOK = TypeAdapter(HookConfig)
_DELIVERIES = TypeAdapter(list[Delivered])
INSTALLATIONS = TypeAdapter(list[Row])
_REPOSITORIES = TypeAdapter(Repos)


class Standing:
    """Each method is a request or, of many installations, a few; each may raise GitHubError.

    `app` asks with the App's JWT, `of` gives the connection of an installation.
    """

    def __init__(self, app: Connection, of: Callable[[int], Connection], drift: Drift) -> None:
        self._app, self._of, self._drift = app, of, drift

    @property
    def clock_off(self) -> tuple[float | None, str]:
        """The seconds that this machine's clock is ahead of GitHub's, None before GitHub has answered; and a clause
        where that is too far.
        """
        return self._drift.seconds, self._drift.wrong

    @property
    def site(self) -> str:
        """GitHub's address for people."""
        return self._app.endpoints.git

    async def app(self) -> AppFacts:
        found = read(_APP, await self._app.get("/app"))
        slug = found.slug or ""
        return AppFacts(
            found.id or 0,
            slug,
            found.name or slug,
            _page(self._app.endpoints.git, found.owner, slug),
            found.permissions or {},
            tuple(found.events or ()),
        )

    async def installations(self) -> list[Installed]:
        rows = await self._app.pages("/app/installations", INSTALLATIONS)
        return [installed(row) for row in rows]

    async def hook(self) -> Hook:
        found = read(_HOOK, await self._app.get("/app/hook/config"))
        return Hook(found.url or "", found.content_type or "form", str(found.insecure_ssl or "0") == "0")

    async def answers(self) -> list[tuple[int, float]]:
        """(status, when in seconds since the epoch) of up to 100 deliveries, newest first."""
        found = read(_DELIVERIES, await self._app.get(f"/app/hook/deliveries?per_page={PAGE}"))
        return [(entry.status_code, entry.delivered_at.timestamp()) for entry in found]

    async def repositories(self, installation: int) -> int:
        """How many it reaches."""
        url = "/installation/repositories?per_page=1"
        return read(_REPOSITORIES, await self._of(installation).get(url)).total_count


def installed(row: Row) -> Installed:
    return Installed(
        row.id,
        row.account.login if row.account else "",
        (row.html_url or "").rstrip("/"),
        row.permissions or {},
        tuple(row.events or ()),
        suspended=row.suspended_at is not None,
        made=row.created_at.timestamp() if row.created_at else 0.0,
    )


def _page(site: str, owner: User | None, slug: str) -> str:
    """Where the App's settings are, for a person to click."""
    if owner and owner.type == "Organization":
        return f"{site}/organizations/{owner.login}/settings/apps/{slug}"
    return f"{site}/settings/apps/{slug}"
