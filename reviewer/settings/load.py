"""The environment, read once at the door: every variable checked, every complaint one sentence that names it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_plus, urlsplit

from pydantic import AliasChoices, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from reviewer.core.errors import UsageError
from reviewer.private_key import private_key_pem
from reviewer.settings.github import GitHubSettings
from reviewer.settings.keys import KeySettings, masters_in
from reviewer.settings.model import ModelSettings
from reviewer.settings.service import ServiceSettings


class Settings(ServiceSettings, KeySettings, ModelSettings, GitHubSettings):
    """What the operator chose. Each field's description says what the variable must be; secrets never show in repr."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        str_strip_whitespace=True,
        hide_input_in_errors=True,
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

    def with_key(self, key: str) -> Settings:
        """The same with another key for OpenAI."""
        return self.model_copy(update={"openai_api_keys": (SecretStr(key),)})

    @classmethod
    def variables(cls) -> tuple[str, ...]:
        """The first name of each."""
        return tuple(_variables(field)[0] for field in cls.model_fields)

    def sets(self, variable: str) -> bool:
        """Whether it was set to something, under any of its names."""
        return any(variable in _variables(field) for field in self.model_fields_set)

    def secrets(self) -> tuple[str, ...]:
        """Every secret in the clear, for the log's redactor."""
        single = (self.private_key, self.azure_openai_api_key, self.operator_token, self.otel_headers)
        several = (*self.webhook_secrets, *self.openai_api_keys, *self.secret_keys)
        hidden = [*several, *(secret for secret in single if secret)]
        return (*(secret.get_secret_value() for secret in hidden), *_passwords(self.database_url))


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
        settings = settings.model_copy(update={"private_key": key})
    if not settings.secret_keys and settings.secret_key_path is not None:
        keys = _master_file(settings.secret_key_path, name=_name("secret_key_path", given))
        settings = settings.model_copy(update={"secret_keys": keys})
    return settings


def _passwords(address: str) -> tuple[str, ...]:
    """The password of a database's address, as it is written and as it is meant: drivers repeat either in errors.

    One with an unescaped `@`, `/` or `?` is read in more than one way.
    """
    found = [urlsplit(address).password if "@" in address else None, _query_password(address)]
    if written := re.match(r"[^:/]+://[^:/@]*:([^@]*)@", address):
        found.append(written[1])
    known = [password for password in found if password]
    return tuple(dict.fromkeys([*known, *map(unquote, known), *map(unquote_plus, known)]))


def _query_password(address: str) -> str | None:
    written = re.search(r"[?&]password=([^&#]+)", address)
    return written[1] if written else None


def _key_file(path: Path, *, name: str) -> SecretStr:
    text = _text(path, name=name)
    try:
        return SecretStr(private_key_pem(text))
    except UsageError as error:
        raise UsageError(f"{name} names {str(path)!r}, but {error}") from None


def _master_file(path: Path, *, name: str) -> tuple[SecretStr, ...]:
    text = _text(path, name=name)
    try:
        return masters_in(text)
    except ValueError:
        raise UsageError(
            f"{name} names {str(path)!r}, which does not hold what `reviewer keys new-master` prints."
        ) from None


def _text(path: Path, *, name: str) -> str:
    try:
        return path.expanduser().read_text(encoding="utf-8", errors="replace")
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: no home for ~; ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a path"
        raise UsageError(
            f"{name} names {str(path)!r}, which cannot be read ({reason}): name a file that this user can read."
        ) from None


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
