"""Hands out models by name: one for each name, all behind the provider that the operator set up."""

from __future__ import annotations

from reviewer.core.errors import ModelError, UsageError
from reviewer.model import build_model
from reviewer.model.client import OpenAIModel
from reviewer.ports import Model
from reviewer.settings import Settings


class Models:
    """Made once for the process; a model is built at its first use."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._models: dict[str, OpenAIModel] = {}

    def named(self, name: str) -> Model:
        """Raises ModelError where no provider is set up."""
        if name not in self._models:
            self._models[name] = self._build(name)
        return self._models[name]

    async def aclose(self) -> None:
        for model in self._models.values():
            await model.aclose()

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
