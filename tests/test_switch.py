"""A server without credentials becomes the real one, while requests come in; what fails meanwhile leaves it as it was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from keys import pem
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from reviewer import switch as module
from reviewer.core.errors import OutsideError, UsageError
from reviewer.settings import Settings, load
from reviewer.setup import EnvFile
from reviewer.standin.model import StandInModel
from reviewer.standin.server import serve
from reviewer.switch import Opening, Switch

ALL = {"GITHUB_APP_ID": "7", "GITHUB_PRIVATE_KEY": pem(), "GITHUB_WEBHOOK_SECRET": "s"}


class House:
    """A switch, what was kept for it, and the apps that were made, each of which tells its number of model keys."""

    def __init__(self, *, shared: bool = False) -> None:
        self.kept: dict[str, str] = {}
        self.events: list[str] = []
        self.broken: Exception | None = None
        self.fails_with: dict[int, Exception] = {}  # by the number of model keys
        opening = Opening("t", self.again, EnvFile.__new__(EnvFile), shared=shared, told=lambda _: self.log("told"))
        self.switch = Switch(load({}), opening, make=self.make, before=answering("before"))

    def log(self, what: str) -> None:
        self.events.append(what)

    def again(self, values: Mapping[str, str]) -> Settings:
        return load({**self.kept, **values})

    def make(self, settings: Settings) -> Starlette:
        name = f"app {settings.app_id} with {len(settings.openai_api_keys)}"

        @asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            await asyncio.sleep(0.01)
            if error := self.broken or self.fails_with.get(len(settings.openai_api_keys)):
                raise error
            self.log(f"start {name}")
            yield
            self.log(f"stop {name}")

        return answering(name, lifespan)

    async def asked(self) -> str:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.switch), base_url="http://x") as client:
            return (await client.get("/")).text


def answering(text: str, lifespan: Any = None) -> Starlette:
    async def answer(_request: Request) -> Response:
        return PlainTextResponse(text)

    return Starlette(routes=[Route("/", answer)], lifespan=lifespan)


def test_it_goes_on_without_a_restart() -> None:
    """Each change is a stop and a start; who asks in between waits, and is not refused."""
    house = House()

    async def story() -> list[str]:
        async with house.switch.lifespan(Starlette()):
            said = [await house.asked()]
            house.kept |= ALL
            await house.switch.go_on({})
            said.append(await house.asked())
            going = asyncio.create_task(house.switch.go_on({"OPENAI_API_KEY": "sk-1"}))
            while "stop app 7 with 0" not in house.events:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.001)
            said.append(await house.asked())
            await going
            return said

    assert asyncio.run(story()) == ["before", "app 7 with 0", "app 7 with 1"]
    assert house.events == [
        "start app 7 with 0",
        "told",
        "stop app 7 with 0",
        "start app 7 with 1",
        "stop app 7 with 1",
    ]


def test_a_start_that_fails_is_told_and_can_be_tried_again() -> None:
    house = House()

    async def story() -> None:
        async with house.switch.lifespan(Starlette()):
            with pytest.raises(UsageError, match="GITHUB_APP_ID, GITHUB_PRIVATE_KEY, GITHUB_WEBHOOK_SECRET cannot be"):
                await house.switch.go_on({})
            house.kept |= ALL
            house.broken = OutsideError("The database is away.")
            with pytest.raises(OutsideError):
                await house.switch.go_on({})
            assert (house.switch.running, house.switch.trouble) == (False, "The database is away.")
            assert await house.asked() == "before"
            house.broken = None
            await house.switch.go_on({})
            assert (house.switch.running, house.switch.trouble) == (True, "")

    asyncio.run(story())


def test_what_another_process_was_given_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """First the credentials, then the model's key."""
    monkeypatch.setattr(module, "LOOK_EVERY", 0.005)
    house = House(shared=True)

    async def until(text: str) -> None:
        async with asyncio.timeout(30):
            while await house.asked() != text:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.005)

    async def story() -> None:
        async with house.switch.lifespan(Starlette()):
            house.kept |= ALL
            await until("app 7 with 0")
            house.kept["OPENAI_API_KEY"] = "sk-1"
            await until("app 7 with 1")

    asyncio.run(story())
    assert house.events.count("told") == 1


@pytest.mark.parametrize("broken", [OutsideError("The database is away."), ValueError("a slip of ours")])
def test_where_the_second_start_fails_the_first_goes_on(broken: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what it had; why is told, and it is tried again by itself."""
    monkeypatch.setattr(module, "LOOK_EVERY", 0.005)
    house = House()

    async def until(text: str) -> None:
        async with asyncio.timeout(30):
            while await house.asked() != text:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.005)

    async def story() -> None:
        async with house.switch.lifespan(Starlette()):
            await house.switch.go_on(ALL)
            house.fails_with[1] = broken
            with pytest.raises(OutsideError):
                await house.switch.go_on({**ALL, "OPENAI_API_KEY": "sk-1"})
            assert await house.asked() == "app 7 with 0"
            assert (house.switch.running, house.switch.has_model, bool(house.switch.trouble)) == (True, False, True)
            house.fails_with.clear()
            await until("app 7 with 1")
            assert (house.switch.has_model, house.switch.trouble) == (True, "")

    asyncio.run(story())
    assert house.events.count("told") == 1


def test_where_neither_starts_it_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also with what could not be kept."""
    monkeypatch.setattr(module, "LOOK_EVERY", 0.005)
    house = House()

    async def story() -> None:
        async with house.switch.lifespan(Starlette()):
            await house.switch.go_on(ALL)
            house.broken = OutsideError("The database is away.")
            with pytest.raises(OutsideError):
                await house.switch.go_on({**ALL, "OPENAI_API_KEY": "sk-1"})
            assert (house.switch.running, house.switch.missing) == (False, ())
            house.broken = None
            async with asyncio.timeout(30):
                while await house.asked() != "app 7 with 1":  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(0.005)

    asyncio.run(story())


def test_a_typed_address_gets_no_key_that_was_not_typed_with_it() -> None:
    """Whatever was set, kept or written meanwhile; a typed key goes along, none is a placeholder."""
    model = StandInModel()
    house = House()
    with serve(model.app) as url:
        typed = {"OPENAI_BASE_URL": f"{url}/v1"}
        asyncio.run(house.switch.try_model(typed))
        asyncio.run(house.switch.try_model({**typed, "OPENAI_API_KEY": "sk-typed-along"}))
        house.kept["OPENAI_API_KEY"] = "sk-of-the-operator"
        with pytest.raises(UsageError, match="A model is set already"):
            asyncio.run(house.switch.try_model(typed))
    assert [request.key for request in model.requests] == ["none", "sk-typed-along"]
