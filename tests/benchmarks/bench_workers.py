"""Compares one worker process with two, on one PostgreSQL, behind `serve --no-worker`: reviews a minute, and who computes.

    uv run python tests/benchmarks/bench_workers.py [--reviews N] [--runs N] [--workers 1 2 …] [--cores SHARE]
        [--model SECONDS] [--github SECONDS] [--short]

Each worker has `--cores` of a core for itself and what it starts, as on a machine of its own, where this one has control
groups that we may make; else, and with 0, all take what they get. Each pull request (that of `fixtures/demo`) belongs to another installation, so nothing comes from another one's cache.
The stand-ins of GitHub and of the model are processes of their own; the model takes 0.2 s for a call, GitHub no longer
than it needs, or `--github` seconds for a request. Counted is from the first webhook to the last review. Prints reviews
a minute (min, median, max), the ratio to the first number of workers, the seconds of CPU for each review in each
kind of process, and how many reviews and how much of a core each worker had. Where the cores in use come near to those
of the machine, these bound it, not the workers: how far more workers would get with more cores is then told by the CPU
of a review, which has to stay the same.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench_review import a_finding, repository
from databases import postgresql
from share import group, refusal
from stage import TOKEN, Server, free_port

from reviewer.jobs.state import REVIEWS
from reviewer.standin.events import open_pull
from reviewer.standin.github import StandIn
from reviewer.standin.model import StandInModel
from reviewer.standin.repository import GitRepository
from reviewer.standin.server import serve
from reviewer.standin.webhooks import deliver

WITHIN = 300.0  # seconds for all reviews of a run
WARMING = 2  # reviews for each worker, for what a process does once
TICKS = os.sysconf("SC_CLK_TCK")


# --- the stand-ins, each in a process of its own ------------------------------------------------------------------


def github(folder: str, latency: float, ours: Connection) -> None:
    """Tells who it is; then for each (webhook, names): opens a pull request in each and tells the seconds it took."""
    hub = StandIn(Path(folder))
    hub.latency = latency
    with hub.serve() as url:
        ours.send({"url": url, "app": str(hub.app_id), "key": hub.private_key_pem, "secret": hub.webhook_secret})
        while True:
            hub.webhook_url, git, names = ours.recv()
            if not names:
                return
            for name in names:
                hub.add_repository(name, GitRepository(Path(git)))
            events = [open_pull(hub, name, head="topic", title="Bench") for name in names]
            begun = time.monotonic()
            for event in events:
                assert deliver(hub, event).status == 202
            while time.monotonic() - begun < WITHIN and not all(hub.reviews(name, 1) for name in names):
                time.sleep(0.02)
            posted = [hub.reviews(name, 1) for name in names]
            ours.send(time.monotonic() - begun if all(len(each) == 1 for each in posted) else 0.0)


def model(findings: list[dict[str, object]], latency: float, ours: Connection) -> None:
    with serve(StandInModel(findings, latency=latency).app) as url:
        ours.send(url)
        ours.recv()


@contextmanager
def process(work: Callable[..., None], *given: object) -> Iterator[tuple[Connection, int]]:
    """`work` in a process of its own, its end of a pipe, and its number."""
    spawned = multiprocessing.get_context("spawn")
    ours, theirs = spawned.Pipe()
    child = spawned.Process(target=work, args=(*given, theirs), daemon=True)
    child.start()
    try:
        yield ours, child.pid or 0
    finally:
        child.terminate()
        child.join()


# --- who computes -------------------------------------------------------------------------------------------------


def computed(pid: int, *, ended: bool = False) -> float:
    """Seconds of CPU that a process has taken itself, or with `ended` its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[13:15] if ended else fields[11:13])) / TICKS


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(each for child in found for each in children(int(child)))]


def whole(pids: Sequence[int], *, ended: bool = False) -> float:
    return sum(computed(pid, ended=ended) for pid in pids)


def below(pid: int) -> float:
    """A process and all that it has started."""
    return sum(whole(children(pid), ended=ended) for ended in (False, True))


@dataclass
class Meter:
    """`of` gives the seconds of each kind until now."""

    of: Mapping[str, Callable[[], float]]
    before: dict[str, float] = field(default_factory=dict)

    def start(self) -> None:
        self.before = self._now()

    def taken(self) -> dict[str, float]:
        return {kind: seconds - self.before[kind] for kind, seconds in self._now().items()}

    def _now(self) -> dict[str, float]:
        return {kind: read() for kind, read in self.of.items()}


# --- the server ---------------------------------------------------------------------------------------------------


def postmaster(database: str) -> int:
    with psycopg.connect(database) as connection:
        backend = connection.info.backend_pid
    status = Path(f"/proc/{backend}/status")
    if not status.exists():  # it has ended already: its parent is found by another one
        with psycopg.connect(database) as connection:
            return parent(connection.info.backend_pid)
    return parent(backend)


def parent(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("PPid"))


@contextmanager
def workers(count: int, cores: float, environment: Mapping[str, str], folder: Path) -> Iterator[list[int]]:
    """So many `reviewer worker`, each with its share of the cores (0: no bound), ready; their numbers."""
    with ExitStack() as stack:
        hired = []
        for _ in range(count):
            port = free_port()
            command = [sys.executable, "-m", "reviewer", "worker"]
            if cores:
                command = stack.enter_context(group(cores)).inside(command)
            told = {**environment, "REVIEWER_METRICS_PORT": str(port)}
            log = stack.enter_context((folder / "worker.log").open("ab"))
            each = subprocess.Popen(command, env=told, cwd=folder, stderr=log)
            stack.callback(each.wait, 60)
            stack.callback(each.terminate)
            ready(f"http://127.0.0.1:{port}/healthz")
            hired.append(each.pid)
        time.sleep(2)  # the rules for secrets are read meanwhile
        yield hired


