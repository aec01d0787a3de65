"""The master keys, under which the installations' own keys lie in the database."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings

from reviewer.settings.kinds import Secrets, listed, names

MASTER_BYTES = 32


def master_keys(keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    """Each as `reviewer keys new-master` prints it. Raises ValueError."""
    for key in keys:
        try:
            raw = base64.b64decode(key.get_secret_value().encode(), altchars=b"-_", validate=True)
        except binascii.Error as error:
            raise ValueError from error
        if len(raw) != MASTER_BYTES:
            message = "not a master key"
            raise ValueError(message)
    return keys


def masters_in(text: str) -> tuple[SecretStr, ...]:
    """Those in a file, one a line or with commas. Raises ValueError for what is none, and for an empty file."""
    found = listed(",".join(text.split()))
    keys = tuple(SecretStr(key) for key in found) if isinstance(found, list) else ()
    if not keys:
        message = "no master key"
        raise ValueError(message)
    return master_keys(keys)


class KeySettings(BaseSettings):
    secret_keys: Annotated[Secrets, AfterValidator(master_keys)] = Field(
        (),
        validation_alias=names("REVIEWER_SECRET_KEY"),
        description="what `reviewer keys new-master` prints (several with commas while one is changed)",
    )
    secret_key_path: Path | None = Field(
        None, validation_alias=names("REVIEWER_SECRET_KEY_PATH"), description="the path of a file"
    )
