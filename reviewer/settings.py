"""The environment, read once at the door: every variable checked, every complaint one sentence that names it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from reviewer.core.errors import UsageError
from reviewer.ports import Limits
from reviewer.private_key import private_key_pem


def _names(name: str, *others: str) -> AliasChoices:
    return AliasChoices(name, *others)


def _listed(value: object) -> object:
    """Comma separated: several are valid at once while one is rotated, or are used in turn."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _lowered(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _http_url(url: str) -> str:
    parts = urlsplit(url)
    parts.port  # noqa: B018 - reading it raises ValueError for a port that is none
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        message = "not a base address"
        raise ValueError(message)
    return url.rstrip("/")


def _database_url(url: str) -> str:
    if not re.match(r"sqlite(\+\w+)?://(/|$)|postgres(ql)?(\+\w+)?://.", url):
        message = "not a database address"
        raise ValueError(message)
    return url


def _pem(key: SecretStr) -> SecretStr:
    try:
        return SecretStr(private_key_pem(key.get_secret_value()))
    except UsageError as error:
        raise PydanticCustomError("sentence", "{sentence}", {"sentence": str(error)}) from None


_HttpUrl = Annotated[str, AfterValidator(_http_url)]
_Secrets = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_listed)]

_HTTP = "an address that begins with https:// (or http://) and names a host, like https://github.example.com/api/v3"


class Settings(BaseSettings):
    """What the operator chose. Each field's description says what the variable must be; secrets never show in repr."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        str_strip_whitespace=True,
        hide_input_in_errors=True,
    )

    app_id: str = Field(
        "",
        validation_alias=_names("GITHUB_APP_ID", "APP_ID"),
        pattern=r"^[A-Za-z0-9._-]*$",
        description="the number or the client id that the GitHub App's settings page shows",
    )
    private_key: Annotated[SecretStr, AfterValidator(_pem)] | None = Field(
        None, validation_alias=_names("GITHUB_PRIVATE_KEY", "PRIVATE_KEY")
    )
    private_key_path: Path | None = Field(
        None, validation_alias=_names("GITHUB_PRIVATE_KEY_PATH", "PRIVATE_KEY_PATH"), description="the path of a file"
    )
    webhook_secrets: _Secrets = Field((), validation_alias=_names("GITHUB_WEBHOOK_SECRET", "WEBHOOK_SECRET"))
    github_api_url: _HttpUrl = Field(
        "https://api.github.com", validation_alias=_names("GITHUB_API_URL"), description=_HTTP
    )

    openai_api_keys: _Secrets = Field((), validation_alias=_names("OPENAI_API_KEY"))
    openai_base_url: _HttpUrl | None = Field(
        None, validation_alias=_names("OPENAI_BASE_URL"), description=_HTTP, repr=False
    )
    azure_openai_endpoint: _HttpUrl | None = Field(
        None, validation_alias=_names("AZURE_OPENAI_ENDPOINT"), description=_HTTP
    )
    azure_openai_api_key: SecretStr | None = Field(None, validation_alias=_names("AZURE_OPENAI_API_KEY"))
    openai_api_version: str = Field("", validation_alias=_names("OPENAI_API_VERSION"))
    model: str = Field("gpt-6.1-terra", validation_alias=_names("REVIEWER_MODEL"))
    fallback_model: str = Field("gpt-6-luna", validation_alias=_names("REVIEWER_FALLBACK_MODEL"))
    model_api: Annotated[Literal["responses", "chat"], BeforeValidator(_lowered)] = Field(
        "responses", validation_alias=_names("REVIEWER_MODEL_API"), description="responses or chat"
    )
    embedding_model: str = Field("", validation_alias=_names("REVIEWER_EMBEDDING_MODEL"))
    cache_mb: int = Field(
        512,
        validation_alias=_names("REVIEWER_CACHE_MB"),
        ge=0,
        description="the number of megabytes that the kept answers of one installation may take (0 for no limit)",
    )
    context_window: int = Field(
        128_000,
        validation_alias=_names("REVIEWER_CONTEXT_WINDOW"),
        ge=4_000,
        description="the number of tokens that the model takes at once, its answer included: 4000 or more",
    )
    max_tokens: int = Field(
        1_000_000,
        validation_alias=_names("REVIEWER_MAX_TOKENS"),
        ge=0,
        description="the number of input tokens that one review may send (0 for no limit)",
    )
    max_minutes: float = Field(
        15,
        validation_alias=_names("REVIEWER_MAX_MINUTES"),
        ge=0,
        allow_inf_nan=False,
        description="the number of minutes in which one review may begin model calls (0 for no limit)",
    )

    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
        "sqlite:///reviewer.db",
        validation_alias=_names("REVIEWER_DATABASE_URL", "DATABASE_URL"),
        description="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME",
        repr=False,  # it may hold a password
    )
    bot_name: str = Field("", validation_alias=_names("REVIEWER_BOT_NAME"))
    operator_token: SecretStr | None = Field(None, validation_alias=_names("REVIEWER_OPERATOR_TOKEN"))
    host: str = Field("127.0.0.1", validation_alias=_names("HOST"))
    port: int = Field(
        8000,
        validation_alias=_names("PORT"),
        ge=0,
        le=65535,
        description="a number from 1 to 65535 (or 0 for any free port)",
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error", "critical"], BeforeValidator(_lowered)] = Field(
        "info", validation_alias=_names("LOG_LEVEL"), description="debug, info, warning, error or critical"
    )
    log_format: Annotated[Literal["console", "json"], BeforeValidator(_lowered)] | None = Field(
        None, validation_alias=_names("LOG_FORMAT"), description="console or json"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the names are pydantic-settings'
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment comes in by argument (see `load`), never from the process behind our back."""
        return init_settings, dotenv_settings

    @property
    def has_credentials(self) -> bool:
        return not self.missing_credentials()

    def missing_credentials(self) -> tuple[str, ...]:
        """The variables that still have to be set before we can be a GitHub App."""
        needed = {
            "GITHUB_APP_ID": self.app_id,
            "GITHUB_PRIVATE_KEY": self.private_key,
            "GITHUB_WEBHOOK_SECRET": self.webhook_secrets,
        }
        return tuple(name for name, value in needed.items() if not value)

    @property
    def limits(self) -> Limits:
        return Limits(self.max_tokens, self.max_minutes * 60, self.context_window)

    @property
    def has_model(self) -> bool:
        """A key, a compatible server (which may need none), or Azure's endpoint with its key."""
        azure = self.azure_openai_endpoint and self.azure_openai_api_key
        return bool(self.openai_api_keys or self.openai_base_url or azure)

    def secrets(self) -> tuple[str, ...]:
        """Every secret in the clear, for the log's redactor."""
        single = (self.private_key, self.azure_openai_api_key, self.operator_token)
        hidden = [*self.webhook_secrets, *self.openai_api_keys, *(secret for secret in single if secret)]
        password = urlsplit(self.database_url).password if "@" in self.database_url else None
        return (*(secret.get_secret_value() for secret in hidden), *([password] if password else []))


