"""An installation that brings its own key pays with it, and nobody else pays where that does not work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from asker import review
from openai import Timeout
from openai._models import FinalRequestOptions
from structlog.testing import capture_logs
from world import ADDED, Servers, World, finding, servers, world

from reviewer.core.errors import ModelError, OutsideError
from reviewer.logs import REDACTED, Redactor, hide
from reviewer.model.keys import ASIDE
from reviewer.models import REREAD, Models
from reviewer.ports.keys import KeptKey, in_the_clear, last_of
from reviewer.sealing import Seal, new_master
from reviewer.standin.model import StandInModel
from reviewer.store import SqlStore

__all__ = ["servers", "world"]

MASTER = new_master()
OWN, OTHER = "sk-of-installation-seven-1234", "sk-of-installation-seven-5678"


@dataclass
class Shelf:
    """The keys' part of a store, in memory; counts how often it is read."""

    keys: dict[int, KeptKey] = field(default_factory=dict)
    reads: int = 0
    away: bool = False

    def brings(self, installation: int, key: str, base_url: str, *, master: str = MASTER) -> None:
        sealed = Seal([master]).seal(installation, key, base_url)
        self.keys[installation] = KeptKey(installation, sealed, base_url, last_of(key))

    async def own_key(self, installation: int) -> KeptKey | None:
        self.reads += 1
        if self.away:
            raise OutsideError("the database did not answer as it should")
        return self.keys.get(installation)

    async def own_keys(self) -> tuple[KeptKey, ...]:
        return tuple(self.keys.values())

    async def keep_own_key(self, key: KeptKey) -> None:
        self.keys[key.installation] = key

    async def reseal(self, key: KeptKey, sealed: str) -> bool:
        return False

    async def drop_own_key(self, installation: int) -> bool:
        return self.keys.pop(installation, None) is not None


class Office:
    """Models with a shelf of keys, in front of a stand-in that tells who paid."""

    def __init__(self, folder: Path, servers: Servers, **environment: str) -> None:
        self.server = StandInModel()
        servers.model.app = self.server.app
        self.url = f"{servers.model_url}/v1"
        self.shelf, self.now, self.hidden = Shelf(), 0.0, list[str]()
        self.settings = servers.settings(folder, **({"REVIEWER_SECRET_KEY": MASTER} | environment))
        self.models = Models(
            self.settings,
            keys=self.shelf,
            hide=lambda secret, whose: self.hidden.append(f"{whose}: {secret}"),
            clock=lambda: self.now,
        )

    def plays(self, story: Callable[[], Awaitable[None]]) -> None:
        async def whole() -> None:
            try:
                await story()
            finally:
                await self.models.aclose()

        asyncio.run(whole())

    async def pays(self, installation: int, name: str = "gpt-x") -> str:
        """Whose key the server got for one call."""
        await self.models.named(name, installation).call(review())
        return self.server.requests[-1].key

    async def fails(self, installation: int) -> ModelError:
        with pytest.raises(ModelError) as caught:
            await self.models.named("gpt-x", installation).call(review())
        return caught.value


@pytest.fixture
def office(tmp_path: Path, servers: Servers) -> Office:
    return Office(tmp_path, servers)


def test_the_own_key_is_used_where_there_is_one(office: Office) -> None:
    """Its calls go to its own server; other installations and this machine's own work stay with the operator's."""
    office.shelf.brings(7, OWN, f"{office.url}/")

    async def story() -> None:
        assert [await office.pays(number) for number in (7, 8, 0)] == [OWN, "sk-world", "sk-world"]
        assert await office.pays(7, "gpt-y") == OWN
        assert office.hidden == [f"installation 7: {OWN}"]
        own, operators = await office.models._own.shelf(7), office.models._operators  # type: ignore[union-attr]
        assert own
        providers = [own.named(name)._requests.provider for name in ("gpt-x", "gpt-y")]
        assert providers[0] is providers[1] is not operators.named("gpt-x")._requests.provider

    office.plays(story)


def test_a_refused_key_is_nobody_elses_bill(office: Office) -> None:
    """The sentence says whose key it is; the operator's is not tried, and the other installations go on."""
    office.shelf.brings(7, OWN, office.url)
    office.server.refused_keys[OWN] = "insufficient_quota"

    async def story() -> None:
        error = await office.fails(7)
        assert (error.code, error.retryable, error.remedy) == ("keys_refused", False, "")
        assert str(error).startswith("The model server refuses the own key of installation 7: ")
        assert [request.key for request in office.server.requests] == [OWN]
        assert await office.pays(8) == "sk-world"
        (refused,) = office.models.refused_keys()
        assert (refused.whose, refused.key, refused.code) == ("installation 7", "…1234", "insufficient_quota")
        office.shelf.brings(7, OTHER, office.url)
        office.now += REREAD
        assert (await office.pays(7), office.models.refused_keys()) == (OTHER, ())

    office.plays(story)


