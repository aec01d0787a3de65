"""One way to ask GitHub: addresses, headers, timeouts, retries and pages; it raises only our errors."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
from githubkit import BaseAuthStrategy, GitHubCore, Response
from githubkit.cache import MemCacheStrategy
from githubkit.exception import GitHubException, RequestFailed
from githubkit.throttling import LocalThrottler
from pydantic import TypeAdapter, ValidationError

from reviewer.core.errors import GitHubError
from reviewer.github.budget import CHECKS, Rank, WriteBudget
from reviewer.github.drift import Drift
from reviewer.github.faults import clock_off, fault, misread, never_done, passing
from reviewer.github.pool import SharedPool
from reviewer.github.quota import Quota
from reviewer.github.tokens import InstallationAuth

A = TypeVar("A")
T = TypeVar("T")

JSON = "application/vnd.github+json"
VERSION = "2022-11-28"  # the one that GitHub Enterprise Server knows too; later ones leave out fields that we read
PAGE = 100  # entries, the most that GitHub gives
MOST_PAGES = 100  # of a list whose length nobody tells
TOGETHER = 8  # requests of one call in flight; GitHub allows 100 for an installation
TIMEOUT = httpx.Timeout(30, connect=10)
PAUSES = (0.5, 2.0)  # seconds before the first and the second repetition
LONGEST_WAIT = 60.0  # seconds that one request sits out rate limits; more is the caller's to plan
UNTHROTTLED = (
    1_000_000  # the pool's 100 connections are the throttle; githubkit's own semaphore is not safe across loops
)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where GitHub's APIs are, and its pages and git (`git`)."""

    rest: str
    graphql: str
    git: str

    @classmethod
    def of(cls, api_url: str) -> Endpoints:
        """GHES has REST under /api/v3 and GraphQL under /api/graphql; github.com and SUBDOMAIN.ghe.com a host `api.`
        for both.
        """
        rest = api_url.rstrip("/")
        if rest.endswith("/api/v3"):
            return cls(rest, f"{rest.removesuffix('/v3')}/graphql", rest.removesuffix("/api/v3"))
        return cls(rest, f"{rest}/graphql", rest.replace("://api.", "://", 1))


@dataclass(frozen=True, slots=True)
class Transport:
    """What all connections of one App share."""

    endpoints: Endpoints
    pool: SharedPool
    cache: MemCacheStrategy  # of the App's own token; githubkit's default is one for the whole process
    pauses: Sequence[float]  # seconds before each repetition of a request that failed in passing
    user_agent: str
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    quota: Quota = field(default_factory=Quota)
    drift: Drift = field(default_factory=Drift)

    def core(self, auth: BaseAuthStrategy) -> GitHubCore[BaseAuthStrategy]:
        return GitHubCore(
            auth,
            base_url=self.endpoints.rest,
            user_agent=self.user_agent,
            timeout=TIMEOUT,
            trust_env=False,  # the pool knows the proxy
            async_transport=self.pool,
            cache_strategy=self.cache,
            http_cache=False,
            throttler=LocalThrottler(UNTHROTTLED),
            auto_retry=False,  # githubkit repeats POST after a 5xx, though the first may have been done
        )