def load(environ: Mapping[str, str], env_file: Path | None = None) -> Settings:
    """The settings in `environ`, and in `env_file` for what is not in `environ`; an empty value counts as not set.

    Raises UsageError, with one sentence that names the variable.
    """
    known = {name for field in Settings.model_fields for name in _variables(field)}
    given: dict[str, Any] = {name: value for name, value in environ.items() if name in known and value.strip()}
    try:
        settings = Settings(**{"_env_file": env_file, **given})
    except ValidationError as error:
        raise _complaint(error, given) from None
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{env_file} cannot be read: make it a text file in UTF-8 with NAME=value lines.") from None
    if settings.private_key is None and settings.private_key_path is not None:
        key = _key_file(settings.private_key_path, name=_name("private_key_path", given))
        return settings.model_copy(update={"private_key": key})
    return settings


def _key_file(path: Path, *, name: str) -> SecretStr:
    try:
        return SecretStr(private_key_pem(path.expanduser().read_text(encoding="utf-8", errors="replace")))
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: no home for ~; ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a path"
        raise UsageError(f"{name} names {str(path)!r}, which cannot be read: {reason}.") from None
    except UsageError as error:
        raise UsageError(f"{name} names {str(path)!r}, but {error}") from None


def _variables(field: str) -> list[str]:
    alias = Settings.model_fields[field].validation_alias
    return [str(choice) for choice in alias.choices] if isinstance(alias, AliasChoices) else []


def _name(field: str, given: Mapping[str, Any]) -> str:
    """The variable that was used; what came out of the `.env` file may have had either name."""
    names = _variables(field)
    return next((name for name in names if name in given), " or ".join(names))


def _complaint(error: ValidationError, given: Mapping[str, Any]) -> UsageError:
    """One sentence for the first thing wrong. The value is not repeated: it may be a secret in the wrong place."""
    first = error.errors(include_url=False, include_input=False)[0]
    field = next(field for field in Settings.model_fields if first["loc"][0] in _variables(field))
    name = _name(field, given)
    if first["type"] == "sentence":
        return UsageError(f"{name} does not work: {first['msg']}")
    return UsageError(f"{name} must be {Settings.model_fields[field].description or 'a plain text'}.")