def test_a_refused_key_is_told_once_until_it_works_again(tmp_path: Path, servers: Servers) -> None:
    """The operator reads which one it is without reading the key; one that works again is off the list."""
    first, second = "sk-operators-first-1111", "sk-operators-second-2222"
    office = Office(tmp_path, servers, OPENAI_API_KEY=f"{first},{second}")
    office.server.refused_keys |= {first: "bad_key"}

    async def story() -> None:
        with capture_logs() as lines:
            assert [await office.pays(0) for _ in range(4)] == [second] * 4
            assert [(key.whose, key.key) for key in office.models.refused_keys()] == [("OPENAI_API_KEY", "…1111")]
            office.server.refused_keys |= {second: "bad_key"}
            await office.fails(0)
            office.server.refused_keys.clear()
            assert [await office.pays(0) for _ in range(2)] == [second] * 2
        told = [line for line in lines if line["event"] == "model.key_refused"]
        assert [(line["key"], line["code"], line["log_level"]) for line in told] == [
            ("…1111", "invalid_api_key", "warning"),
            ("…2222", "invalid_api_key", "warning"),
        ]
        assert [key.key for key in office.models.refused_keys()] == ["…1111"]

    office.plays(story)


def test_a_key_set_aside_is_tried_again(tmp_path: Path, servers: Servers) -> None:
    """After minutes, although another one works: what the operator has mended is used again without a restart."""
    first, second = "sk-operators-first-1111", "sk-operators-second-2222"
    office = Office(tmp_path, servers, OPENAI_API_KEY=f"{first},{second}")
    office.server.refused_keys |= {first: "bad_key"}

    async def story() -> None:
        assert [await office.pays(0) for _ in range(3)] == [second] * 3
        ring = office.models._operators.named("gpt-x")._requests.provider.keys
        ring._clock = lambda: time.monotonic() + ASIDE
        assert [await office.pays(0) for _ in range(2)] == [second] * 2
        assert [request.key for request in office.server.requests].count(first) == 2
        office.server.refused_keys.clear()
        ring._clock = lambda: time.monotonic() + 2 * ASIDE
        assert {await office.pays(0) for _ in range(2)} == {first, second}
        assert office.models.refused_keys() == ()

    office.plays(story)


def test_an_own_server_hears_nothing_of_the_operator(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK sends what it finds in the environment: that is for the operator's own calls."""
    theirs = {"openai-organization": "org-mine", "openai-project": "proj-mine", "x-gateway": "mine"}
    monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-mine")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Gateway: mine\nAuthorization: Bearer mine")
    office.shelf.brings(7, OWN, office.url)

    def sent(shelf: Any) -> dict[str, str]:
        provider = shelf.named("gpt-x")._requests.provider
        client = provider.with_key(provider.client(Timeout(1)), OWN).with_options(timeout=2)
        request = client._build_request(FinalRequestOptions(method="get", url="/models"))
        return dict(request.headers)

    async def story() -> None:
        assert await office.pays(7) == OWN
        assert office.models._own
        own = sent(await office.models._own.shelf(7))
        assert own.keys() & theirs.keys() == set()
        assert own["authorization"] == f"Bearer {OWN}"
        assert "mine" not in str(own)
        assert theirs.items() <= sent(office.models._operators).items()

    office.plays(story)


def test_texts_go_to_no_server_but_the_own_one(tmp_path: Path, servers: Servers) -> None:
    """The operator's embedding model is for those on the operator's key; also while nobody knows who that is."""
    office = Office(tmp_path, servers, REVIEWER_EMBEDDING_MODEL="text-embedding-3-small")
    office.shelf.brings(7, OWN, office.url)
    office.shelf.brings(9, OWN, office.url, master=new_master())

    async def story() -> None:
        found = [await office.models.vectors_for(number) for number in (0, 7, 8, 9)]
        assert [each is not None for each in found] == [True, False, True, False]
        office.shelf.away = True
        assert await office.models.vectors_for(10) is None

    office.plays(story)


def test_an_own_key_is_never_sent_in_the_clear(office: Office) -> None:
    """One that was kept for such an address asks nobody."""
    office.shelf.brings(7, OWN, "http://models.example.com/v1")

    async def story() -> None:
        assert "is not sent to http://models.example.com/v1" in str(await office.fails(7))
        assert office.server.requests == []

    office.plays(story)


