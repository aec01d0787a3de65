"""Times the main job: from a signed webhook to the posted review, through the real server in a process of its own.

    uv run python tests/benchmarks/bench_review.py [--git DIR --range A...B | --lines N] [--runs N] [--latency SECONDS]

Without --git or --lines it takes the pull request of `fixtures/demo`; --lines makes one of so many added lines. Prints seconds over the model's own time, GitHub requests,
model calls and the server's memory, each as min / median / max.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from reviewer import resources
from reviewer.core.diff import decode, parse_diff
from reviewer.standin.events import Event, open_pull
from reviewer.standin.github import StandIn
from reviewer.standin.model import StandInModel
from reviewer.standin.repository import GitRepository
from reviewer.standin.server import serve
from reviewer.standin.webhooks import deliver
from reviewer.webhook import WEBHOOK_PATH

NAME = "acme/bench"


@dataclass
class Bench:
    hub: StandIn
    model: StandInModel
    server: subprocess.Popen[bytes]
    figures: dict[str, list[float]] = field(default_factory=dict)

    def note(self, name: str, value: float) -> None:
        self.figures.setdefault(name, []).append(value)

    def memory(self, what: str = "VmHWM") -> float:
        """The server's memory in MB: VmRSS now, VmHWM at its highest."""
        status = Path(f"/proc/{self.server.pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(what))


@contextmanager
def bench(git: GitRepository, folder: Path, *, latency: float, findings: list[dict[str, object]]) -> Iterator[Bench]:
    """The stand-ins in this process, the server in its own."""
    hub = StandIn(folder)
    hub.add_repository(NAME, git)
    model = StandInModel(findings, latency=latency)
    with ExitStack() as stack:
        stack.enter_context(hub.serve())
        model_url = stack.enter_context(serve(model.app))
        port = free_port()
        environment = {
            **os.environ,
            "GITHUB_APP_ID": str(hub.app_id),
            "GITHUB_PRIVATE_KEY": hub.private_key_pem,
            "GITHUB_WEBHOOK_SECRET": hub.webhook_secret,
            "GITHUB_API_URL": f"{hub.url}/api/v3",
            "OPENAI_API_KEY": "recorded",
            "OPENAI_BASE_URL": f"{model_url}/v1",
            "REVIEWER_DATABASE_URL": f"sqlite:///{folder / 'reviewer.db'}",
            "REVIEWER_OPERATOR_TOKEN": "bench",
            "LOG_LEVEL": "warning",
            "NO_PROXY": "127.0.0.1",
        }
        command = [sys.executable, "-m", "reviewer", "serve", "--port", str(port)]
        server = subprocess.Popen(command, env=environment, cwd=folder)
        stack.callback(stop, server)
        hub.webhook_url = f"http://127.0.0.1:{port}{WEBHOOK_PATH}"
        wait_for(f"http://127.0.0.1:{port}/healthz")
        yield Bench(hub, model, server)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    server.wait(30)


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"{url} did not answer")


def one(stands: Bench, event: Event, number: int) -> None:
    """One review, from the webhook to its end; notes the figures."""
    hub = stands.hub
    requests, calls = len(hub.requests), len(stands.model.requests)
    begun = time.monotonic()
    delivery = deliver(hub, event)
    answered = time.monotonic() - begun
    assert delivery.status == 202, delivery.status
    while not hub.reviews(NAME, number) and time.monotonic() - begun < 300:
        time.sleep(0.005)
    posted = time.monotonic() - begun
    head = hub.pull(NAME, number).head_sha
    while not any(run.conclusion for run in hub.check_runs(head)[-1:]) and time.monotonic() - begun < 300:
        time.sleep(0.005)
    stands.note("webhook answered, s", answered)
    stands.note("webhook to review, s", posted)
    stands.note("GitHub requests", len(hub.requests) - requests)
    stands.note("model calls", len(stands.model.requests) - calls)
    stands.note("server memory, MB (peak)", stands.memory())


def a_finding(git: GitRepository, base: str, head: str) -> dict[str, object]:
    """A medium finding on the first added line that is long enough to be known again."""
    diff = parse_diff(decode(git.run("diff", "-M", base, head)))
    for file in diff.files:
        for hunk in file.hunks:
            for line in hunk.lines:
                if line.kind == "+" and len(line.text.strip()) > 20:
                    place = {"path": file.path, "line": line.new, "end_line": None, "quote": line.text}
                    said = {"category": "correctness", "confidence": 0.9, "title": "A finding", "body": "It fails."}
                    return {**place, **said, "severity": "medium", "suggestion": None}
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
    files = {
        f"src/part_{start // 200:04}.py": "".join(_code_line(number) for number in range(start, min(start + 200, lines)))
        for start in range(0, lines, 200)
    }
    return git, base, git.commit(files, branch="topic", parent=base)


def _code_line(number: int) -> str:
    if number % 10 == 0:
        return f"def compute_{number}(left: int, right: int) -> int:\n"
    return f"    value_{number} = combine(left * {number}, right - {number % 7}, key='part-{number}')\n"


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
        with bench(git, folder, latency=chosen.latency, findings=[a_finding(git, base, head)]) as stands:
            time.sleep(2)
            stands.note("idle memory, MB", stands.memory("VmRSS"))
            for number in range(1, chosen.runs + 1):
                # Other instructions on the base branch, so that no answer comes from the cache.
                git.commit({".reviewer.yml": f"review: {{instructions: run {number}}}\n"}, branch="main", parent=base)
                event = open_pull(stands.hub, NAME, head="topic", base_sha=base)
                one(stands, event, int(event.payload["number"]))
            report(stands)


def report(stands: Bench) -> None:
    for name, values in stands.figures.items():
        print(f"{name:28} {min(values):9.3f} {statistics.median(values):9.3f} {max(values):9.3f}")
    print(json.dumps({name: round(statistics.median(values), 3) for name, values in stands.figures.items()}))


if __name__ == "__main__":
    main()
