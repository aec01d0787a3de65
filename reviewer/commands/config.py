"""`reviewer config check`: what is wrong with a repository's configuration, before it is pushed."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from reviewer.core.config import Layer, read_layer
from reviewer.core.errors import UsageError
from reviewer.core.guidelines import CONFIG_PATHS
from reviewer.printing import say

OK, WRONG = 0, 2
LARGEST = 1024 * 1024  # bytes, as on GitHub


def check_config(file: Path | None) -> int:
    """Print each problem with its line; 0 without any, 2 with. What it extends is not looked up."""
    root = _root(Path.cwd())
    path = file or next((root / name for name in CONFIG_PATHS if os.path.lexists(root / name)), None)
    if path is None:
        say(f"no {' or '.join(CONFIG_PATHS)} here: the defaults apply")
        return OK
    path = path if file else Path(os.path.relpath(path))
    layer = layer_of(path).failed("Nothing of it counts.")
    for problem in layer.problems:
        print(problem, file=sys.stderr)  # noqa: T201 - as compilers do: FILE:LINE first, so that editors find it
    if layer.problems:
        return WRONG
    more = f"; it extends {layer.config.extends}, which is not read here" if layer.config.extends else ""
    say(f"{path}: ok{more}")
    return OK


def _root(here: Path) -> Path:
    """The repository that `here` is in, as only its root's file counts; `here` itself where it is in none."""
    return next((each for each in (here, *here.parents) if os.path.lexists(each / ".git")), here)


def layer_of(path: Path) -> Layer:
    """What the file says, read as a review would read it. Raises UsageError for one that cannot be opened."""
    name = str(path)
    try:
        if path.is_symlink():  # git keeps no more of it than where it leads
            return read_layer(str(path.readlink()), name=name)
        if not stat.S_ISREG(path.stat().st_mode):  # a device has no end, and a pipe may never begin
            what = "a folder" if path.is_dir() else "a device or a pipe"
            raise UsageError(f"{path} cannot be read: it is {what}, not a file.")
        with path.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None
    if len(content) > LARGEST:
        return read_layer(None, name=name, problem="larger than 1 MB")
    if b"\0" in content:
        return read_layer(None, name=name, problem="binary")
    return read_layer(content.decode("utf-8", "replace"), name=name)  # as GitHub gives it
