"""Runs git so that it prints what GitHub would and starts no program of the repository's or the person's choice."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from reviewer.core.errors import UsageError

# Whatever the person's configuration says, the diff reads like GitHub's; and nothing but git itself is run.
SETTINGS = {
    "advice.addEmbeddedRepo": "false",
    "color.ui": "false",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,  # writing an index would run post-index-change
    "core.quotePath": "true",  # a file name that is not UTF-8 still comes as ASCII
    "diff.external": "",
    "diff.mnemonicPrefix": "false",
    "diff.noprefix": "false",
    "diff.relative": "false",
    "diff.suppressBlankEmpty": "false",
}
DIFF = (
    "diff",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--unified=3",
    "--inter-hunk-context=0",
    "--submodule=short",
    f"-O{os.devnull}",
    "-M",
)
# Set while git runs a hook or an alias; they would point us to that repository and not to the one that was named.
_FOREIGN = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIFF_OPTS",
    "GIT_DIR",
    "GIT_EXTERNAL_DIFF",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_WORK_TREE",
)


def run(
    repo: Path, arguments: Sequence[str], *, stdin: bytes = b"", extra: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """One git command in a repository of the person's. Raises UsageError when it cannot be started at all."""
    if not repo.is_dir():
        raise UsageError(f"{repo} is not a folder: name the repository with `--repo`.")
    settings = [part for key, value in SETTINGS.items() for part in ("-c", f"{key}={value}")]
    try:
        return subprocess.run(  # noqa: S603 - no shell; revisions are resolved to ids before they get here
            ["git", *settings, *arguments],  # noqa: S607 - the person's own git, wherever it is installed
            cwd=repo,
            env=_environment() | (extra or {}),
            input=stdin,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise UsageError("git is not installed or not on the PATH: install it, or give `--diff FILE`.") from None


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    return kept | {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
