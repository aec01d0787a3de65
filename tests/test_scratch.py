"""A folder for strangers' source is for nobody else, and gone afterwards, also when its process was killed."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from reviewer.scratch import PREFIX, STALE, scratch


def test_it_is_private_and_gone_afterwards(tmp_path: Path) -> None:
    """Whatever happens inside."""

    def work() -> None:
        with scratch(tmp_path) as folder:
            (folder / "source.py").write_text("x = 1")
            assert folder.stat().st_mode & 0o777 == 0o700
            raise RuntimeError("inside")

    with pytest.raises(RuntimeError, match="inside"):
        work()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_goes_with_the_next(tmp_path: Path) -> None:
    """At once where the process is known to be dead, after an hour otherwise; other folders are not ours."""
    killed = (
        "import os, sys, pathlib, reviewer.scratch as s\n"
        "with s.scratch(pathlib.Path(sys.argv[1])) as folder:\n"
        "    (folder / 'source.py').write_text('x = 1'); os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", killed, str(tmp_path)], check=False).returncode == -9
    (left,) = tmp_path.iterdir()
    here = f"{PREFIX}{platform.node()}-{os.getpid()}-works"
    for name in (here, f"{PREFIX}elsewhere-1-works", f"{PREFIX}elsewhere-1-stale", "other"):
        (tmp_path / name).mkdir()
    os.utime(tmp_path / f"{PREFIX}elsewhere-1-stale", (0, 0))
    assert STALE > 60
    with scratch(tmp_path) as folder:
        names = {path.name for path in tmp_path.iterdir()} - {folder.name}
    assert names == {here, f"{PREFIX}elsewhere-1-works", "other"}
    assert not left.exists()
