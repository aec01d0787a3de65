"""How much of a pull request reaches the model, and at what price: coverage, tokens, requests, seconds, memory.

    uv run python tests/benchmarks/bench_whole.py [--git DIR --range A...B | --files N --lines N] [--latency SECONDS]

`--files N --lines N` makes a pull request of so many new files with so many lines each. Seconds are also given over
the ideal: (model calls / parallel calls) x latency.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench_review import NAME, a_finding, repository
from stage import Stands, code, stands

from reviewer.core.diff import decode, parse_diff
from reviewer.core.types import Diff
from reviewer.question import PARALLEL
from reviewer.standin.events import open_pull
from reviewer.standin.model import StandInModel
from reviewer.standin.repository import GitRepository
from reviewer.standin.webhooks import deliver
from reviewer.tokens import O200k

WITHIN = 1_200.0  # seconds for one review


@dataclass(frozen=True)
class Sent:
    rows: frozenset[str]  # "34+    return self"
    tokens: int
    calls: int


def sent(model: StandInModel, count: O200k) -> Sent:
    """What the model was shown of the diff, and what all of it weighs: messages and functions."""
    rows: set[str] = set()
    tokens = calls = 0
    for request in model.requests:
        body = request.body
        if "report_findings" not in json.dumps(body.get("tools", "")):
            continue
        texts = [str(part.get("content", "")) for part in body.get("input") or body.get("messages") or ()]
        texts += [str(body.get("instructions") or ""), json.dumps(body["tools"], separators=(",", ":"))]
        tokens += sum(count.count(text) for text in texts)
        rows.update(row for text in texts for row in text.split("\n"))
        calls += 1
    return Sent(frozenset(rows), tokens, calls)


def share(diff: Diff, kind: str, rows: frozenset[str]) -> tuple[int, int]:
    """Lines of a kind: those that were shown as they are, and all."""
    lines = [line for file in diff.files for hunk in file.hunks for line in hunk.lines if line.kind == kind]
    return sum(f"{line.number}{kind}{line.text}" in rows for line in lines), len(lines)


def review(stage: Stands) -> float:
    """One review, from the webhook to the end of its check; the seconds it took."""
    event = open_pull(stage.hub, NAME, head="topic")
    stage.hub.requests.clear()
    begun = time.monotonic()
    assert deliver(stage.hub, event).status == 202
    head = stage.hub.pull(NAME, 1).head_sha
    while time.monotonic() - begun < WITHIN:
        if any(run.conclusion for run in stage.hub.check_runs(head)):
            return time.monotonic() - begun
        time.sleep(0.02)
    raise SystemExit("the review did not end")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--git", type=Path, help="a git directory that holds the range")
    parser.add_argument("--range", default="", help="A...B in it")
    parser.add_argument("--files", type=int, default=0)
    parser.add_argument("--lines", type=int, default=40)
    parser.add_argument("--latency", type=float, default=1.0, help="seconds the model takes for an answer")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if chosen.files:
            git = GitRepository.create(folder / "bench.git")
            base = git.commit({"README.md": "generated\n"})
            head = git.commit(code(chosen.files, chosen.lines), branch="topic", parent=base)
        else:
            git, base, head = repository(folder, chosen.git, chosen.range)
        raw = git.run("diff", "-M", base, head)
        model = StandInModel([a_finding(git, base, head)], latency=chosen.latency)
        with stands(folder, model) as stage:
            stage.hub.add_repository(NAME, git)
            time.sleep(5)  # what a start does on the side is done
            seconds = review(stage)
            report(stage, raw, seconds, chosen.latency)


def report(stage: Stands, raw: bytes, seconds: float, latency: float) -> None:
    count, text = O200k(), decode(raw)
    shown, diff, weight = sent(stage.model, count), parse_diff(text), count.count(text)
    for kind, what in (("+", "added"), ("-", "removed")):
        reached, all_ = share(diff, kind, shown.rows)
        print(f"{what + ' lines that reached the model':40} {reached:>9,} of {all_:,} ({reached / max(1, all_):.2%})")
    ideal = math.ceil(shown.calls / PARALLEL) * latency
    run = stage.hub.check_runs(stage.hub.pull(NAME, 1).head_sha)[-1]
    print(f"{'input tokens':40} {shown.tokens:>9,} / {weight:,} of the raw diff = {shown.tokens / weight:.3f}")
    print(f"{'GitHub requests':40} {len(stage.hub.requests):>9}")
    print(f"{'seconds':40} {seconds:>9.2f} ({shown.calls} calls, ideal {ideal:.2f})")
    print(f"{'server memory at its peak, MB':40} {stage.server.memory():>9.0f}")
    print(f"{run.conclusion}: {run.title}\n{(run.summary or '')[:600]}")


if __name__ == "__main__":
    main()
