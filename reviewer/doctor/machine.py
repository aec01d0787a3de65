"""The machine that we run on: free disk, the operator's token and files, the versions of our tools."""

from __future__ import annotations

import asyncio
import platform
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from reviewer import __version__
from reviewer.core.health import Check, Grade, Trouble
from reviewer.doctor.bounded import in_thread
from reviewer.doctor.files import free, in_words, open_to_others
from reviewer.settings import Settings
from reviewer.settings.service import SHORTEST_TOKEN
from reviewer.store.health import file_of

LITTLE, TOO_LITTLE = 500 * 10**6, 50 * 10**6  # bytes


async def disk_checks(settings: Settings) -> list[Check]:
    """A folder of a network may hang."""
    return await in_thread(lambda: [_disk(settings)])


def _disk(settings: Settings) -> Check:
    file = file_of(settings.database_url)
    folders: dict[str, Path] = {"temporary files": Path(tempfile.gettempdir())}
    if file is not None:
        folders["the database"] = file.parent
    if settings.prompt_log is not None:
        folders["the prompt log"] = settings.prompt_log.expanduser().absolute().parent
    room = {what: left for what, folder in folders.items() if (left := free(folder)) is not None}
    troubles = tuple(
        Trouble(f"{in_words(left)} free for {what} ({folders[what]})", _full(what), "make room there")
        for what, left in room.items()
        if left < LITTLE
    )
    least = min(room.values(), default=LITTLE)
    grade: Grade = "problem" if least < TOO_LITTLE else "warning" if troubles else "ok"
    return Check("disk", f"at least {in_words(least)} free", grade, troubles)


def _full(what: str) -> str:
    if what == "the database":
        return "once it is full, no webhook is taken"
    return (
        "once it is full, nothing is kept there" if what == "the prompt log" else "once it is full, git finds no room"
    )


async def secret_checks(settings: Settings, env_file: Path) -> list[Check]:
    troubles = []
    if settings.operator_token is None:
        mend = "set REVIEWER_OPERATOR_TOKEN, as to what `openssl rand -base64 24` prints"
        lost = "the operator's page and /jobs open only with the token that each start makes and prints"
        troubles.append(Trouble("REVIEWER_OPERATOR_TOKEN is not set", lost, mend))
    elif settings.guessable:
        says = f"REVIEWER_OPERATOR_TOKEN has fewer than {SHORTEST_TOKEN} characters"
        troubles.append(Trouble(says, "it can be guessed", "make it longer"))
    files = {"the environment's file": env_file, "GITHUB_PRIVATE_KEY_PATH": settings.private_key_path}
    files["REVIEWER_SECRET_KEY_PATH"] = settings.secret_key_path
    for path in files.values():
        if path is not None and open_to_others(path.expanduser()):
            says = f"{path} can be read by other users of this machine"
            troubles.append(Trouble(says, "they could act as this App", f"chmod 600 {path}"))
    says = "to be kept better:" if troubles else "the operator's token and the files with secrets are kept well"
    return [Check("secrets", says, "warning" if troubles else "ok", tuple(troubles))]


async def version_checks() -> Sequence[Check]:
    ours = f"reviewer {__version__}, Python {platform.python_version()}"
    git = await _git()
    if git:
        return [Check("versions", f"{ours}, git {git}")]
    lost = "changes that GitHub's API does not show in full are left out, and `reviewer review` cannot run"
    trouble = Trouble("there is no git on the PATH", lost, "install git")
    return [Check("versions", ours, "problem", (trouble,))]


async def _git() -> str:
    """Its version, "" where there is none."""
    path = shutil.which("git")
    if path is None:
        return ""
    process = await asyncio.create_subprocess_exec(path, "--version", stdout=asyncio.subprocess.PIPE)
    try:
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    match = re.search(rb"\d+(\.\d+)+", said)
    return match[0].decode() if match else "of unknown version"
