"""Kills the server with SIGKILL at random moments of many-chunk reviews, starts it again, and counts what was lost.

    uv run python tests/benchmarks/bench_kills.py [--kills N] [--seed N] [--database URL]

Every round opens a pull request of 30 chunks with 6 findings, kills the server once somewhere between the webhook's
answer and the end of the review, starts it again and waits for the end. It prints, and exits 1 unless all but the first
are 0: rounds, lost reviews, duplicate reviews, lost comments, duplicate comments, hanging checks, model answers paid
for twice (those that had arrived more than 0.3 s before the kill).
"""

from __future__ import annotations

import argparse
import random
import re
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path

from stage import Stands, code, finding, stands

from reviewer.standin.events import open_pull
from reviewer.standin.model import StandInModel
from reviewer.standin.repository import GitRepository
from reviewer.standin.webhooks import deliver

NAME = "acme/killed"
FILES, LINES, FINDINGS = 30, 150, 6
LATENCY = 0.3  # seconds of the model
WHOLE = 2.5  # seconds of a review that nobody kills, roughly
WITHIN = 90.0  # seconds that a killed review may take to end
GRACE = 0.3  # seconds in which an answer may have arrived and not have been kept yet
MARK = re.compile(r"<!-- reviewer:(?:finding|run)=\S+ -->")


class Rounds:
    def __init__(self, stage: Stands, git: GitRepository, chance: random.Random) -> None:
        self.stage, self.git, self.chance = stage, git, chance
        self.base = git.commit({"README.md": "killed\n"})
        self.counts: Counter[str] = Counter()

    def round(self, number: int) -> None:
        hub, model, server = self.stage.hub, self.stage.model, self.stage.server
        files = code(FILES, LINES, seed=f"round {number}")
        self.git.commit(files, branch=f"topic-{number}", parent=self.base)
        paths = self.chance.sample(sorted(files), FINDINGS)
        model.findings = [finding(path, 2, files[path].split("\n")[1], title=f"In {path}") for path in paths]
        first_call = len(model.requests)
        event = open_pull(hub, NAME, head=f"topic-{number}")
        delivery = deliver(hub, event)
        assert delivery.status == 202, delivery.status
        time.sleep(self.chance.uniform(0, WHOLE))
        killed = time.monotonic()
        server.stop(signal.SIGKILL)
        server.start()
        self.wait(int(event.payload["number"]))
        self.check(int(event.payload["number"]), paths, killed, first_call)

    def wait(self, number: int) -> None:
        hub = self.stage.hub
        head = hub.pull(NAME, number).head_sha
        deadline = time.monotonic() + WITHIN
        while time.monotonic() < deadline:
            runs = hub.check_runs(head)
            if runs and all(run.status == "completed" for run in runs):
                time.sleep(0.2)
                return
            time.sleep(0.05)

    def check(self, number: int, paths: list[str], killed: float, first_call: int) -> None:
        hub = self.stage.hub
        reviews, comments = hub.reviews(NAME, number), hub.comments(NAME, number)
        runs = hub.check_runs(hub.pull(NAME, number).head_sha)
        said = Counter(comment.path for comment in comments)
        self.counts["rounds"] += 1
        self.counts["lost reviews"] += not reviews
        self.counts["duplicate reviews"] += max(0, len(reviews) - 1)
        self.counts["lost comments"] += sum(not said[path] for path in paths)
        self.counts["duplicate comments"] += sum(max(0, count - 1) for count in said.values())
        self.counts["hanging checks"] += sum(run.status != "completed" for run in runs) + (not runs)
        self.counts["duplicate checks"] += max(0, len(runs) - 1)
        self.counts["paid twice"] += self.paid_twice(killed, first_call)

    def paid_twice(self, killed: float, first_call: int) -> int:
        """Files in a call after the kill whose answer had arrived before it."""
        calls = self.stage.model.requests[first_call:]
        had = {path for call in calls if 0 < call.answered < killed - GRACE for path in _paths(str(call.body))}
        return sum(path in had for call in calls if call.begun > killed for path in _paths(str(call.body)))


def _paths(body: str) -> set[str]:
    return set(re.findall(r"@@ (src/part_\d+\.py)", body))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--database", default="", help="postgresql://… instead of a SQLite file")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        git = GitRepository.create(folder / "killed.git")
        with stands(folder, StandInModel(latency=LATENCY), database=chosen.database) as stage:
            stage.hub.add_repository(NAME, git)
            rounds = Rounds(stage, git, random.Random(chosen.seed))
            for number in range(1, chosen.kills + 1):
                rounds.round(number)
                if any(count for what, count in rounds.counts.items() if what != "rounds"):
                    print(f"round {number}: {dict(rounds.counts)}", flush=True)
    for what, count in rounds.counts.items():
        print(f"{what:20} {count}")
    raise SystemExit(any(count for what, count in rounds.counts.items() if what != "rounds"))


if __name__ == "__main__":
    main()
