"""How the service itself runs: database, address, log, the operator."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings

from reviewer.settings.kinds import is_database, lowered, names


class ServiceSettings(BaseSettings):
    database_url: Annotated[str, AfterValidator(is_database)] = Field(
        "sqlite:///reviewer.db",
        validation_alias=names("REVIEWER_DATABASE_URL", "DATABASE_URL"),
        description="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME",
        repr=False,  # it may hold a password
    )
    bot_name: str = Field("", validation_alias=names("REVIEWER_BOT_NAME"))
    operator_token: SecretStr | None = Field(None, validation_alias=names("REVIEWER_OPERATOR_TOKEN"))
    host: str = Field("127.0.0.1", validation_alias=names("HOST"))
    port: int = Field(
        8000,
        validation_alias=names("PORT"),
        ge=0,
        le=65535,
        description="a number from 1 to 65535 (or 0 for any free port)",
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error", "critical"], BeforeValidator(lowered)] = Field(
        "info", validation_alias=names("LOG_LEVEL"), description="debug, info, warning, error or critical"
    )
    log_format: Annotated[Literal["console", "json"], BeforeValidator(lowered)] | None = Field(
        None, validation_alias=names("LOG_FORMAT"), description="console or json"
    )