def ready(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"{url} did not answer")


def environment_of(hub: Mapping[str, str], model_url: str, database: str) -> dict[str, str]:
    return {
        **os.environ,
        "GITHUB_APP_ID": hub["app"],
        "GITHUB_PRIVATE_KEY": hub["key"],
        "GITHUB_WEBHOOK_SECRET": hub["secret"],
        "GITHUB_API_URL": f"{hub['url']}/api/v3",
        "OPENAI_API_KEY": "recorded",
        "OPENAI_BASE_URL": f"{model_url}/v1",
        "REVIEWER_DATABASE_URL": database,
        "REVIEWER_OPERATOR_TOKEN": TOKEN,
        "LOG_LEVEL": "warning",
    }


@dataclass
class Place:
    """All but the workers, up and running."""

    hub: Connection
    git: GitRepository
    server: Server
    database: str
    environment: Mapping[str, str]
    elsewhere: Mapping[str, Callable[[], float]]  # the seconds of CPU until now, by kind of process
    opened: int = 0  # pull requests

    def open(self, many: int) -> float:
        """The seconds until each of so many new pull requests has its review."""
        names = [f"team{self.opened + at}/bench" for at in range(many)]
        self.opened += many
        self.hub.send((self.server.webhook, str(self.git.folder), names))
        seconds = float(self.hub.recv())
        assert seconds, "not every pull request has one review"
        return seconds


@contextmanager
def place(folder: Path, *, model_takes: float, github_takes: float) -> Iterator[Place]:
    database = postgresql().format("postgres")
    with ExitStack() as stack:
        git, base, head = repository(folder, None, "")
        hub, hub_pid = stack.enter_context(process(github, str(folder), github_takes))
        said, model_pid = stack.enter_context(process(model, [a_finding(git, base, head)], model_takes))
        environment = environment_of(hub.recv(), said.recv(), database)
        server = Server(environment, folder, free_port(), ("--no-worker",))
        server.start()
        stack.callback(server.stop)
        elsewhere = {
            "serve": partial(whole, [server.process.pid if server.process else 0]),
            "PostgreSQL": partial(below, postmaster(database)),
            "GitHub's stand-in": partial(below, hub_pid),
            "model's": partial(whole, [model_pid]),
        }
        yield Place(hub, git, server, database, environment, elsewhere)


def one(place: Place, count: int, *, cores: float, reviews: int, folder: Path) -> float:
    """Reviews a minute; prints the rest."""
    with workers(count, cores, place.environment, folder) as hired:
        own = {"workers": partial(whole, hired), "what they start": partial(whole, hired, ended=True)}
        each = {str(pid): partial(below, pid) for pid in hired}
        place.open(WARMING * count)
        meter, apart = Meter(own | dict(place.elsewhere)), Meter(each)
        meter.start()
        apart.start()
        seconds = place.open(reviews)
        taken, alone = meter.taken(), apart.taken()
    rate, done = 60 * reviews / seconds, shared(place.database, reviews)
    per = "  ".join(f"{kind} {spent / reviews:.3f}" for kind, spent in taken.items())
    print(f"{count:7} {rate:8.1f} a minute   {per}   {sum(taken.values()) / seconds:.2f} cores in use")
    for pid, spent in alone.items():
        print(f"{'':26} a worker: {done[int(pid)]} reviews, {spent / seconds:.2f} of a core", flush=True)
    return rate


def shared(database: str, newest: int) -> Counter[int]:
    """How many of the newest jobs each worker did, by its process."""
    newest_first = (
        "SELECT executor_id FROM dbos.workflow_status WHERE queue_name = %s ORDER BY created_at DESC LIMIT %s"
    )
    with psycopg.connect(database) as connection:
        rows = connection.execute(newest_first, (REVIEWS, newest)).fetchall()
    return Counter(int(executor.rsplit("-", 2)[1]) for (executor,) in rows)  # see `reviewer.jobs.me`


def report(rates: Mapping[int, list[float]]) -> None:
    first = statistics.median(next(iter(rates.values())))
    print("workers: reviews a minute (min, median, max), times the first")
    for count, found in rates.items():
        middle = statistics.median(found)
        print(f"{count:7} {min(found):8.1f} {middle:8.1f} {max(found):8.1f} {middle / first:8.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reviews", type=int, default=60, help="of each run")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--cores", type=float, default=0.5, help="of each worker; 0: as many as it gets")
    parser.add_argument("--model", type=float, default=0.2, help="seconds for a call")
    parser.add_argument("--github", type=float, default=0.0, help="seconds for a request")
    parser.add_argument("--short", action="store_true", help="one run of 16 reviews each")
    chosen = parser.parse_args()
    runs, reviews, cores = (1, 16, chosen.cores) if chosen.short else (chosen.runs, chosen.reviews, chosen.cores)
    if cores and (why := refusal(cores)):
        print(f"No control group can be made ({why}): each worker takes as many cores as it gets.")
        cores = 0.0
    rates: dict[int, list[float]] = {count: [] for count in chosen.workers}
    print(
        f"{os.cpu_count()} cores; each worker has {cores or 'what it gets'}. Workers, rate, seconds of CPU of a review:"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with place(folder, model_takes=chosen.model, github_takes=chosen.github) as ground:
            for _ in range(runs):
                for count in chosen.workers:
                    rates[count].append(one(ground, count, cores=cores, reviews=reviews, folder=folder))
    report(rates)


if __name__ == "__main__":
    main()
