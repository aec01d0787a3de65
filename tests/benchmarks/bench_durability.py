"""What durability costs: the same 30-chunk review through the durable jobs on SQLite, and with nothing kept at all.

    uv run python tests/benchmarks/bench_durability.py [--runs N] [--latency SECONDS]

Both run in this process against the same stand-ins, one after the other in turn. Durable: enqueued on a file with
synchronous=FULL, until the job is done. Off: the line alone on a store in memory. Prints the medians and their ratio.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from stage import code, finding

from reviewer.app import Parts, build
from reviewer.core.events import job_of
from reviewer.core.spending import Counted
from reviewer.core.types import Act, Amount, Call, Conclusion, Dismissal, Ended, Job, Limit, Override, Pause
from reviewer.memory import MemoryAnswers
from reviewer.ports import KeptConfig, Refused, Reserved, RunRecord, Stood
from reviewer.ports.commands import Hourly, LetIn
from reviewer.ports.fates import Looked
from reviewer.review import review
from reviewer.settings import load
from reviewer.standin.events import open_pull
from reviewer.standin.github import StandIn
from reviewer.standin.model import StandInModel
from reviewer.standin.repository import GitRepository
from reviewer.standin.server import serve

CHUNKS, LINES = 30, 190  # one file a chunk of about 3,500 tokens, three of them in a call


class Nothing(MemoryAnswers):
    """A store in memory: a crash loses everything."""

    def __init__(self) -> None:
        super().__init__()
        self.done: dict[str, int] = {}

    async def kept_config(self, installation: int, repository: str, ref: str) -> None:
        pass

    async def keep_config(self, installation: int, repository: str, ref: str, kept: KeptConfig) -> None:
        pass

    async def dismissals(self, installation: int, repository: str) -> tuple[Dismissal, ...]:
        return ()

    async def keep_dismissal(self, installation: int, repository: str, dismissal: Dismissal) -> None:
        """Nobody dismisses anything."""

    async def forget_dismissal(self, installation: int, repository: str, number: int, name: str) -> bool:
        return False

    async def keep_look(self, looked: Looked) -> None:
        """Nobody compares anything."""

    async def let_in(self, job: Job, run: str, count: int, limits: Hourly) -> LetIn:
        return LetIn(count)

    async def refused(self, job: Job, run: str, why: str) -> int:
        return 0

    async def keep_act(self, installation: int, repository: str, act: Act) -> None:
        """Nobody does anything."""

    async def overrides(self, installation: int, repository: str, number: int) -> tuple[Override, ...]:
        return ()

    async def keep_override(self, installation: int, repository: str, override: Override) -> None:
        """Nobody overrides anything."""

    async def pause(self, installation: int, repository: str, number: int) -> None:
        """Nobody pauses anything."""

    async def keep_pause(self, installation: int, repository: str, pause: Pause) -> None:
        """Nobody pauses anything."""

    async def last_verdict(self, job: Job, head: str, *, before: float = 0.0) -> None:
        """Nobody will ask."""

    async def ends(self, job: Job, head: str) -> tuple[Ended, ...]:
        return ()

    async def head_before(self, job: Job, head: str) -> str:
        return ""

    async def reviewed(self, job: Job) -> bool:
        return False

    async def stood(self, job: Job, run: str) -> tuple[Stood, ...]:
        return ()

    async def want(self, job: Job) -> None:
        """Nothing competes with it."""

    async def wanted(self, job: Job) -> str:
        return ""

    async def still_ours(self, job: Job) -> None:
        """Nobody else is there."""

    async def steps(self, job: Job, run: str) -> dict[str, int]:
        return {step.removeprefix(run): result for step, result in self.done.items() if step.startswith(run)}

    async def keep_step(self, job: Job, run: str, step: str, result: int = 0) -> None:
        self.done[run + step] = result

    async def keep_run(self, record: RunRecord) -> None:
        """Nobody will ask."""

    async def on_error(self, job: Job) -> Conclusion | None:
        """It was never read."""

    async def keep_on_error(self, job: Job, on_error: Conclusion) -> None:
        """Nobody will ask."""

    async def book(
        self, call: Call, wants: Amount, limits: Sequence[Limit], *, share: float = 1.0
    ) -> Reserved | Refused:
        return Reserved(wants)

    async def settle(self, reserved: Reserved, took: Amount, call: Call) -> None:
        """Nothing was booked."""

    async def keep_call(self, call: Call) -> None:
        """Nobody will ask."""

    async def counted(self, model: str) -> list[Counted]:
        return []

    async def ready(self) -> str:
        return ""


class World:
    def __init__(self, hub: StandIn, git: GitRepository, model: StandInModel, parts: Parts) -> None:
        self.hub, self.git, self.model, self.parts = hub, git, model, parts
        self.base = git.commit({"README.md": "durable\n"})
        self.rounds = 0

    def job(self) -> Job:
        """A new pull request whose code nobody has seen: no answer comes from the cache."""
        self.rounds += 1
        branch = f"topic-{self.rounds}"
        files = code(CHUNKS, LINES, seed=branch)
        self.git.commit(files, branch=branch, parent=self.base)
        self.model.findings = [finding(path, 2, files[path].split("\n")[1]) for path in sorted(files)[:3]]
        event = open_pull(self.hub, "acme/durable", head=branch)
        job = job_of("pull_request", branch, event.payload)
        assert isinstance(job, Job)
        return job

    async def durable(self) -> float:
        job, jobs = self.job(), self.parts.jobs
        begun = time.monotonic()
        run = await jobs.enqueue(job)
        while (await jobs.status(run) or {}).get("status") != "done":  # noqa: ASYNC110 - as a stranger would ask
            await asyncio.sleep(0.01)
        return time.monotonic() - begun

    async def off(self) -> float:
        job, tools = self.job(), replace(self.parts.tools, store=Nothing())
        begun = time.monotonic()
        await self.parts.jobs.run(review(job, job.delivery, tools))
        return time.monotonic() - begun


async def compare(world: World, runs: int) -> None:
    await world.parts.jobs.start(worker=True)
    try:
        await world.off()  # the first loads the token ranks and opens the connections
        on, off = [], []
        for _ in range(runs):
            on.append(await world.durable())
            off.append(await world.off())
    finally:
        await world.parts.jobs.stop(grace=0)
    kept, lost = statistics.median(on), statistics.median(off)
    print(f"durable {kept:.3f} s  off {lost:.3f} s  ratio {kept / lost:.3f}  (medians of {runs})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--latency", type=float, default=1.0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hub = StandIn(folder)
        git = GitRepository.create(folder / "durable.git")
        hub.add_repository("acme/durable", git)
        model = StandInModel(latency=chosen.latency)
        with hub.serve() as url, serve(model.app) as model_url:
            settings = load(
                {
                    "GITHUB_APP_ID": str(hub.app_id),
                    "GITHUB_PRIVATE_KEY": hub.private_key_pem,
                    "GITHUB_WEBHOOK_SECRET": hub.webhook_secret,
                    "GITHUB_API_URL": f"{url}/api/v3",
                    "OPENAI_API_KEY": "recorded",
                    "OPENAI_BASE_URL": f"{model_url}/v1",
                    "REVIEWER_DATABASE_URL": f"sqlite:///{folder / 'durable.db'}",
                }
            )
            asyncio.run(compare(World(hub, git, model, build(settings)), chosen.runs))


if __name__ == "__main__":
    main()
