"""Hands out models by name: on the own key of an installation that brings one, else behind the operator's provider."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from reviewer.core.errors import ModelError, OutsideError, UsageError
from reviewer.core.types import Answer, Prompt
from reviewer.model import build_model
from reviewer.model.client import OpenAIModel
from reviewer.model.rates import ModelRates
from reviewer.ports import Model
from reviewer.ports.keys import KeptKey, Keys, RefusedKey, in_the_clear
from reviewer.ports.model import Vectors
from reviewer.sealing import Seal
from reviewer.settings import Settings

Circuit = Literal["closed", "half_open", "open"]
_WORSE: tuple[Circuit, ...] = ("closed", "half_open", "open")

AT_MOST = 16  # any repository may name one; what is kept of it is what it refused and whether it is down
REREAD = 60.0  # seconds for which an installation's own key is believed to be the same


class Models:
    """Made once for the process; a model is built at its first use.

    Without `keys` no installation has one of its own. `hide` is told of each secret that was unsealed, and whose it is.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        keys: Keys | None = None,
        hide: Callable[[str, str], None] = lambda _secret, _whose: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._operators = _Shelf(self._build)
        self._vectors: Vectors | None = None
        self._own = _OwnKeys(settings, keys, hide, clock) if keys else None

    def named(self, name: str, installation: int = 0) -> Model:
        """Whose key it goes on is found out at each call. Raises ModelError where no provider can be set up."""
        settings = self._settings
        if installation and self._own and (settings.has_model or settings.secret_keys):
            return _Chosen(name, installation, self._own, self._operators)
        return self._operators.named(name)

    def vectors(self) -> Vectors | None:
        """The embedding model; None where the operator named none or set no provider up."""
        name = self._settings.embedding_model
        if self._vectors is None and name and self._settings.has_model:
            self._vectors = self._operators.provided(name).embeddings(name)
        return self._vectors

    async def vectors_for(self, installation: int) -> Vectors | None:
        """The same; None for an installation that pays itself, or of which that cannot be found out: its texts go to
        no server but its own, which may have no such model.
        """
        try:
            if installation and self._own and await self._own.shelf(installation):
                return None
            return self.vectors()
        except ModelError:
            return None

    def refused_keys(self) -> tuple[RefusedKey, ...]:
        """The operator's and the installations' keys that the model server refuses now."""
        return tuple(key for shelf in self._shelves() for key in shelf.refused_keys())

    def circuits(self) -> dict[str, Circuit]:
        """The state of each model's breaker, by its name; the worst one where several keys reach it."""
        worst: dict[str, Circuit] = {}
        for shelf in self._shelves():
            for name, circuit in shelf.circuits().items():
                worst[name] = max(circuit, worst.get(name, circuit), key=_WORSE.index)
        return worst

    def rates(self) -> tuple[ModelRates, ...]:
        """What each key has left of each model's rate limits, and how many calls wait for it."""
        return tuple(each for shelf in self._shelves() for each in shelf.rates())

    def share(self, sharers: int) -> None:
        """So many worker processes use the keys, this one too."""
        for shelf in self._shelves():
            shelf.share(sharers)

    async def aclose(self) -> None:
        """Close this event loop's connections."""
        for shelf in (*self._shelves(), *(self._own.replaced if self._own else ())):
            await shelf.aclose()

    def _shelves(self) -> tuple[_Shelf, ...]:
        return self._operators, *(self._own.shelves() if self._own else ())

    def _build(self, name: str) -> OpenAIModel:
        settings = self._settings
        azure_key = settings.azure_openai_api_key
        try:
            return build_model(
                name,
                api=settings.model_api,
                keys=[key.get_secret_value() for key in settings.openai_api_keys],
                base_url=settings.openai_base_url,
                azure_endpoint=settings.azure_openai_endpoint,
                azure_key=azure_key.get_secret_value() if azure_key else None,
                azure_version=settings.openai_api_version or None,
                flex=settings.flex,
            )
        except UsageError as error:
            raise ModelError(str(error), code="not_set_up") from None


