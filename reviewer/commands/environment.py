"""Where a command's settings come from: the environment, a `.env` file of the person's own, the machine's keyring."""

from __future__ import annotations

import os
from pathlib import Path

from reviewer import keyrings, logs
from reviewer.git import tracked
from reviewer.printing import complain
from reviewer.settings import Settings, load


def settings_of(*, own: bool = False) -> Settings:
    """`own`: for the local tool, which runs in strangers' repositories."""
    return load(os.environ, env_file(Path(".env"), own=own))


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
