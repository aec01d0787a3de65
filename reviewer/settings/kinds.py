"""Kinds of values that a variable may hold, each checked where it comes in."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, AliasChoices, BeforeValidator, SecretStr
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from reviewer.core.errors import UsageError
from reviewer.core.prompts import parse_split
from reviewer.core.spending import parse_limits
from reviewer.private_key import private_key_pem

_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a field's name in HTTP
_VALUE = re.compile(r"[\t -~\xa0-\xff]+")  # what can be sent as its value


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


def headers_in(text: SecretStr) -> SecretStr:
    """`name=value,name=value`, percent-encoded where need be."""
    pairs = [pair.strip() for pair in text.get_secret_value().split(",")]
    for number, pair in enumerate(pairs, 1):
        name, _, value = pair.partition("=")
        if pair and not (_HEADER.fullmatch(name.strip()) and _VALUE.fullmatch(unquote(value.strip()))):
            which = f"entry {number} of {len(pairs)} is no such pair" if len(pairs) > 1 else "this is no such pair"
            sentence = f"write name=value,name=value, with %2C for a comma within a value; {which}"
            raise PydanticCustomError("sentence", "{sentence}", {"sentence": sentence})
    return text


def api_url(url: str) -> str:
    """Not the address of GitHub's pages, where nothing answers as its API does."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    if host == "github.com" or (host.endswith(".ghe.com") and not host.startswith("api.")):
        sentence = f"that is where its pages are; the API is at https://api.{host}"
        raise PydanticCustomError("sentence", "{sentence}", {"sentence": sentence})
    return url


HttpUrl = Annotated[str, AfterValidator(http_url)]
ApiUrl = Annotated[HttpUrl, AfterValidator(api_url)]
Secrets = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(listed)]
Headers = Annotated[SecretStr, AfterValidator(headers_in)]
ApiKeys = Annotated[Secrets, AfterValidator(_keys)]

HTTP = "an address that begins with https:// (or http://) and names a host, like https://github.example.com/api/v3"
