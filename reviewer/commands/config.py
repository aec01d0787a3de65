"""`reviewer config check`: what is wrong with a repository's configuration, before it is pushed."""

from __future__ import annotations

import sys
from pathlib import Path

from reviewer.core.config import parse_config
from reviewer.core.errors import UsageError
from reviewer.core.guidelines import CONFIG_PATHS
from reviewer.printing import say

OK, WRONG = 0, 2


def check_config(file: Path | None) -> int:
    """Print each problem with its line; 0 without any, 2 with."""
    path = file or next((Path(name) for name in CONFIG_PATHS if Path(name).exists()), None)
    if path is None:
        say(f"no {' or '.join(CONFIG_PATHS)} here: the defaults apply")
        return OK
    _, problems = parse_config(_text(path), name=str(path))
    for problem in problems:
        print(problem, file=sys.stderr)  # noqa: T201 - as compilers do: FILE:LINE first, so that editors find it
    if not problems:
        say(f"{path}: ok")
    return WRONG if problems else OK


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text (byte {error.start}): save it as UTF-8.") from None
