"""Asks for many reviews at once through one process, and watches what the server answers meanwhile.

    uv run python tests/benchmarks/bench_many.py [--git DIR --range A...B] [--reviews N] [--runs N] [--together]

Every pull request belongs to another installation, so no answer comes from another one's cache. GitHub's stand-in takes
80 ms for a request, the model 1.0 s for a call. Prints reviews a second, and the answers of the webhook and of /healthz
in ms (p50, p99, slowest).
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Self

from bench_review import a_finding, repository
from stage import Stands, stands

from reviewer.standin.events import Event, open_pull
from reviewer.standin.model import StandInModel
from reviewer.standin.repository import GitRepository
from reviewer.standin.webhooks import deliver

LATENCY_GITHUB, LATENCY_MODEL = 0.08, 1.0  # seconds
WITHIN = 120.0  # seconds for all reviews together


class Watch:
    """Asks /healthz again and again."""

    def __init__(self, url: str) -> None:
        self.url, self.times, self.over = f"{url}/healthz", list[float](), threading.Event()
        self.thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()

    def _run(self) -> None:
        while not self.over.wait(0.01):
            begun = time.monotonic()
            with urllib.request.urlopen(self.url, timeout=30):
                self.times.append(time.monotonic() - begun)


def one_run(stage: Stands, names: list[str], run: int) -> tuple[float, list[float], list[float]]:
    """(seconds until the last review was posted, webhook answers, /healthz answers)."""
    hub = stage.hub
    events = [open_pull(hub, name, head="topic", title=f"Run {run}") for name in names]
    answers: list[float] = []

    def send(event: Event) -> None:
        begun = time.monotonic()
        assert deliver(hub, event).status == 202
        answers.append(time.monotonic() - begun)

    begun = time.monotonic()
    with Watch(stage.server.url) as watch:
        senders = [threading.Thread(target=send, args=(event,)) for event in events]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        number = int(events[0].payload["number"])
        while time.monotonic() - begun < WITHIN and not all(hub.reviews(name, number) for name in names):
            time.sleep(0.01)
        seconds = time.monotonic() - begun
    assert all(hub.reviews(name, number) for name in names), "not every review was posted"
    return seconds, answers, watch.times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--git", type=Path, help="a git directory that holds the range")
    parser.add_argument("--range", default="", help="A...B in it")
    parser.add_argument("--reviews", type=int, default=16)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--together", action="store_true", help="all in one installation, each in its own repository")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder_name:
        folder = Path(folder_name)
        git, base, head = repository(folder, chosen.git, chosen.range)
        with stands(folder, StandInModel([a_finding(git, base, head)], latency=LATENCY_MODEL)) as stage:
            rates, answers, health = [], list[float](), list[float]()
            for run in range(chosen.runs):
                each = "team{run}/bench{number}" if chosen.together else "team{run}x{number}/bench"
                names = [each.format(run=run, number=number) for number in range(chosen.reviews)]
                for name in names:
                    stage.hub.add_repository(name, GitRepository(git.folder))
                stage.hub.latency = LATENCY_GITHUB
                seconds, sent, seen = one_run(stage, names, run)
                rates.append(chosen.reviews / seconds)
                answers += sent
                health += seen
            print(f"reviews a second     {min(rates):8.2f} {statistics.median(rates):8.2f} {max(rates):8.2f}")
            report("webhook answers, ms", answers)
            report("/healthz answers, ms", health)
            print(f"server memory, MB    {stage.server.memory():8.1f}")


def report(name: str, times: list[float]) -> None:
    ordered = sorted(1000 * seconds for seconds in times)
    p50, p99 = (ordered[int(len(ordered) * part)] for part in (0.5, 0.99))
    print(f"{name:20} p50 {p50:6.1f}  p99 {p99:6.1f}  slowest {ordered[-1]:6.1f}  of {len(ordered)}")


if __name__ == "__main__":
    main()
