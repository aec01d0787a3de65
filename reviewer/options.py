"""Options and arguments of the commands, with their help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Range = Annotated[
    str | None,
    typer.Argument(
        metavar="RANGE",
        show_default=False,
        help="A..B, A...B, or A (to the working tree). By default all since the merge base with the default branch.",
    ),
]
Repo = Annotated[Path, typer.Option("--repo", metavar="DIR", help="The git repository.")]
DiffFile = Annotated[
    Path | None, typer.Option("--diff", metavar="FILE", help="A patch file instead of a range; - reads it from stdin.")
]
Staged = Annotated[bool, typer.Option("--staged", help="What is staged, against HEAD.")]
Unstaged = Annotated[bool, typer.Option("--unstaged", help="What is not staged, new files included, against what is.")]
Pushed = Annotated[
    bool, typer.Option("--pushed", help="What a push sends, as pre-commit tells it (PRE_COMMIT_FROM_REF, _TO_REF).")
]
Output = Annotated[str, typer.Option("--format", metavar="NAME", help="text, json, sarif or github.")]
FailOn = Annotated[
    str | None,
    typer.Option(metavar="SEVERITY", help="critical, high, medium, low or never, before the configuration's bar."),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Neither use nor keep answers: ask all anew.")]
Hosted = Annotated[
    str, typer.Option("--repo", metavar="OWNER/NAME", show_default=False, help="The repository on GitHub.")
]
NoModel = Annotated[bool, typer.Option("--no-model", help="Ask no model: that costs a fraction of a cent.")]
Shape = Annotated[str, typer.Option("--format", metavar="NAME", help="text or json.")]
ConfigFile = Annotated[
    Path | None, typer.Argument(metavar="FILE", show_default=False, help="By default .github/reviewer.yml.")
]
Candidate = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="A configuration file instead of the one that was last read."),
]
Last = Annotated[int, typer.Option(metavar="N", min=1, max=1_000, help="How many pull requests, the newest first.")]
Host = Annotated[str | None, typer.Option(metavar="HOST", help="The address to listen on, before the variable HOST.")]
Port = Annotated[
    int | None, typer.Option(metavar="PORT", min=0, max=65_535, help="The port, before the variable PORT.")
]
Installation = Annotated[
    int,
    typer.Option(
        "--installation",
        metavar="N",
        min=1,
        show_default=False,
        help="The installation's number, the last part of its settings page's address on GitHub.",
    ),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        metavar="URL",
        help="The server that the key is for. By default OPENAI_BASE_URL, or else OpenAI itself.",
    ),
]
PromptName = Annotated[
    str,
    typer.Argument(
        metavar="PROMPT", show_default=False, help="A prompt like review@2, or a variant like terse: its last version."
    ),
]
Variant = Annotated[str, typer.Argument(metavar="VARIANT", show_default=False, help="The NAME of review.NAME.md.")]
Days = Annotated[int, typer.Option(metavar="N", min=1, max=400, help="How many days, up to now.")]
NoWorker = Annotated[bool, typer.Option("--no-worker", help="Only take webhooks; `reviewer worker` reviews.")]
