"""Who signed in at one server is signed in at all, and who signed out at one is signed out at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from databases import database_url, store
from starlette.applications import Starlette
from test_page import NOW, TOKEN, page

from reviewer.core.errors import OutsideError
from reviewer.door import Door
from reviewer.page import Page
from reviewer.page.session import HOURS, InMemory, Sessions
from reviewer.ports.overview import Books, Queue
from reviewer.standin.server import serve
from reviewer.store import SignedOutSessions, SqlStore, engine

__all__ = ["database_url", "store"]


class Away:
    """A database that does not answer."""

    def add(self, name: str, until: float) -> None:
        raise OutsideError("the database did not answer as it should: gone")

    def has(self, name: str) -> bool:
        raise OutsideError("the database did not answer as it should: gone")


class Desk:
    """Sessions of one server; the clock is the test's."""

    def __init__(self, token: str = TOKEN) -> None:
        self.now = NOW
        self.sessions = Sessions(token, lambda: self.now, InMemory())

    def begins(self) -> str:
        return asyncio.run(self.sessions.begin())

    def holds(self, cookie: str) -> bool:
        return asyncio.run(self.sessions.holds(cookie))


def test_a_session_ends() -> None:
    """By signing out, and by itself; another one stays."""
    desk = Desk()
    one, other = desk.begins(), desk.begins()
    asyncio.run(desk.sessions.end(one))
    assert (desk.holds(one), desk.holds(other)) == (False, True)
    desk.now += HOURS * 3_600 - 1
    assert desk.holds(other)
    desk.now += 1
    assert not desk.holds(other)


def test_nobody_makes_a_cookie_without_the_token() -> None:
    """Nor one that lasts longer, nor another name for one that was signed out; and an empty token signs nobody in."""
    desk = Desk()
    name, until, seal = desk.begins().split(".")
    later = str(int(until) + 1)
    forged = ["", "ü\ud800", f"{name}.{later}.{seal}", f"{name[:-2]}AA.{until}.{seal}", f"{name}.{until}.{'A' * 43}"]
    forged += [f"{name}.{until}.{seal}\n", f"{name}.0{until}.{seal}", f"{name}.{until}", Desk("another").begins()]
    assert [cookie for cookie in forged if desk.holds(cookie)] == []
    assert desk.holds(f"{name}.{until}.{seal}")
    nobody = Desk("")
    assert not nobody.holds(nobody.begins())


def test_strangers_cookies_do_not_reach_the_database() -> None:
    """A flood of them is no flood of queries."""
    desk = Desk()
    sessions = replace(desk.sessions, signed_out=Away())
    assert not asyncio.run(sessions.holds(Desk("another").begins()))
    with pytest.raises(OutsideError):
        asyncio.run(sessions.holds(desk.begins()))


def test_signed_out_is_known_to_all_servers(store: SqlStore) -> None:
    """For as long as the cookie would have been good; what is long over is struck."""
    one, other = SignedOutSessions(store), SignedOutSessions(store)
    one.add("a", store.now() + 5)
    one.add("a", store.now() + 5)
    assert (other.has("a"), other.has("b")) == (True, False)
    store.now = lambda: 1_700_000_000.0 + 2 * 3_600
    other.add("b", store.now() + 5)
    assert (one.has("a"), one.has("b")) == (False, True)


def test_several_servers_behind_one_address(tmp_path: Path) -> None:
    """Whichever answers: signed in at one, signed out at another, with every copy of the cookie."""
    shared = SqlStore(engine(f"sqlite:///{tmp_path}/reviewer.db"), now=lambda: NOW)
    shared.create_tables()
    apps = [page(shared, Queue(), [NOW], token) for token in (TOKEN, TOKEN, "another token")]
    with serve(apps[0]) as first, serve(apps[1]) as second, serve(apps[2]) as stranger:
        with httpx2.Client(trust_env=False) as http:
            cookie = http.post(f"{first}/sign-in", data={"token": TOKEN}).cookies["reviewer_session"]
        held = {"cookie": f"reviewer_session={cookie}"}

        def seen(url: str) -> int:
            return httpx2.get(url, headers=held, trust_env=False).status_code

        assert [seen(url) for url in (first, second, stranger)] == [200, 200, 401]
        assert httpx2.post(f"{second}/sign-out", headers=held, trust_env=False).status_code == 303
        assert [seen(url) for url in (first, second)] == [401, 401]
    shared.close()


def test_who_cannot_be_signed_out_is_told_so() -> None:
    """The database is away: the session stays, and so does its cookie, to try it again; the page is not shown."""
    made = Page(
        door=Door(TOKEN), api_url="", queue=Queue, books=Books, accounts=lambda: asyncio.sleep(0, ()), signed_out=Away()
    )
    with serve(Starlette(routes=made.routes())) as url, httpx2.Client(base_url=url, trust_env=False) as http:
        assert http.post("/sign-in", data={"token": TOKEN}).status_code == 303
        answer = http.post("/sign-out")
        assert (answer.status_code, "set-cookie" in answer.headers) == (503, False)
        assert "You are still signed in: the database did not answer as it should: gone." in answer.text
        assert http.get("/").status_code == 503