class _Shelf:
    """The models behind one provider; all share its connections and keys."""

    def __init__(self, build: Callable[[str], OpenAIModel]) -> None:
        self._build = build
        self._first: OpenAIModel | None = None
        self._models: OrderedDict[str, OpenAIModel] = OrderedDict()  # the one used last is the last

    def named(self, name: str) -> OpenAIModel:
        if name not in self._models:
            self._models[name] = self.provided(name).sibling(name)
            if len(self._models) > AT_MOST:
                self._models.popitem(last=False)  # a run that has it goes on with it
        self._models.move_to_end(name)
        return self._models[name]

    def provided(self, name: str) -> OpenAIModel:
        """Any of them."""
        self._first = self._first or self._build(name)
        return self._first

    def circuits(self) -> dict[str, Circuit]:
        return {name: model.circuit for name, model in list(self._models.items())}

    def refused_keys(self) -> tuple[RefusedKey, ...]:
        return self._first.refused_keys() if self._first else ()

    def rates(self) -> tuple[ModelRates, ...]:
        return self._first.rates() if self._first else ()

    def share(self, sharers: int) -> None:
        if self._first:
            self._first.share(sharers)

    async def aclose(self) -> None:
        if self._first:
            await self._first.aclose()


@dataclass(slots=True)
class _Chosen:
    """Satisfies `ports.Model`. An own key that does not work is an error: nobody else's bill is run up for it."""

    name: str
    installation: int
    own: _OwnKeys
    operators: _Shelf

    async def on_own_key(self) -> bool:
        """Satisfies `ports.Keyed`."""
        return await self.own.shelf(self.installation) is not None

    async def call(self, prompt: Prompt) -> Answer:
        shelf = await self.own.shelf(self.installation) or self.operators
        return await shelf.named(self.name).call(prompt)


@dataclass(slots=True)
class _Held:
    """What was last read for an installation, when, and the models on its key."""

    kept: KeptKey | None
    read: float
    shelf: _Shelf | None = None


@dataclass(slots=True)
class _OwnKeys:
    """The installations' own keys, each with models of its own: what one key has used up is no matter of another's."""

    settings: Settings
    keys: Keys
    hide: Callable[[str, str], None]
    clock: Callable[[], float]  # monotonic seconds
    held: dict[int, _Held] = field(default_factory=dict)
    replaced: list[_Shelf] = field(default_factory=list)  # a call may still be under way on them

    async def shelf(self, installation: int) -> _Shelf | None:
        """None where the installation has no key. Raises ModelError where it has one that cannot be read."""
        held = self.held.get(installation)
        if held is None or self.clock() >= held.read + REREAD:
            held = self._now(installation, await self._read(installation))
        if held.kept and held.shelf is None:
            held.shelf = self._opened(held.kept)
        return held.shelf

    def shelves(self) -> tuple[_Shelf, ...]:
        return tuple(held.shelf for held in list(self.held.values()) if held.shelf)

    async def _read(self, installation: int) -> KeptKey | None:
        try:
            return await self.keys.own_key(installation)
        except OutsideError as error:
            if installation in self.held:  # it seldom changes
                return self.held[installation].kept
            raise ModelError(f"Whose key to use could not be read: {error}", retryable=True, code="own_key") from error

    def _now(self, installation: int, kept: KeptKey | None) -> _Held:
        before = self.held.get(installation)
        if before and before.kept == kept:
            before.read = self.clock()
            return before
        if before and before.shelf:
            self.replaced.append(before.shelf)
        self.held[installation] = _Held(kept, self.clock())
        return self.held[installation]

    def _opened(self, kept: KeptKey) -> _Shelf:
        masters = [master.get_secret_value() for master in self.settings.secret_keys]
        try:
            key = Seal(masters).open(kept)
        except UsageError as error:
            raise ModelError(str(error), code="own_key") from None
        self.hide(key, f"installation {kept.installation}")
        if in_the_clear(kept.base_url):
            raise ModelError(
                f"The own key of installation {kept.installation} is not sent to {kept.base_url}, where anybody on the "
                "way could read it: keep it again with an address that begins with https://.",
                code="own_key",
            )
        api, flex = self.settings.model_api, self.settings.flex
        server, own = kept.base_url, kept.installation
        return _Shelf(lambda name: build_model(name, api=api, keys=[key], base_url=server, own=own, flex=flex))


__all__ = ["AT_MOST", "Models"]
