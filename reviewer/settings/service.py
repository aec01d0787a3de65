"""How the service itself runs: database, address, log, the operator."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings

from reviewer.ports import Hourly
from reviewer.settings.kinds import HTTP, Headers, HttpUrl, is_database, lowered, names

SHORTEST_TOKEN = 16  # characters of an operator token that cannot be guessed


class ServiceSettings(BaseSettings):
    database_url: Annotated[str, AfterValidator(is_database)] = Field(
        "sqlite:///reviewer.db",
        validation_alias=names("REVIEWER_DATABASE_URL", "DATABASE_URL"),
        description="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME",
        repr=False,  # it may hold a password
    )
    bot_name: str = Field("", validation_alias=names("REVIEWER_BOT_NAME"))
    commands_per_hour: int = Field(
        60,
        validation_alias=names("REVIEWER_COMMANDS_PER_HOUR"),
        ge=0,
        description="a number of commands; 0 for no limit",
    )
    repository_commands_per_hour: int = Field(
        600,
        validation_alias=names("REVIEWER_REPOSITORY_COMMANDS_PER_HOUR"),
        ge=0,
        description="a number of commands; 0 for no limit",
    )
    operator_token: SecretStr | None = Field(None, validation_alias=names("REVIEWER_OPERATOR_TOKEN"))
    ca_bundle: Path | None = Field(
        None, validation_alias=names("REVIEWER_CA_BUNDLE"), description="the path of a file of certificates in PEM"
    )
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
    metrics_port: int | None = Field(
        None,
        validation_alias=names("REVIEWER_METRICS_PORT"),
        ge=0,
        le=65535,
        description="a number from 1 to 65535 (or 0 for any free port)",
    )
    otel_endpoint: HttpUrl | None = Field(
        None, validation_alias=names("OTEL_EXPORTER_OTLP_ENDPOINT"), description=HTTP, repr=False
    )
    otel_traces_endpoint: HttpUrl | None = Field(
        None, validation_alias=names("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), description=HTTP, repr=False
    )
    otel_headers: Headers | None = Field(None, validation_alias=names("OTEL_EXPORTER_OTLP_HEADERS"))
    otel_service: str = Field("reviewer", validation_alias=names("OTEL_SERVICE_NAME"))
    prompt_log: Path | None = Field(
        None, validation_alias=names("REVIEWER_PROMPT_LOG"), description="the path of a file, like prompts.jsonl"
    )
    prompt_log_days: int = Field(
        30,
        validation_alias=names("REVIEWER_PROMPT_LOG_DAYS"),
        ge=1,
        le=3650,
        description="the number of days that prompts and answers are kept: 1 to 3650",
    )
    prompt_log_mb: int = Field(
        512,
        validation_alias=names("REVIEWER_PROMPT_LOG_MB"),
        ge=1,
        description="the number of megabytes of prompts and answers that a day may come to: 1 or more",
    )

    @property
    def guessable(self) -> bool:
        """Whether the operator token is so short that it may be guessed."""
        return self.operator_token is not None and len(self.operator_token.get_secret_value()) < SHORTEST_TOKEN

    @property
    def hourly(self) -> Hourly:
        return Hourly(self.commands_per_hour, self.repository_commands_per_hour)

    @property
    def traces_endpoint(self) -> str | None:
        """The whole address that traces go to; None: nowhere."""
        return self.otel_traces_endpoint or (f"{self.otel_endpoint}/v1/traces" if self.otel_endpoint else None)
