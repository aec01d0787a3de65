"""Times the main job: from a signed webhook to the posted review, through the real server in a process of its own.

    uv run python tests/benchmarks/bench_review.py [--git DIR --range A...B | --lines N] [--runs N] [--latency SECONDS]

Without --git or --lines it takes the pull request of `fixtures/demo`; --lines makes one of so many added lines. Prints seconds over the model's own time, GitHub requests,
model calls and the server's memory, each as min / median / max.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from stage import Stands, code, finding, stands

from reviewer import resources
from reviewer.core.diff import decode, parse_diff
from reviewer.standin.events import Event, open_pull
from reviewer.standin.model import StandInModel
from reviewer.standin.repository import GitRepository
from reviewer.standin.webhooks import deliver

NAME = "acme/bench"


def one(stage: Stands, event: Event, number: int) -> None:
    """One review, from the webhook to its end; notes the figures."""
    hub = stage.hub
    requests, calls = len(hub.requests), len(stage.model.requests)
    begun = time.monotonic()
    delivery = deliver(hub, event)
    answered = time.monotonic() - begun
    assert delivery.status == 202, delivery.status
    while not hub.reviews(NAME, number) and time.monotonic() - begun < 60:
        time.sleep(0.005)
    posted = time.monotonic() - begun
    head = hub.pull(NAME, number).head_sha
    while not any(run.conclusion for run in hub.check_runs(head)[-1:]) and time.monotonic() - begun < 60:
        time.sleep(0.005)
    stage.note("webhook answered, s", answered)
    stage.note("webhook to review, s", posted)
    stage.note("GitHub requests", len(hub.requests) - requests)
    stage.note("model calls", len(stage.model.requests) - calls)
    stage.note("server memory, MB (peak)", stage.server.memory())


def a_finding(git: GitRepository, base: str, head: str) -> dict[str, Any]:
    """A medium finding on the first added line that is long enough to be known again."""
    diff = parse_diff(decode(git.run("diff", "-M", base, head)))
    for file in diff.files:
        for hunk in file.hunks:
            for line in hunk.lines:
                if line.kind == "+" and line.new and len(line.text.strip()) > 20:
                    return finding(file.path, line.new, line.text)
    raise SystemExit("nothing was added in this range")


def repository(folder: Path, git_dir: Path | None, range_: str) -> tuple[GitRepository, str, str]:
    """A bare repository with branches main (the merge base) and topic (the head)."""
    git = GitRepository.create(folder / "bench.git", borrow=git_dir)
    if git_dir is None:
        source = resources.demo_folder()
        base = git.commit_folder(source / "base")
        return git, base, git.commit_folder(source / "head", branch="topic")
    left, _, right = range_.partition("...")
    head = git.run("rev-parse", right).decode().strip()
    base = git.run("merge-base", left, right).decode().strip()
    git.point("main", base)
    git.point("topic", head)
    return git, base, head


def generated(folder: Path, lines: int) -> tuple[GitRepository, str, str]:
    """A pull request that adds `lines` lines of ordinary code, 200 to a file."""
    git = GitRepository.create(folder / "bench.git")
    base = git.commit({"README.md": "generated\n"})
    return git, base, git.commit(code(lines // 200, 200), branch="topic", parent=base)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--git", type=Path, help="a git directory that holds the range")
    parser.add_argument("--range", default="", help="A...B in it")
    parser.add_argument("--lines", type=int, default=0, help="make a pull request that adds so many lines")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--latency", type=float, default=1.0, help="seconds the model takes for an answer")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = generated(folder, chosen.lines) if chosen.lines else repository(folder, chosen.git, chosen.range)
        git, base, head = made
        model = StandInModel([a_finding(git, base, head)], latency=chosen.latency)
        with stands(folder, model) as stage:
            stage.hub.add_repository(NAME, git)
            time.sleep(2)
            stage.note("idle memory, MB", stage.server.memory("VmRSS"))
            for number in range(1, chosen.runs + 1):
                # Other instructions on the base branch, so that no answer comes from the cache.
                git.commit(
                    {".github/reviewer.yml": f"review: {{instructions: run {number}}}\n"}, branch="main", parent=base
                )
                event = open_pull(stage.hub, NAME, head="topic", base_sha=base)
                one(stage, event, int(event.payload["number"]))
            report(stage)


def report(stage: Stands) -> None:
    for name, values in stage.figures.items():
        print(f"{name:28} {min(values):9.3f} {statistics.median(values):9.3f} {max(values):9.3f}")
    print(json.dumps({name: round(statistics.median(values), 3) for name, values in stage.figures.items()}))


if __name__ == "__main__":
    main()