class Connection:
    """GitHub under one identity: the App, or one installation of it."""

    def __init__(self, transport: Transport, auth: BaseAuthStrategy) -> None:
        self.endpoints = transport.endpoints
        self.content = WriteBudget(transport.clock, transport.sleep)
        self.checks = WriteBudget(transport.clock, transport.sleep, CHECKS)
        self._auth = auth
        self._core = transport.core(auth)
        self.sleep = transport.sleep
        self._pauses = transport.pauses
        self._transport = transport

    async def send(
        self,
        method: str,
        url: str,
        *,
        repeat: bool,
        body: dict[str, Any] | None = None,
        accept: str = JSON,
        rank: Rank = Rank.FIRST,
        writes: bool | None = None,
    ) -> Response[Any, Any]:
        """The answer; `repeat` says that the request may be sent again after a 5xx or a timeout.

        What GitHub surely did not do is sent again in any case. A write to a repository waits for its turn by `rank`;
        `writes` says whether it is one where method and address do not tell.
        """
        if writes is None:
            writes = method != "GET" and url.startswith("/repos/")
        pauses, waited = list(self._pauses), 0.0
        while True:
            await self.content.held()
            if writes:
                await (self.checks if "/check-runs" in url else self.content).take(rank)
            try:
                return await self._ask(method, url, body, accept)
            except (GitHubException, ValueError, httpx.InvalidURL) as exc:
                error = self._fault(exc, asked(method, url))
                if error.wait and waited + error.wait <= LONGEST_WAIT:
                    waited += error.wait
                    for budget in (self.content, self.checks):  # to go on while limited may cost the App its access
                        budget.hold(error.wait)
                elif pauses and not error.wait and (never_done(exc) or (repeat and passing(exc))):
                    await self.sleep(pauses.pop(0))
                else:
                    raise error from exc

    def _fault(self, exc: Exception, asked: str) -> GitHubError:
        """Our error; what may be the cause of it is not used again: the JWT of a wrong clock, a token that lacks what
        was granted after it was made.
        """
        error = fault(exc, asked)
        if error.status == httpx.codes.UNAUTHORIZED and not isinstance(self._auth, InstallationAuth):
            self._transport.cache.cleanup()
            wrong = self._transport.drift.wrong
            return clock_off(asked, wrong) if wrong else error
        if error.needs and isinstance(self._auth, InstallationAuth):
            self._auth.forget()
        return error

    async def _ask(self, method: str, url: str, body: dict[str, Any] | None, accept: str) -> Response[Any, Any]:
        headers = {"Accept": accept, "X-GitHub-Api-Version": VERSION}
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            # Half a surrogate pair, as models write now and then, must not keep a check from ending.
            content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        try:
            answer = await self._core.arequest(method, url, content=content, headers=headers)
        except RequestFailed as failed:
            self._note(failed.response.headers)
            raise
        self._note(answer.headers)
        return answer

    def _note(self, headers: Mapping[str, str]) -> None:
        self._transport.quota.note(id(self), headers)
        self._transport.drift.note(headers)

    async def get(self, url: str, *, accept: str = JSON) -> Response[Any, Any]:
        return await self.send("GET", url, repeat=True, accept=accept)

    async def token(self) -> str:
        """The installation's token, for git; "" for the App itself. Raises GitHubError."""
        return await self._auth.token() if isinstance(self._auth, InstallationAuth) else ""

    async def pages(self, url: str, rows: TypeAdapter[list[T]]) -> list[T]:
        """All entries of a list; pages after the first are fetched together where GitHub says how many there are."""
        first = await self.get(_page(url, 1))
        last = _last_page(first.headers.get("link", ""))
        rest = await together(lambda number: self.get(_page(url, number)), range(2, last + 1))
        found = [read(rows, answer) for answer in (first, *rest)]
        while len(found[-1]) == PAGE and "link" not in first.headers and len(found) < MOST_PAGES:  # it does not say
            found.append(read(rows, await self.get(_page(url, len(found) + 1))))
        return [row for page in found for row in page]


async def together(do: Callable[[A], Awaitable[T]], items: Iterable[A]) -> list[T]:
    """`do` for each item, the results in order, with no more than TOGETHER in flight; the first error ends them all."""
    gate = asyncio.Semaphore(TOGETHER)

    async def one(item: A) -> T:
        async with gate:
            return await do(item)

    tasks = [asyncio.ensure_future(one(item)) for item in items]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


def asked(method: str, url: str) -> str:
    """The request in words: no host, no query."""
    return f"{method} {urlsplit(url).path}"


def read(shape: TypeAdapter[T], answer: Response[Any, Any]) -> T:
    """The answer's body in our own shape."""
    try:
        return shape.validate_json(answer.content)
    except ValidationError as exc:
        request = answer.raw_request
        raise misread(asked(request.method, str(request.url))) from exc


def _page(url: str, number: int) -> str:
    return f"{url}?per_page={PAGE}&page={number}"


def _last_page(link: str) -> int:
    """The number of the last page by the `Link` header; 1 when there is but one."""
    match = re.search(r'[?&]page=(\d+)[^>]*>;\s*rel="last"', link)
    return int(match[1]) if match else 1
