"""Folders for a stranger's source while it is looked at: for nobody else's eyes, and gone afterwards."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "reviewer-scratch-"
STALE = 3_600.0  # seconds after which nobody works in one any more, whoever it was


@contextmanager
def scratch(parent: Path | None = None) -> Iterator[Path]:
    """A new folder (mode 0700) in `parent`, or where temporary files are. Raises OSError where none can be made.

    What a killed process of ours left behind there goes at the same time.
    """
    _sweep(parent or Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{platform.node()}-{os.getpid()}-", dir=parent))
    try:
        yield folder
    finally:
        _remove(folder)


def _remove(folder: Path) -> None:
    """At once, without a pause in which a job could be cancelled; a killed child may be writing its last file."""
    for _ in range(3):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return


def _sweep(parent: Path) -> None:
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            found = folder.lstat()
            if found.st_uid == os.getuid() and (_orphaned(folder.name) or time.time() - found.st_mtime > STALE):
                shutil.rmtree(folder, ignore_errors=True)


def _orphaned(name: str) -> bool:
    """Whether the process that made it was one of this machine (or container) and is dead."""
    host, _, rest = name.removeprefix(PREFIX).rpartition("-")[0].rpartition("-")
    if host != platform.node() or not rest.isdigit():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass
    return False
