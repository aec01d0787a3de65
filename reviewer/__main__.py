"""The command line: each command in a few lines, with what it needs imported late, so that `--help` is quick."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from reviewer.core.errors import OutsideError, UsageError

if TYPE_CHECKING:
    from reviewer.settings import Settings

cli = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Reviews pull requests on your own key, your own machine and your own bill.",
)
config_cli = typer.Typer(no_args_is_help=True, help="The configuration of a repository, `.github/reviewer.yml`.")
cli.add_typer(config_cli, name="config")

FAILED, USAGE, OUTSIDE, INTERRUPTED = 1, 2, 3, 130

Range = Annotated[str | None, typer.Argument(metavar="[RANGE]", help="A..B, A...B, or A (to the working tree).")]
Repo = Annotated[Path, typer.Option("--repo", metavar="DIR", help="The git repository.")]
DiffFile = Annotated[Path | None, typer.Option("--diff", metavar="FILE", help="A patch file instead of a range.")]


def main() -> None:
    """The console script: our own errors become one sentence and an exit code."""
    try:
        cli()
    except UsageError as error:
        _leave(USAGE, str(error))
    except OutsideError as error:
        _leave(OUTSIDE, str(error))
    except KeyboardInterrupt:
        _leave(INTERRUPTED, "interrupted")


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on (HOST).")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="The port to listen on (PORT).")] = None,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Only take webhooks; `reviewer worker` reviews.")
    ] = False,
) -> None:
    """Run the server: the webhook's door, the status pages and the reviews."""
    from reviewer.server import run_server

    run_server(_settings(), host=host, port=port, worker=not no_worker)


@cli.command()
def worker() -> None:
    """Run a worker alone, beside `reviewer serve --no-worker` on the same database."""
    from reviewer.server import run_worker

    run_worker(_settings())


@cli.command()
def demo(
    open_page: Annotated[bool, typer.Option("--open", help="Show the pull request in the browser.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the demo's folder behind.")] = False,
) -> None:
    """Play the whole loop on this machine, with no account, no key and no network."""
    from rich.console import Console

    from reviewer.demo import run

    _log("warning")
    raise typer.Exit(run(Console(), open_page=open_page, keep=keep))


@cli.command()
def review(
    range_: Range = None,
    repo: Repo = Path(),
    diff: DiffFile = None,
    output: Annotated[str, typer.Option("--format", help="text, json, sarif or github.")] = "text",
    fail_on: Annotated[str | None, typer.Option(help="critical, high, medium, low or never.")] = None,
) -> None:
    """Review what is on this machine: by default all since the merge base with the default branch.

    Exit code 0: clean or below the bar, 1: at or above it, 2: could not review.
    """
    from reviewer.commands import review_command

    _log("warning")
    raise typer.Exit(review_command(_settings(), range_, repo=repo, diff=diff, output=output, fail_on=fail_on))


@cli.command()
def prompt(range_: Range = None, repo: Repo = Path(), diff: DiffFile = None) -> None:
    """Print the exact messages that `review` would send, with their token counts; sends nothing."""
    from reviewer.commands import prompt_command

    prompt_command(_settings(), range_, repo=repo, diff=diff)


@cli.command()
def receive(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A webhook's payload, as JSON.")],
    event: Annotated[str, typer.Option(metavar="NAME", help="The event's name, as in X-GitHub-Event.")],
) -> None:
    """Play a saved webhook payload through the real line."""
    from reviewer.commands import receive_command

    settings = _settings()
    _log(settings.log_level, settings)
    raise typer.Exit(receive_command(settings, file, event))


@config_cli.command("check")
def config_check(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="By default .github/reviewer.yml.")] = None,
) -> None:
    """Validate a repository's configuration; says line and nearest key of what is wrong."""
    from reviewer.commands import check_config

    raise typer.Exit(check_config(file))


@config_cli.command("schema")
def print_schema() -> None:
    """Print the configuration's JSON schema."""
    from reviewer.core.config import config_schema

    print(json.dumps(config_schema(), indent=2, ensure_ascii=False))


def _settings() -> Settings:
    from reviewer.settings import load

    return load(os.environ, Path(".env"))


def _log(level: str, settings: Settings | None = None) -> None:
    from reviewer.logs import configure

    configure(
        level=level,
        log_format=settings.log_format if settings else None,
        stream=sys.stderr,
        secrets=settings.secrets() if settings else (),
    )


def _leave(code: int, sentence: str) -> NoReturn:
    print(f"reviewer: {sentence}", file=sys.stderr)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
