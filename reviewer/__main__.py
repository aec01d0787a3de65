"""The command line: each command in a few lines, with what it needs imported late, so that `--help` is quick."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reviewer.core.errors import OutsideError, UsageError

if TYPE_CHECKING:
    from reviewer.settings import Settings

PLAIN = {"help_option_names": ["-h", "--help"]}

cli = typer.Typer(
    add_completion=False,
    context_settings=PLAIN,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # half of the time that `--help` takes, and errors in boxes
    help="Reviews pull requests on your own key, your own machine and your own bill.",
    epilog="Begin with `reviewer demo`. Exit codes: 0 ok, 1 the gate failed, 2 usage or configuration, 3 an outside service.",
)
config_cli = typer.Typer(rich_markup_mode=None, help="Check a repository's configuration, or print its schema.")
cli.add_typer(config_cli, name="config")

OK, USAGE, OUTSIDE, INTERRUPTED, CLOSED_PIPE = 0, 2, 3, 130, 141

Range = Annotated[str | None, typer.Argument(metavar="RANGE", help="A..B, A...B, or A (to the working tree).")]
Repo = Annotated[Path, typer.Option("--repo", metavar="DIR", help="The git repository.")]
DiffFile = Annotated[
    Path | None, typer.Option("--diff", metavar="FILE", help="A patch file instead of a range; - reads it from stdin.")
]


def main() -> None:
    """The console script: what goes wrong on purpose becomes one sentence and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without Unicode shows a `?`
    try:
        code = cli(standalone_mode=False)
        sys.stdout.flush()
    except typer.TyperException as error:
        code = _say(error.exit_code, f"{error.format_message().rstrip('.')}. Try `{_command(error)} --help`.")
    except UsageError as error:
        code = _say(USAGE, str(error))
    except OutsideError as error:
        code = _say(OUTSIDE, str(error))
    except (KeyboardInterrupt, typer.Abort):
        code = _say(INTERRUPTED, "interrupted")
    except BrokenPipeError:
        code = CLOSED_PIPE
    if sys.stdout.closed or code == CLOSED_PIPE:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())  # nothing is left to complain about
    raise SystemExit(code)
