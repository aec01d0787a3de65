"""Decides whether a `.env` file is the person's own."""

from __future__ import annotations

from pathlib import Path

from reviewer.git import tracked
from reviewer.printing import complain


def env_file(file: Path, *, own: bool) -> Path | None:
    """The file to read settings from. `own`: not one that came with the repository, for it could send all elsewhere."""
    if own and tracked(file):
        complain(f"{file} is part of this repository, so it is not read: set the variables in the environment.")
        return None
    return file
