"""Measures how much of a rate limit is used, and how often it is overstepped: `python tests/benchmarks/bench_rates.py`.

A server on loopback lets 60,000 tokens a minute in, as a bucket that refills steadily (full at first), and answers 429
beyond it, with OpenAI's headers. First one worker process asks it, then two that share the key and know of each
other only how many they are, and then one asks a server that is as strict and says nothing of limits, not even when to
come back. Each has background reviews of several repositories, always more than there is room for, and now and then an
urgent question. Used is measured against all that the server would have let in, the first full bucket too. Fails
where less than 90 % is used, 429s are 1 % of the calls or more (10 % where all has to be guessed), a call gives up, or
what is urgent waits as long as the rest.

`--processes` and `--silent` are for how many processes it is measured, with headers and without. `--short` takes 30
seconds for each instead of 5 minutes, with room for what a start costs. `--latency LOW HIGH` are the seconds of an
answer, `--tokens LOW HIGH` the weight of a request.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reviewer.core.errors import ModelError
from reviewer.core.types import Prompt, Tool
from reviewer.model import build_model
from reviewer.standin.server import serve

LIMIT, REQUESTS = 60_000, 1_000  # a minute
OUTPUT = 200  # tokens that each request leaves room for
REPOSITORIES, EACH = 4, 6  # background calls at once, for each repository
KEY = "sk-bench-0123456789abcdef"
TOOL = Tool("say", "Say it.", {"type": "object", "properties": {}, "required": [], "additionalProperties": False})
ANSWER = {"output": [{"type": "function_call", "name": "say", "arguments": "{}"}], "status": "completed"}


@dataclass
class Bucket:
    """A strict limit: what does not fit is refused, and takes nothing."""

    size: float
    level: float
    at: float

    def refill(self, now: float) -> None:
        self.level = min(self.size, self.level + (now - self.at) * self.size / 60)
        self.at = now

    def headers(self, name: str) -> dict[str, str]:
        return {
            f"x-ratelimit-limit-{name}": f"{self.size:.0f}",
            f"x-ratelimit-remaining-{name}": f"{int(self.level)}",
            f"x-ratelimit-reset-{name}": f"{(self.size - self.level) * 60_000 / self.size:.0f}ms",
        }


@dataclass
class Server:
    """The model, with what there is to look at afterwards. Times are monotonic, the same in all processes here."""

    latency: tuple[float, float]
    silent: bool  # about its limits
    warm: float  # seconds at first, in which nobody has to wait: waits that end in them are not told
    calls: int = 0
    refused: int = 0
    tokens: int = 0
    waits: dict[bool, list[float]] = field(default_factory=lambda: {True: [], False: []})

    def __post_init__(self) -> None:
        now = time.monotonic()
        self.begun = 0.0
        self.bucket, self.requests = Bucket(LIMIT, LIMIT, now), Bucket(REQUESTS, REQUESTS, now)
        self.app = Starlette(routes=[Route("/v1/responses", self.answer, methods=["POST"])])

    async def answer(self, request: Request) -> Response:
        body = await request.json()
        now = time.monotonic()
        self.begun = self.begun or now
        text = body["input"][0]["content"]
        weight = len(text) // 4 + body["max_output_tokens"]
        asked = json.loads(text[: text.index("}") + 1])
        self.calls += 1
        self.bucket.refill(now)
        self.requests.refill(now)
        let_in = weight <= self.bucket.level and self.requests.level >= 1
        if let_in:
            self.bucket.level -= weight
            self.requests.level -= 1
        headers = {} if self.silent else self.bucket.headers("tokens") | self.requests.headers("requests")
        if not let_in:
            self.refused += 1
            if not self.silent:
                headers["retry-after-ms"] = f"{max(1.0, (weight - self.bucket.level) * 60_000 / LIMIT):.0f}"
            error = {"message": "Rate limit reached", "type": "tokens", "code": "rate_limit_exceeded"}
            return JSONResponse({"error": error}, 429, headers)
        self.tokens += weight
        if now > self.begun + self.warm:
            self.waits[asked["urgent"]].append(now - asked["at"])
        await asyncio.sleep(random.uniform(*self.latency))
        return JSONResponse(ANSWER, 200, headers)


async def work(url: str, seconds: float, tokens: tuple[int, int], seed: int, sharers: int) -> int:
    """One worker process: how many calls gave up."""
    chance = random.Random(seed)
    model = build_model("gpt-x", keys=[KEY], base_url=f"{url}/v1")
    model.share(sharers)
    gone = 0

    async def ask(lane: str, *, urgent: bool) -> None:
        nonlocal gone
        size = chance.randint(*tokens) - OUTPUT
        told = json.dumps({"urgent": urgent, "at": time.monotonic()})
        text = told + "x" * (size * 4 - len(told))
        prompt = Prompt("", text, TOOL, "bench", OUTPUT, cache_key=lane, tokens=size, urgent=urgent)
        try:
            await model.call(prompt)
        except ModelError:
            gone += 1

    async def background(lane: str) -> None:
        while True:
            await ask(lane, urgent=False)

    async def people() -> None:
        while True:
            await asyncio.sleep(chance.uniform(2, 14))
            await ask("people", urgent=True)

    tasks = [asyncio.create_task(background(f"repo-{n % REPOSITORIES}")) for n in range(REPOSITORIES * EACH)]
    tasks += [asyncio.create_task(people()) for _ in range(3)]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await model.aclose()
    return gone


def _middle(waits: list[float]) -> float:
    """In a short run nobody may have come in a hurry: that is no number, and neither more nor less than another."""
    return statistics.median(waits) if waits else math.nan


def measure(processes: int, seconds: float, chosen: argparse.Namespace, *, silent: bool) -> list[str]:
    """What is printed, and what was not as it should be."""
    server = Server(tuple(chosen.latency), silent, seconds / 5)
    with serve(server.app) as url:
        command = [sys.executable, __file__, "--worker", url, "--seconds", str(seconds)]
        command += ["--sharers", str(processes), "--tokens"]
        command += [str(number) for number in chosen.tokens]
        workers = [
            subprocess.Popen([*command, "--seed", str(n)], stdout=subprocess.PIPE, text=True) for n in range(processes)
        ]
        while not server.begun:
            time.sleep(0.01)
        time.sleep(max(0.0, server.begun + seconds - time.monotonic()))
        tokens, calls, refused = server.tokens, server.calls, server.refused
        gone = sum(int(worker.communicate()[0]) for worker in workers)
        time.sleep(chosen.latency[1])  # the answers under way end
    used, share = tokens / (LIMIT + LIMIT / 60 * seconds), refused / calls
    urgent, rest = (_middle(server.waits[each]) for each in (True, False))
    name = f"{processes} process(es){', no headers' if silent else ''}"
    print(
        f"{name}, {seconds:.0f} s: {tokens:,} tokens in {calls} calls, {used:.1%} of what there was "
        f"({tokens / (LIMIT / 60 * seconds):.1%} of {LIMIT:,} a minute); 429: {refused} ({share:.2%}); "
        f"p50 wait {urgent:.1f} s urgent, {rest:.1f} s background; gave up: {gone}"
    )
    least, most = (0.75, 0.2 if silent else 0.05) if chosen.short else (0.9, 0.1 if silent else 0.01)
    wrong = {"too little used": used < least, "too many 429s": share >= most, "urgent ones waited": urgent >= rest}
    return [f"{name}: {what}" for what, is_so in (wrong | {"calls gave up": gone > 0}).items() if is_so]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--processes", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--silent", type=int, nargs="*", default=[1])
    parser.add_argument("--latency", type=float, nargs=2, default=[0.5, 3.0])
    parser.add_argument("--tokens", type=int, nargs=2, default=[500, 3_000])
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--worker", default="", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--sharers", type=int, default=1, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    seconds = chosen.seconds or (30.0 if chosen.short else 300.0)
    if chosen.worker:
        print(asyncio.run(work(chosen.worker, seconds, tuple(chosen.tokens), chosen.seed, chosen.sharers)))
        return
    kinds = [(number, False) for number in chosen.processes] + [(number, True) for number in chosen.silent]
    wrong = [each for number, silent in kinds for each in measure(number, seconds, chosen, silent=silent)]
    sys.exit("; ".join(wrong) or 0)


if __name__ == "__main__":
    main()
