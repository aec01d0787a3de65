"""Who we are on GitHub, and where GitHub is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings

from reviewer.settings.kinds import HTTP, ApiUrl, HttpUrl, Secrets, names, pem


class GitHubSettings(BaseSettings):
    app_id: str = Field(
        "",
        validation_alias=names("GITHUB_APP_ID", "APP_ID"),
        pattern=r"^[A-Za-z0-9._-]*$",
        description="the number or the client id that the GitHub App's settings page shows",
    )
    private_key: Annotated[SecretStr, AfterValidator(pem)] | None = Field(
        None, validation_alias=names("GITHUB_PRIVATE_KEY", "PRIVATE_KEY")
    )
    private_key_path: Path | None = Field(
        None, validation_alias=names("GITHUB_PRIVATE_KEY_PATH", "PRIVATE_KEY_PATH"), description="the path of a file"
    )
    webhook_secrets: Secrets = Field((), validation_alias=names("GITHUB_WEBHOOK_SECRET", "WEBHOOK_SECRET"))
    github_api_url: ApiUrl = Field("https://api.github.com", validation_alias=names("GITHUB_API_URL"), description=HTTP)
    webhook_proxy_url: HttpUrl | None = Field(
        None, validation_alias=names("WEBHOOK_PROXY_URL"), description=HTTP, repr=False
    )

    @property
    def has_credentials(self) -> bool:
        return not self.missing_credentials()

    def missing_credentials(self) -> tuple[str, ...]:
        """The variables that still have to be set before we can be a GitHub App."""
        return tuple(name for name, value in self._credentials().items() if not value)

    def present_credentials(self) -> tuple[str, ...]:
        return tuple(name for name, value in self._credentials().items() if value)

    def _credentials(self) -> dict[str, object]:
        return {
            "GITHUB_APP_ID": self.app_id,
            "GITHUB_PRIVATE_KEY": self.private_key,
            "GITHUB_WEBHOOK_SECRET": self.webhook_secrets,
        }
