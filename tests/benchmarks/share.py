"""Gives a process, with all that it starts, a share of the machine's cores: a control group of Linux, version 1 or 2."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
PERIOD = 100_000  # microseconds
JOIN = 'echo $$ > "$0/cgroup.procs" && exec "$@"'  # before the program begins: what it starts is in the group, too


@dataclass(frozen=True, slots=True)
class Group:
    folder: Path

    def inside(self, command: list[str]) -> list[str]:
        return ["sh", "-c", JOIN, str(self.folder), *command]

    def throttled(self) -> float:
        """The part of the periods, until now, in which the share was used up."""
        lines = (self.folder / "cpu.stat").read_text(encoding="ascii").splitlines()
        said = {name: int(value) for name, value in (line.split() for line in lines)}
        return said.get("nr_throttled", 0) / max(said.get("nr_periods", 0), 1)


@contextmanager
def group(cores: float) -> Iterator[Group]:
    """Its processes have to have ended before it does; raises OSError where we may not have one."""
    old = GROUPS / "cpu"
    parent, files = (
        (old, {"cpu.cfs_period_us": PERIOD, "cpu.cfs_quota_us": round(cores * PERIOD)})
        if old.is_dir()
        else (GROUPS, {"cpu.max": f"{round(cores * PERIOD)} {PERIOD}"})
    )
    if parent is GROUPS:
        with suppress(OSError):  # it is on already, or refused: then the group has no `cpu.max`, which is told
            (GROUPS / "cgroup.subtree_control").write_text("+cpu", encoding="ascii")
    folder = parent / f"bench-{os.getpid()}-{secrets.token_hex(3)}"
    folder.mkdir()
    try:
        for name, value in files.items():
            (folder / name).write_text(str(value), encoding="ascii")
        yield Group(folder)
    finally:
        with suppress(OSError):
            folder.rmdir()


def refusal(cores: float) -> str:
    """Why there are no such groups here, or nothing."""
    try:
        with group(cores):
            return ""
    except OSError as error:
        return f"{error.strerror}: {error.filename}"
