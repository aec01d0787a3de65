"""`reviewer config check`: what is wrong with a repository's configuration, before it is pushed."""

from __future__ import annotations

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
    path = file or next((Path(name) for name in CONFIG_PATHS if Path(name).exists()), None)
    if path is None:
        say(f"no {' or '.join(CONFIG_PATHS)} here: the defaults apply")
        return OK
    layer = layer_of(path).failed("Nothing of it counts.")
    for problem in layer.problems:
        print(problem, file=sys.stderr)  # noqa: T201 - as compilers do: FILE:LINE first, so that editors find it
    if layer.problems:
        return WRONG
    more = f"; it extends {layer.config.extends}, which is not read here" if layer.config.extends else ""
    say(f"{path}: ok{more}")
    return OK


def layer_of(path: Path) -> Layer:
    """What the file says, read as a review would read it. Raises UsageError for one that cannot be opened."""
    name = str(path)
    try:
        if path.is_symlink():  # git keeps no more of it than where it leads
            return read_layer(str(path.readlink()), name=name)
        if path.stat().st_size > LARGEST:
            return read_layer(None, name=name, problem="larger than 1 MB")
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None
    if b"\0" in content:
        return read_layer(None, name=name, problem="binary")
    try:
        return read_layer(content.decode(), name=name)
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text (byte {error.start}): save it as UTF-8.") from None
