"""The commands for a change on this machine: review it, or print what would be sent."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from reviewer import options


def review(
    range_: options.Range = None,
    repo: options.Repo = Path(),
    diff: options.DiffFile = None,
    *,
    staged: options.Staged = False,
    unstaged: options.Unstaged = False,
    pushed: options.Pushed = False,
    output: options.Output = "text",
    fail_on: options.FailOn = None,
    no_cache: options.NoCache = False,
) -> int:
    """Review a change on this machine.

    Needs OPENAI_API_KEY, or OPENAI_BASE_URL for a compatible server. What was answered once is not asked again. Exit
    code 0: clean or below the bar; 1: at or above it; 2: could not review all; 3: the model failed.
    """
    from reviewer.interrupts import as_interrupt

    as_interrupt()
    from reviewer.commands.environment import settings_of
    from reviewer.commands.named import named
    from reviewer.commands.review import review_command
    from reviewer.logs import configure

    configure(level="warning", log_format=None, stream=sys.stderr, secrets=())
    what = named(range_, diff, staged=staged, unstaged=unstaged, pushed=pushed)
    settings = settings_of(own=True)
    return review_command(settings, what, repo=repo, diff=diff, output=output, fail_on=fail_on, cache=not no_cache)


def prompt(
    range_: options.Range = None,
    repo: options.Repo = Path(),
    diff: options.DiffFile = None,
    *,
    staged: options.Staged = False,
    unstaged: options.Unstaged = False,
    pushed: options.Pushed = False,
) -> int:
    """Print what `review` would send; sends nothing.

    The exact messages of each call, with their token counts. Needs no key.
    """
    from reviewer.commands.environment import settings_of
    from reviewer.commands.named import named
    from reviewer.commands.prompt import prompt_command

    what = named(range_, diff, staged=staged, unstaged=unstaged, pushed=pushed)
    return prompt_command(settings_of(own=True), what, repo=repo, diff=diff)


def add_to(cli: typer.Typer) -> None:
    """Add these commands to the program's."""
    cli.command()(review)
    cli.command()(prompt)
