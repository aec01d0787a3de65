"""Which model is asked, where, and how much of it one review may take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode

from reviewer.core.prompts import Split
from reviewer.core.types import Limit
from reviewer.ports import Limits
from reviewer.settings.kinds import HTTP, ApiKeys, HttpUrl, budgets_in, listed, lowered, names, split_in


class ModelSettings(BaseSettings):
    openai_api_keys: ApiKeys = Field((), validation_alias=names("OPENAI_API_KEY"))
    openai_base_url: HttpUrl | None = Field(
        None, validation_alias=names("OPENAI_BASE_URL"), description=HTTP, repr=False
    )
    azure_openai_endpoint: HttpUrl | None = Field(
        None, validation_alias=names("AZURE_OPENAI_ENDPOINT"), description=HTTP
    )
    azure_openai_api_key: SecretStr | None = Field(None, validation_alias=names("AZURE_OPENAI_API_KEY"))
    openai_api_version: str = Field("", validation_alias=names("OPENAI_API_VERSION"))
    model: str = Field("gpt-6.1-terra", validation_alias=names("REVIEWER_MODEL"))
    fallback_model: str = Field("gpt-6-luna", validation_alias=names("REVIEWER_FALLBACK_MODEL"))
    allowed_models: Annotated[tuple[str, ...], NoDecode, BeforeValidator(listed)] = Field(
        (), validation_alias=names("REVIEWER_ALLOWED_MODELS")
    )
    model_api: Annotated[Literal["responses", "chat"], BeforeValidator(lowered)] = Field(
        "responses", validation_alias=names("REVIEWER_MODEL_API"), description="responses or chat"
    )
    flex: bool = Field(False, validation_alias=names("REVIEWER_FLEX"), description="true or false")
    embedding_model: str = Field("", validation_alias=names("REVIEWER_EMBEDDING_MODEL"))
    cache_mb: int = Field(
        512,
        validation_alias=names("REVIEWER_CACHE_MB"),
        ge=0,
        description="the number of megabytes that the kept answers of one installation may take (0 for no limit)",
    )
    context_window: int = Field(
        128_000,
        validation_alias=names("REVIEWER_CONTEXT_WINDOW"),
        ge=4_000,
        description="the number of tokens that the model takes at once, its answer included: 4000 or more",
    )
    max_tokens: int = Field(
        1_000_000,
        validation_alias=names("REVIEWER_MAX_TOKENS"),
        ge=0,
        description="the number of input tokens that one review may send (0 for no limit)",
    )
    max_minutes: float = Field(
        15,
        validation_alias=names("REVIEWER_MAX_MINUTES"),
        ge=0,
        allow_inf_nan=False,
        description="the number of minutes in which one review may begin model calls (0 for no limit)",
    )
    budgets: Annotated[tuple[Limit, ...], NoDecode, BeforeValidator(budgets_in)] = Field(
        (), validation_alias=names("REVIEWER_BUDGETS")
    )
    prices_path: Path | None = Field(
        None, validation_alias=names("REVIEWER_PRICES"), description="the path of a file in TOML"
    )

    prompts_path: Path | None = Field(
        None, validation_alias=names("REVIEWER_PROMPTS"), description="the path of a folder"
    )
    prompt_variants: Annotated[Split, NoDecode, BeforeValidator(split_in)] = Field(
        Split(), validation_alias=names("REVIEWER_PROMPT_VARIANTS")
    )

    @property
    def limits(self) -> Limits:
        return Limits(self.max_tokens, self.max_minutes * 60, self.context_window)

    @property
    def allowed(self) -> tuple[str, ...]:
        """What a repository's configuration may name: also those that are asked anyway. Empty: any model."""
        own = (self.model, self.fallback_model) if self.allowed_models else ()
        return tuple(dict.fromkeys(name for name in (*own, *self.allowed_models) if name))

    @property
    def models(self) -> tuple[str, ...]:
        """The names of those that the operator has set."""
        return tuple(name for name in (self.model, self.fallback_model, self.embedding_model) if name)

    @property
    def has_model(self) -> bool:
        """A key, a compatible server (which may need none), or Azure's endpoint, with a key or by Entra ID."""
        return bool(self.openai_api_keys or self.openai_base_url or self.azure_openai_endpoint)
