"""`reviewer demo`: the whole loop on this machine, with stand-ins for GitHub and the model and nothing else faked."""

from __future__ import annotations

import shutil
import tempfile
import time
import webbrowser
from pathlib import Path

from rich.console import Console

from reviewer.core.errors import UsageError
from reviewer.demo.screen import show
from reviewer.demo.stage import Stage, play, stage

__all__ = ["Stage", "play", "run", "stage"]


def run(console: Console, *, open_page: bool, keep: bool) -> int:
    """Play the demo; returns the exit code. `keep` leaves the folder, `open_page` serves the page until Ctrl-C.

    Raises OutsideError where the loop did not come to its end, UsageError without git.
    """
    if shutil.which("git") is None:
        raise UsageError("The demo needs git, for the repository of its pull request: install it and run this again.")
    folder = Path(tempfile.mkdtemp(prefix="reviewer-demo-"))
    try:
        with console.status("Setting the stage") as status, stage(folder) as stands:
            status.update("The webhook is sent, the review runs")
            seconds = play(stands)
            status.stop()
            show(stands, console, seconds)
            if open_page:
                _serve_page(stands, console)
    finally:
        if keep:
            console.print(f"Kept: {folder}", soft_wrap=True)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def _serve_page(stands: Stage, console: Console) -> None:
    console.print(f"The pull request is at {stands.page} until Ctrl-C.", soft_wrap=True)
    try:
        webbrowser.open(stands.page)
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        console.print("Closed.")
