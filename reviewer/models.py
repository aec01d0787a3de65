"""Hands out models by name: one for each name, all behind the provider that the operator set up."""

from __future__ import annotations

from collections import OrderedDict

from reviewer.core.errors import ModelError, UsageError
from reviewer.model import build_model
from reviewer.model.client import OpenAIModel
from reviewer.ports import Model
from reviewer.ports.model import Vectors
from reviewer.settings import Settings

AT_MOST = 16  # any repository may name one; what is kept of it is what it refused and whether it is down


class Models:
    """Made once for the process; a model is built at its first use."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._first: OpenAIModel | None = None  # the others share its connections and keys
        self._vectors: Vectors | None = None
        self._models: OrderedDict[str, OpenAIModel] = OrderedDict()  # the one used last is the last

    def named(self, name: str) -> Model:
        """Raises ModelError where no provider is set up."""
        if name not in self._models:
            self._models[name] = self._provided(name).sibling(name)
            if len(self._models) > AT_MOST:
                self._models.popitem(last=False)  # a run that has it goes on with it
        self._models.move_to_end(name)
        return self._models[name]

    def vectors(self) -> Vectors | None:
        """The embedding model; None where the operator named none or set no provider up."""
        name = self._settings.embedding_model
        if self._vectors is None and name and self._settings.has_model:
            self._vectors = self._provided(name).embeddings(name)
        return self._vectors

    async def aclose(self) -> None:
        if self._first:
            await self._first.aclose()

    def _provided(self, name: str) -> OpenAIModel:
        self._first = self._first or self._build(name)
        return self._first

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
            )
        except UsageError as error:
            raise ModelError(str(error), code="not_set_up") from None
