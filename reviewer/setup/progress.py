"""How far the set-up is: nothing, a code, credentials that are not kept, a server that runs, a model that answers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from starlette.responses import Response

from reviewer.core.errors import GitHubError, Gone, OutsideError, Unprocessable, UsageError
from reviewer.ports.registering import KeptAlready, Registered
from reviewer.setup import pages
from reviewer.setup.last_step import LastStep
from reviewer.setup.manifest import WEBHOOKS, Wish, app_of, form_address, manifest, notes, why_unreachable
from reviewer.setup.pages import Offer
from reviewer.setup.visits import STATE_SECONDS, Visit

CREDENTIALS = ("GITHUB_APP_ID", "GITHUB_PRIVATE_KEY", "GITHUB_WEBHOOK_SECRET")

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,200}")


@dataclass(slots=True)
class Progress(LastStep):
    """A step gives None where the next page says all there is to say."""

    unkept: str = ""  # why the credentials are not kept
    replaced: tuple[str, ...] = ()  # what the page said that these credentials take the place of

    async def page(
        self, visit: Visit, here: str, *, said: str = "", typed: Mapping[str, str] | None = None
    ) -> Response:
        server, said = self.kit.server, said or visit.said
        visit.said = ""
        if self.unkept and self.registered:
            return pages.unkept(self.held, self.unkept, self.registered, running=server.running)
        if server.running:
            return self.model_page(said)
        if self.registered or not server.missing:
            return pages.stuck(server.trouble or "The credentials are there.", kept=self.kit.vault.place)
        if visit.code and visit.code_until > self.kit.now():
            return pages.waiting(said or "GitHub has made the App, and its credentials are still to be fetched.")
        return await self._offer(visit, here, said, typed or {})

    async def _offer(self, visit: Visit, here: str, said: str, typed: Mapping[str, str]) -> Response:
        """What GitHub would be asked to make, and where that can go wrong already."""
        kit, app = self.kit, app_of(self.kit.app)
        wish = visit.wish or Wish(str(app["name"]), here or "http://localhost")
        sent = manifest(app, wish, here=here or wish.address, proxy=kit.proxy)
        hook = str(sent["hook_attributes"]["url"])
        names = notes(kit.app)
        offer = Offer(
            wish=wish,
            manifest=sent,
            action=form_address(kit.web, wish.owner, visit.new_state()),
            web=kit.web,
            hook=hook,
            place=kit.vault.place,
            replaced=kit.server.present,
            obstacle=await self._obstacle(),
            unreachable="" if kit.proxy else why_unreachable(wish.address, kit.web),
            proxied=bool(kit.proxy),
            permissions=[(name, level, names.get(name, "")) for name, level in sent["default_permissions"].items()],
            events=[(name, names.get(name, "")) for name in sent["default_events"]],
        )
        return pages.offer(offer, said, typed)

    async def _obstacle(self) -> str:
        """Why it cannot be asked for: what GitHub would make could not be kept or used."""
        server = self.kit.server
        if outside := server.set_outside(*CREDENTIALS):
            verb = "is" if len(outside) == 1 else "are"
            return (
                f"{_listed(outside)} {verb} set already, and {_listed(server.missing)} missing. What is set in the "
                "environment comes before what is kept here: set the rest there too, or remove it there, and start "
                "reviewer again."
            )
        try:
            await asyncio.to_thread(self.kit.vault.check)
            await asyncio.to_thread(server.check)
        except (UsageError, OutsideError) as error:
            return f"{error}"
        return ""

    async def choose(self, visit: Visit, fields: Mapping[str, str], here: str) -> Response | None:
        address = fields.get("address", "").rstrip("/").removesuffix(WEBHOOKS)
        try:
            visit.wish = Wish(fields.get("name", ""), address, fields.get("owner", "").removeprefix("@"))
        except UsageError as error:
            response = await self.page(visit, here, said=str(error), typed=fields)
            response.status_code = 400
            return response
        return None

    async def come_back(self, visit: Visit, *, state: str, code: str) -> Response | None:
        """From GitHub, with a code that works once."""
        if not visit.takes(state):
            return pages.told(
                "This way back is closed",
                "It was used already, it is over an hour old, or it began in another browser. If GitHub has made an "
                f"App, delete it there ({self.kit.web}/settings/apps) and start again.",
                status=400,
            )
        if not _CODE.fullmatch(code):
            return pages.told("GitHub sent no code", "So there is no App to take over: start again.", status=400)
        if (late := self._late()) is not None:
            return late
        visit.code, visit.code_until = code, self.kit.now() + STATE_SECONDS
        return await self._convert(visit)

    async def again(self, visit: Visit) -> Response | None:
        """What failed before: fetch, keep or start."""
        if visit.code and not self.registered:
            return await self._convert(visit)
        async with self.one:
            if self.unkept and not await self._kept():
                return await self._give_way()
            if not self.kit.server.running or self.kit.server.trouble:
                await self.go_on()
        return None

    async def _convert(self, visit: Visit) -> Response | None:
        async with self.one:
            if (late := self._late()) is not None:
                return late
            try:
                found = await self.kit.register(visit.code)
            except (Gone, Unprocessable):
                visit.code = ""
                return pages.told(
                    "GitHub does not know this code",
                    "It was used already, is over an hour old, or is of another GitHub than this server's. If an App "
                    f"was made, delete it on GitHub ({self.kit.web}/settings/apps) and start again.",
                    status=400,
                )
            except GitHubError as error:
                said = f"{error} GitHub has made the App, and the code for its credentials works for an hour."
                return pages.waiting(said, status=502)
            visit.code = ""
            return await self._take(found)

    async def _take(self, found: Registered) -> Response | None:
        values = dict(zip(CREDENTIALS, (found.id, found.pem, found.webhook_secret), strict=True))
        for name, value in values.items():
            self.kit.hide(value, f"setup {name}")
        page = found.page if found.page.startswith(f"{self.kit.web}/") else f"{self.kit.web}/apps/{found.slug}"
        found = replace(found, page=page)
        if lacking := [name for name, value in values.items() if not value]:
            given = {name: value for name, value in values.items() if value}
            return pages.lacking(given, lacking, found)
        self.registered, self.held, self.replaced = found, values, self.kit.server.present
        if not await self._kept():
            return await self._give_way()
        await self.go_on()
        return None

    async def _kept(self) -> bool:
        """False where somebody else's credentials are there; `unkept` says what else is in the way."""
        unless = [name for name in CREDENTIALS if name not in self.replaced]
        try:
            await asyncio.to_thread(partial(self.kit.vault.keep, self.held, unless=unless))
        except KeptAlready:
            return False
        except (UsageError, OutsideError) as error:
            self.unkept = str(error)
        else:
            self.unkept = ""
        return True

    async def _give_way(self) -> Response:
        """Two servers on one database work for one App: the one that was kept first."""
        self.registered, self.held, self.unkept = None, {}, ""
        await self.go_on()
        return self._second()

    def _late(self) -> Response | None:
        """The answer to who comes second."""
        return None if not self.registered and self.kit.server.missing else self._second()

    def _second(self) -> Response:
        return pages.told(
            "There is an App already",
            "It was registered in another tab, or by another server on this database. The one that GitHub has made "
            f"just now is not used: delete it there ({self.kit.web}/settings/apps).",
            status=409,
        )


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else "nothing"
