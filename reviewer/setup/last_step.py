"""The last step of the set-up: the server goes on with what it was given, and gets a model that answers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from starlette.responses import Response

from reviewer.core.errors import OutsideError, UsageError
from reviewer.ports.keys import in_the_clear
from reviewer.ports.registering import KeptAlready, Registered
from reviewer.setup import pages
from reviewer.setup.kit import Kit
from reviewer.setup.visits import Visit

MODEL = {"key": "OPENAI_API_KEY", "server": "OPENAI_BASE_URL", "model": "REVIEWER_MODEL", "api": "REVIEWER_MODEL_API"}


@dataclass(slots=True)
class LastStep:
    """A step gives None where the next page says all there is to say."""

    kit: Kit
    registered: Registered | None = None
    held: dict[str, str] = field(default_factory=dict, repr=False)  # all that was got here
    answered: str = ""  # how the model answered
    one: asyncio.Lock = field(default_factory=asyncio.Lock)  # a code works once, and there is one App

    async def go_on(self) -> str:
        """Why not, "" where it runs."""
        try:
            await self.kit.server.go_on(self.held)
        except (UsageError, OutsideError) as error:
            return str(error)
        return ""

    async def model(self, visit: Visit, fields: Mapping[str, str]) -> Response | None:
        """Try what was typed, and keep it. Only where there is no model: a key that is set is not for an address that
        somebody types here.
        """
        server = self.kit.server
        if not server.running:
            return None
        if server.has_model:
            return self.model_page("A model is set already: another one is set in the environment.", status=409)
        outside = server.set_outside(*MODEL.values())
        values = {name: fields.get(each, "") for each, name in MODEL.items() if name not in outside}
        values = {name: value for name, value in values.items() if value}
        self.kit.hide(values.get("OPENAI_API_KEY", ""), "setup OPENAI_API_KEY")
        if why := _unfit(values):
            return self.model_page(why, fields, status=400)
        try:
            took = await server.try_model(values)
        except (UsageError, OutsideError) as error:
            return self.model_page(str(error), fields, status=400 if isinstance(error, UsageError) else 502)
        try:
            visit.said = await self._taken(values)
        except KeptAlready as error:
            return self.model_page(str(error), status=409)
        self.answered = f"It answered in {max(took, 0.01):.2f} s."
        return None

    async def _taken(self, values: Mapping[str, str]) -> str:
        """Keep the model and go on with it; what is to be said of that. Raises KeptAlready."""
        async with self.one:
            unkept = ""
            try:
                await asyncio.to_thread(partial(self.kit.vault.keep, values, unless=(MODEL["key"], MODEL["server"])))
            except KeptAlready:
                await self.go_on()  # with what the other one kept
                raise
            except (UsageError, OutsideError) as error:
                unkept = f"The model works until this server stops, but is not kept: {error}"
            self.held |= values
            why = await self.go_on()
        return "" if why else unkept  # the page says itself why it did not start

    def model_page(self, said: str, fields: Mapping[str, str] | None = None, *, status: int = 200) -> Response:
        server = self.kit.server
        values = {
            "typed": {name: (fields or {}).get(name, "") for name in ("server", "model", "api")},
            "page": self.registered.page if self.registered else "",
            "place": self.kit.vault.place,
            "answered": self.answered,
            "has_model": server.has_model,
            "trouble": server.trouble,
            "outside": server.set_outside(*MODEL.values()),
        }
        return pages.model(said, values, status=status)


def _unfit(values: Mapping[str, str]) -> str:
    """Why a key and an address are not even tried."""
    key, address = values.get(MODEL["key"]), values.get(MODEL["server"], "")
    if not key and not address:
        return "Give a key, or the address of a server that needs none."
    try:
        clear = bool(key) and in_the_clear(address)
    except ValueError:
        clear = False  # no address at all, which the settings say
    if clear:
        return (
            f"The key would go to {address} in the clear, where anybody on the way could read it: give an address that "
            "begins with https:// (http:// is for this machine alone)."
        )
    return ""
