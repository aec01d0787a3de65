"""What the App finds across its installations: failed deliveries, open pull requests. Satisfies `ports.Survey`."""

from __future__ import annotations

import re
from collections.abc import Callable

from pydantic import TypeAdapter

from reviewer.core.health import ESSENTIAL, Installed, needed, suffices
from reviewer.github.checks import checks_on
from reviewer.github.connection import PAGE, Connection, read
from reviewer.github.shapes import Delivered, Listed, Repos
from reviewer.github.slug import Slug
from reviewer.github.standing import INSTALLATIONS, installed
from reviewer.ports import Delivery, OpenPull

MOST_PAGES = 100  # of deliveries
NEXT = re.compile(r'[?&]cursor=([^&>]+)[^>]*>;\s*rel="next"')  # deliveries are paged by a cursor, not by numbers

_DELIVERIES = TypeAdapter(list[Delivered])
_REPOSITORIES = TypeAdapter(Repos)
_PULLS = TypeAdapter(list[Listed])


class Survey:
    """`app` asks with the App's JWT, `of` gives the connection of an installation, `slug` knows who we are."""

    def __init__(self, app: Connection, of: Callable[[int], Connection], slug: Slug) -> None:
        self._app, self._of, self._slug = app, of, slug

    async def deliveries(self, since: float) -> list[Delivery]:
        found: list[Delivery] = []
        url = path = f"/app/hook/deliveries?per_page={PAGE}"
        for _ in range(MOST_PAGES):
            answer = await self._app.get(url)
            page = [_delivery(entry) for entry in read(_DELIVERIES, answer)]
            found += [delivery for delivery in page if delivery.at >= since]
            cursor = NEXT.search(answer.headers.get("link", ""))
            if cursor is None or not page or page[-1].at < since:
                break
            url = f"{path}&cursor={cursor[1]}"
        return found

    async def redeliver(self, delivery: int) -> None:
        """Not sent again after a fault: a second attempt too many is worse than one that comes with the next round."""
        await self._app.send("POST", f"/app/hook/deliveries/{delivery}/attempts", repeat=False)

    async def installations(self) -> list[Installed]:
        return [installed(row) for row in await self._app.pages("/app/installations", INSTALLATIONS)]

    async def repositories(self, installation: int, *, page: int) -> tuple[list[str], int]:
        url = f"/installation/repositories?per_page={PAGE}&page={page}"
        listed = read(_REPOSITORIES, await self._of(installation).get(url))
        live = [repo.full_name for repo in listed.repositories if not repo.archived and not repo.disabled]
        return live, -(-listed.total_count // PAGE)

    async def open_pulls(self, installation: int, repository: str, since: float) -> list[OpenPull]:
        url = f"/repos/{repository}/pulls?state=open&sort=updated&direction=desc&per_page={PAGE}"
        rows = read(_PULLS, await self._of(installation).get(url))
        fresh = (row for row in rows if not row.draft and row.updated_at.timestamp() >= since)
        return [OpenPull(row.number, row.head.sha) for row in fresh]

    async def concluded(self, installation: Installed, repository: str, pull: OpenPull) -> bool:
        runs = await checks_on(self._of(installation.id), repository, pull.head, self._slug)
        # Another pull request may have the same head. The repository's name is not compared: it may have been renamed.
        ours = [run for run in runs if f"#{pull.number}:" in (run.external_id or "")]
        newest = max(ours, key=lambda run: run.id, default=None)
        if newest is None or newest.status != "completed" or newest.conclusion == "cancelled":
            return False
        lacked = needed((newest.output and newest.output.summary) or "")
        granted = installation.permissions
        # What reviewer can do without may be lacking for good.
        return not any(
            name in ESSENTIAL and suffices(granted.get(name, "none"), level) for name, level in lacked.items()
        )


def _delivery(entry: Delivered) -> Delivery:
    return Delivery(entry.id, entry.guid, entry.event, entry.status_code, entry.delivered_at.timestamp())
