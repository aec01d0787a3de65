"""Kills the server with SIGKILL in the middle of many-chunk reviews, starts it again, and counts what was lost.

    uv run python tests/benchmarks/bench_kills.py [--kills N] [--seed N] [--boundaries] [--database URL]

The kills come at random moments; with --boundaries first at every request that a review makes of GitHub and of the
model: once before it is done there, and once when it is done and not answered yet. Every round opens a pull request of
30 chunks with 6 findings, kills the server once, starts it again and waits for the end. It prints, and exits 1 unless
all but the first are 0: rounds, lost reviews, duplicate reviews, lost comments, duplicate comments, hanging checks,
duplicate checks, files that the model was paid for twice (whose answer had arrived more than 1 s before the kill).
"""

from __future__ import annotations

import argparse
import itertools
import random
import re
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
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
GRACE = 1.0  # seconds from an answer to its rest on disk: it is searched for secrets before it is kept


class Rounds:
    def __init__(self, stage: Stands, git: GitRepository, chance: random.Random) -> None:
        self.stage, self.git, self.chance = stage, git, chance
        self.base = git.commit({"README.md": "killed\n"})
        self.counts: Counter[str] = Counter()
        self.opened = 0

    def at_boundaries(self) -> None:
        """A round for each request and side of it, until a review has fewer requests than that."""
        for at in itertools.count(1):
            for done in (False, True):
                self.stage.trap.set(at, done=done)
                if not self.round(self.stage.trap.sprung):
                    return

    def at_random(self) -> None:
        moment = threading.Event()
        threading.Timer(self.chance.uniform(0, WHOLE), moment.set).start()
        self.round(moment)

    def round(self, moment: threading.Event) -> bool:
        """One review that is killed at the moment; False when it came to its end before."""
        self.opened += 1
        branch = f"topic-{self.opened}"
        files = code(FILES, LINES, seed=branch)
        self.git.commit(files, branch=branch, parent=self.base)
        paths = self.chance.sample(sorted(files), FINDINGS)
        model = self.stage.model
        model.findings = [finding(path, 2, files[path].split("\n")[1], title=f"In {path}") for path in paths]
        first_call = len(model.requests)
        event = open_pull(self.stage.hub, NAME, head=branch)
        number = int(event.payload["number"])
        delivery = deliver(self.stage.hub, event)
        assert delivery.status == 202, delivery.status
        self.until(lambda: moment.is_set() or (self.stage.trap.at > 0 and self.ended(delivery.guid)))
        killed, in_time = time.monotonic(), moment.is_set()
        self.stage.server.stop(signal.SIGKILL)
        self.stage.trap.set(0, done=False)
        self.stage.server.start()
        self.until(lambda: self.ended(delivery.guid))
        self.check(number, paths)
        self.counts["paid twice"] += self.paid_twice(killed, first_call)
        if any(count for what, count in self.counts.items() if what != "rounds"):
            print(f"pull request {number}: {dict(self.counts)}, killed at {self.stage.trap.what}", flush=True)
        return in_time

    def ended(self, job: str) -> bool:
        return self.stage.server.status(job) in {"done", "failed", "cancelled"}

    def until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + WITHIN
        while time.monotonic() < deadline and not true():
            time.sleep(0.01)

    def check(self, number: int, paths: list[str]) -> None:
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
    parser.add_argument("--boundaries", action="store_true")
    parser.add_argument("--database", default="", help="postgresql://… instead of a SQLite file")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        git = GitRepository.create(folder / "killed.git")
        with stands(folder, StandInModel(latency=LATENCY), database=chosen.database) as stage:
            stage.hub.add_repository(NAME, git)
            rounds = Rounds(stage, git, random.Random(chosen.seed))
            if chosen.boundaries:
                rounds.at_boundaries()
                print(f"boundaries           {rounds.counts['rounds']}", flush=True)
            for _ in range(chosen.kills):
                rounds.at_random()
    for what, count in rounds.counts.items():
        print(f"{what:20} {count}")
    raise SystemExit(any(count for what, count in rounds.counts.items() if what != "rounds"))


if __name__ == "__main__":
    main()
