"""Where a command's settings come from: the environment, a `.env` file of the person's own, the machine's keyring."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from reviewer import keyrings, logs
from reviewer.certificates import trust
from reviewer.git import tracked
from reviewer.printing import complain
from reviewer.settings import Settings, load

ENV_FILE = Path(".env")


def settings_of(*, own: bool = False) -> Settings:
    """`own`: for the local tool, which runs in strangers' repositories and asks no server's database. From here on
    REVIEWER_CA_BUNDLE is trusted.
    """
    file = env_file(ENV_FILE, own=own)
    settings = load(os.environ, file)
    trust(settings.ca_bundle)
    return settings if own else with_credentials(settings, os.environ, file)


def with_credentials(settings: Settings, environ: Mapping[str, str], file: Path | None) -> Settings:
    """What neither the environment nor the file sets is as `/setup` keeps it in the database, if it does."""
    if not settings.secret_keys or (settings.has_credentials and settings.has_model):
        return settings
    from reviewer import credentials  # noqa: PLC0415 - the database takes a while to import, and most need none

    found = credentials.kept(settings)
    if settings.app_id not in {"", found.get("GITHUB_APP_ID")}:
        found = {name: value for name, value in found.items() if not name.startswith("GITHUB_")}  # another App's
    for name, value in found.items():
        logs.hide(value, f"credential {name}")
    found = {name: value for name, value in found.items() if not settings.sets(name)}
    return load(found | {name: value for name, value in environ.items() if value.strip()}, file)


def with_kept_key(settings: Settings) -> Settings:
    """The environment first; where it names no model, OpenAI with the key that the machine's keyring keeps."""
    key = "" if settings.has_model else keyrings.kept()
    logs.hide(key)
    return settings.with_key(key) if key else settings


def env_file(file: Path, *, own: bool) -> Path | None:
    """The file to read settings from. `own`: not one that came with the repository, for it could send all elsewhere."""
    if own and tracked(file):
        complain(f"{file} is part of this repository, so it is not read: set the variables in the environment.")
        return None
    return file
