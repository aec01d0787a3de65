"""How far the set-up is: nothing, a code, credentials that are not kept, a server that runs, a model that answers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from starlette.responses import Response

from reviewer.core.errors import GitHubError, Gone, OutsideError, Unprocessable, UsageError
from reviewer.ports.registering import Registered
from reviewer.setup import pages
from reviewer.setup.kit import Kit
from reviewer.setup.manifest import WEBHOOKS, Wish, app_of, form_address, manifest, notes, why_unreachable
from reviewer.setup.pages import Offer
from reviewer.setup.visits import STATE_SECONDS, Visit

CREDENTIALS = ("GITHUB_APP_ID", "GITHUB_PRIVATE_KEY", "GITHUB_WEBHOOK_SECRET")
MODEL = {"key": "OPENAI_API_KEY", "server": "OPENAI_BASE_URL", "model": "REVIEWER_MODEL", "api": "REVIEWER_MODEL_API"}

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,200}")


@dataclass(slots=True)
class Progress:
    """A step gives None where the next page says all there is to say."""

    kit: Kit
    registered: Registered | None = None
    held: dict[str, str] = field(default_factory=dict, repr=False)  # all that was got here
    unkept: str = ""  # why the credentials are not kept
    answered: str = ""  # how the model answered
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)  # a code works once, and there is one App

    async def page(
        self, visit: Visit, here: str, *, said: str = "", typed: Mapping[str, str] | None = None
    ) -> Response:
        server, said = self.kit.server, said or visit.said
        visit.said = ""
        if self.unkept and self.registered:
            return pages.unkept(self.held, self.unkept, self.registered, running=server.running)
        if server.running:
            return self._model_page(said)
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
        async with self._one:
            if self.unkept:
                await self._keep(self.held)
            if not self.kit.server.running:
                await self._go_on()
        return None

    async def _convert(self, visit: Visit) -> Response | None:
        async with self._one:
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
        self.registered, self.held = found, values
        await self._keep(values)
        await self._go_on()
        return None

    async def _keep(self, values: Mapping[str, str]) -> None:
        try:
            await asyncio.to_thread(self.kit.vault.keep, values)
        except (UsageError, OutsideError) as error:
            self.unkept = str(error)
        else:
            self.unkept = ""

    async def _go_on(self) -> str:
        """Why not, "" where it runs."""
        try:
            await self.kit.server.go_on(self.held)
        except (UsageError, OutsideError) as error:
            return str(error)
        return ""

    def _late(self) -> Response | None:
        """The answer to who comes second."""
        if not self.registered and self.kit.server.missing:
            return None
        return pages.told(
            "There is an App already",
            "It was registered in another tab or by another process. The one that GitHub has made just now is not "
            f"used: delete it there ({self.kit.web}/settings/apps).",
            status=409,
        )

    # --- the model ----------------------------------------------------------------------------------------------

    async def model(self, visit: Visit, fields: Mapping[str, str]) -> Response | None:
        """Try what was typed, and keep it."""
        if not self.kit.server.running:
            return None
        outside = self.kit.server.set_outside(*MODEL.values())
        values = {name: fields.get(each, "") for each, name in MODEL.items() if name not in outside}
        values = {name: value for name, value in values.items() if value}
        self.kit.hide(values.get("OPENAI_API_KEY", ""), "setup OPENAI_API_KEY")
        if not {"OPENAI_API_KEY", "OPENAI_BASE_URL"} & {*values, *outside}:
            return self._model_page("Give a key, or the address of a server that needs none.", fields, status=400)
        try:
            took = await self.kit.server.try_model(values)
        except (UsageError, OutsideError) as error:
            return self._model_page(str(error), fields, status=400 if isinstance(error, UsageError) else 502)
        async with self._one:
            self.held |= values
            await self._keep(values)
            unkept, self.unkept = self.unkept, ""
            why = await self._go_on()
        self.answered = f"It answered in {max(took, 0.01):.2f} s."
        visit.said = why or (f"The model works until this server stops, but is not kept: {unkept}" if unkept else "")
        return None

    def _model_page(self, said: str, fields: Mapping[str, str] | None = None, *, status: int = 200) -> Response:
        server = self.kit.server
        values = {
            "typed": {name: (fields or {}).get(name, "") for name in ("server", "model", "api")},
            "page": self.registered.page if self.registered else "",
            "place": self.kit.vault.place,
            "answered": self.answered,
            "has_model": server.has_model,
            "outside": server.set_outside(*MODEL.values()),
        }
        return pages.model(said, values, status=status)


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else "nothing"
