"""Kinds of values that a variable may hold, each checked where it comes in."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, AliasChoices, BeforeValidator, SecretStr
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from reviewer.core.errors import UsageError
from reviewer.core.prompts import parse_split
from reviewer.core.spending import parse_limits
from reviewer.private_key import private_key_pem


def names(name: str, *others: str) -> AliasChoices:
    return AliasChoices(name, *others)


def listed(value: object) -> object:
    """Comma separated: several are valid at once while one is rotated, or are used in turn."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def lowered(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def http_url(url: str) -> str:
    parts = urlsplit(url)
    parts.port  # noqa: B018 - reading it raises ValueError for a port that is none
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        message = "not a base address"
        raise ValueError(message)
    return url.rstrip("/")


def is_database(url: str) -> str:
    if not re.match(r"sqlite(\+\w+)?://(/|$)|postgres(ql)?(\+\w+)?://.", url):
        message = "not a database address"
        raise ValueError(message)
    return url


def pem(key: SecretStr) -> SecretStr:
    try:
        return SecretStr(private_key_pem(key.get_secret_value()))
    except UsageError as error:
        raise PydanticCustomError("sentence", "{sentence}", {"sentence": str(error)}) from None


def budgets_in(value: object) -> object:
    try:
        return parse_limits(value) if isinstance(value, str) else value
    except UsageError as error:
        raise PydanticCustomError("sentence", "{sentence}", {"sentence": str(error)}) from None


def split_in(value: object) -> object:
    try:
        return parse_split(value) if isinstance(value, str) else value
    except UsageError as error:
        raise PydanticCustomError("sentence", "{sentence}", {"sentence": str(error)}) from None


def _keys(keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if all(re.fullmatch(r"[!-~]+", key.get_secret_value()) for key in keys):
        return keys
    sentence = "it holds a character that no key has; copy it again"
    raise PydanticCustomError("sentence", "{sentence}", {"sentence": sentence})


HttpUrl = Annotated[str, AfterValidator(http_url)]
Secrets = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(listed)]
ApiKeys = Annotated[Secrets, AfterValidator(_keys)]

HTTP = "an address that begins with https:// (or http://) and names a host, like https://github.example.com/api/v3"