@pytest.mark.parametrize(
    ("url", "clear"),
    [
        ("", False),
        ("https://x/v1", False),
        ("http://localhost:8080/v1", False),
        ("http://127.0.0.2", False),
        ("http://[::1]:1/v1", False),
        ("http://10.0.0.1/v1", True),
        ("http://127.evil.example/v1", True),
        ("http://localhost.evil.example", True),
        ("HTTP://models", True),
    ],
)
def test_what_goes_in_the_clear(url: str, clear: bool) -> None:
    """Only this machine is reached without a network, whatever a name looks like."""
    assert in_the_clear(url) is clear


def test_a_change_is_seen_within_a_minute(office: Office) -> None:
    """Set, replaced and removed, without a start of the server; the database is read once a minute and installation."""

    async def story() -> None:
        assert await office.pays(7) == "sk-world"
        for brought in (OWN, OTHER):
            office.shelf.brings(7, brought, office.url)
            office.now += REREAD
            assert await office.pays(7) == brought
        await office.shelf.drop_own_key(7)
        office.now += REREAD - 1
        assert (await office.pays(7), office.shelf.reads) == (OTHER, 3)
        office.now += 1
        assert (await office.pays(7), office.shelf.reads) == ("sk-world", 4)

    office.plays(story)


def test_the_database_may_be_away_for_a_while(office: Office) -> None:
    """What was known counts; where nothing is known, nobody's key is guessed."""
    office.shelf.brings(7, OWN, office.url)

    async def story() -> None:
        await office.pays(7)
        office.shelf.away, office.now = True, REREAD
        assert await office.pays(7) == OWN
        assert (await office.fails(8)).retryable

    office.plays(story)


@pytest.mark.parametrize("master", ["", "A" * 43 + "="], ids=["lost", "changed"])
def test_a_key_that_cannot_be_read_asks_nobody(tmp_path: Path, servers: Servers, master: str) -> None:
    """A lost or changed master key is no reason to run up the operator's bill."""
    office = Office(tmp_path, servers, REVIEWER_SECRET_KEY=master)
    office.shelf.brings(7, OWN, office.url)

    async def story() -> None:
        error = await office.fails(7)
        assert "The own key of installation 7 " in str(error)
        assert "master key" in str(error)
        assert office.server.requests == []

    office.plays(story)


def test_installations_may_bring_all_there_is(tmp_path: Path, servers: Servers) -> None:
    """An operator without a key hears of it at once, unless keys can be brought: then whoever has none hears it."""
    nothing = {"OPENAI_API_KEY": "", "OPENAI_BASE_URL": ""}
    with pytest.raises(ModelError, match="There is no model to ask"):
        Office(tmp_path, servers, REVIEWER_SECRET_KEY="", **nothing).models.named("gpt-x", 7)
    office = Office(tmp_path, servers, **nothing)
    office.shelf.brings(7, OWN, office.url)

    async def story() -> None:
        assert await office.pays(7) == OWN
        assert "There is no model to ask" in str(await office.fails(8))

    office.plays(story)


def test_an_unsealed_key_is_kept_out_of_the_log() -> None:
    """A key of a compatible server has no looks that it could be known by."""
    hide("quite-plain-words")
    assert Redactor().text("got quite-plain-words!") == f"got {REDACTED}!"
    for replaced in ("the-second-one", "the-third-one"):
        hide("the-first-one", "installation 7")
        hide(replaced, "installation 7")
    redacted = Redactor().text("the-first-one, the-second-one, the-third-one, quite-plain-words")
    assert redacted == f"{REDACTED}, the-second-one, {REDACTED}, {REDACTED}"
    hide("")
    assert Redactor().text("as it was") == "as it was"


def test_a_review_goes_on_the_own_key(world: World) -> None:
    """From the database to the posted comment; every call of the review is paid by who brought the key."""
    opened = world.opens()
    installation = world.wish(opened).installation
    settings = world.settings.model_copy(
        update={"secret_keys": world.servers.settings(Path(), REVIEWER_SECRET_KEY=MASTER).secret_keys}
    )
    store: SqlStore = world.parts.store
    sealed = Seal([MASTER]).seal(installation, OWN, world.settings.openai_base_url or "")
    asyncio.run(store.keep_own_key(KeptKey(installation, sealed, world.settings.openai_base_url or "", "1234")))
    models = Models(settings, keys=store)
    world.parts.models.aclose = models.aclose  # type: ignore[method-assign]  # what the world closes after each story
    world.tools = replace(world.tools, model=models.named)
    world.model.findings = [finding(ADDED, "Adds up twice", severity="high")]
    world.reviews(opened)
    assert world.inline == ["shop.py:2 RIGHT high: Adds up twice"]
    assert {request.key for request in world.model.requests} == {OWN}
