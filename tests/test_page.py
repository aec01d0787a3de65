"""The operator's page: who sees it, what strangers' words can do on it (nothing), and that its figures are right."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from operated import DAY, LIMITS, MAIN, book, fill, queue, run
from picture import chromium
from playwright.sync_api import sync_playwright
from starlette.applications import Starlette

from reviewer.core.errors import OutsideError
from reviewer.core.quality import Share, levels
from reviewer.core.types import Call, Payer, Usage
from reviewer.door import SPARE, TRIES, Door
from reviewer.page import Page, keys, quality, views
from reviewer.page.calls import percentile
from reviewer.page.charts import HIGH, Column, columns
from reviewer.page.routes import _html
from reviewer.page.session import HOURS, InMemory, Sessions
from reviewer.page.views import web_address
from reviewer.ports.keys import RefusedKey
from reviewer.ports.overview import Books, Queue
from reviewer.ports.rates import KeyRates, ModelRates
from reviewer.standin.server import serve
from reviewer.store import Pages, SignedOutSessions, SqlStore, engine
from reviewer.store.tables import RUNS

NOW = 1_955_109_530.0  # a Monday in December, 13:58 UTC
TOKEN = "correct horse battery staple"
HOSTILE = '</title><script>alert(1)</script><img src=x onerror="alert(2)">{{ 7*7 }}'


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = SqlStore(engine(f"sqlite:///{tmp_path}/reviewer.db"), now=lambda: NOW)
    made.create_tables()
    yield made
    made.close()


class Operator:
    """A browser without a screen: it keeps its cookies, and follows no redirect by itself."""

    def __init__(self, url: str, clock: list[float]) -> None:
        self.http = httpx2.Client(base_url=url, trust_env=False)
        self.clock = clock

    def get(self, path: str = "/", **headers: str) -> httpx2.Response:
        return self.http.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def sign_in(self, token: str = TOKEN, **headers: str) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post("/sign-in", data={"token": token}, headers=named)


def page(store: SqlStore, jobs: Queue, clock: list[float], token: str = TOKEN) -> Starlette:
    made = Page(
        door=Door(token, lambda: clock[0]),
        api_url="https://api.github.com",
        queue=lambda: jobs,
        books=Pages(store).books,
        accounts=lambda: store.accounts(LIMITS),
        refused=lambda: [RefusedKey("installation 7", "…1234", NOW - 300, "insufficient_quota")],
        rates=lambda: [ModelRates(MAIN, 3, 1, (KeyRates("…abcd", 500, 480.7, 1_000_000, 0, 12.5, 2),))],
        signed_out=SignedOutSessions(store),
        now=lambda: clock[0],
    )
    return Starlette(routes=made.routes())


@contextmanager
def served(store: SqlStore, jobs: Queue | None = None) -> Iterator[Operator]:
    clock = [NOW]
    with serve(page(store, jobs or Queue(), clock)) as url:
        operator = Operator(url, clock)
        yield operator
        operator.http.close()


class _Parsed(HTMLParser):
    """The elements of a page, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said += data


def add_run(store: SqlStore, nth: int, **other: Any) -> None:
    with store.transaction() as connection:
        connection.execute(sa.insert(RUNS), run(nth, at=NOW - 90, **other))


def add_call(store: SqlStore, *, ago: float, repository: str = "acme/shop", dollars: str = "1", **other: Any) -> None:
    call = Call(Payer(1, repository, 1), "report_findings", MAIN, "review@1", NOW - ago, Usage(900, 0, 100, 0, 1))
    asyncio.run(store.keep_call(replace(call, **{"cost": Decimal(dollars), **other})))


# --- the door ---------------------------------------------------------------------------------------------------------


def test_strangers_see_a_form_and_nothing_else(store: SqlStore) -> None:
    """No token, a wrong one, or a cookie of one's own making: the form, with 401."""
    add_run(store, 1, title="the secret of the house")
    with served(store) as operator:
        forged = f"{int(NOW) + 3_600}.{'0' * 64}"
        other = asyncio.run(Sessions("another token", lambda: NOW, InMemory()).begin())
        for cookie in ("", forged, other, "x", "9" * 99, TOKEN):
            answer = operator.get(cookie=f"reviewer_session={cookie}")
            assert (answer.status_code, "secret of the house" in answer.text) == (401, False), cookie
            assert 'name="token"' in answer.text
        assert operator.get(authorization="Bearer wrong").status_code == 401
        assert operator.sign_in("wrong").status_code == 401
        assert operator.sign_in("x" * 20_000).status_code == 401


def test_the_token_signs_in_and_out(store: SqlStore) -> None:
    """The cookie is no token, is out of reach of scripts and other sites, and ends by itself."""
    with served(store) as operator:
        answer = operator.sign_in()
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        cookie = answer.headers["set-cookie"]
        assert {"HttpOnly", "SameSite=strict", "Path=/", f"Max-Age={HOURS * 3600}"} <= set(cookie.split("; "))
        assert TOKEN not in cookie
        assert "Secure" not in cookie
        assert "Secure" in operator.sign_in(origin="https://reviewer.example").headers["set-cookie"]
        operator.sign_in()
        assert operator.get().status_code == 200
        operator.clock[0] += HOURS * 3_600
        assert operator.get().status_code == 401
        cookie = f"reviewer_session={operator.sign_in().cookies['reviewer_session']}"
        assert operator.get(cookie=cookie).status_code == 200
        operator.http.post("/sign-out")
        assert operator.get().status_code == 401
        assert operator.get(cookie=cookie).status_code == 401  # a copy of it
        assert operator.get(authorization=f"Bearer {TOKEN}").status_code == 200


def test_guesses_run_out(store: SqlStore) -> None:
    """The form and the header share them; when they are gone no token is looked at for seconds; a session stays."""
    with served(store) as operator:
        session = {"cookie": f"reviewer_session={operator.sign_in().cookies['reviewer_session']}"}
        for nth in range(TRIES + SPARE):
            asked = operator.sign_in if nth % 2 else lambda token: operator.get(authorization=f"Bearer {token}")
            assert asked(f"guess {nth}").status_code == 401
        assert operator.sign_in("one more").status_code == 429
        refused = operator.http.get("/", headers={"Authorization": f"Bearer {TOKEN}", "cookie": ""})
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")
        assert operator.get(**session).status_code == 200
        operator.clock[0] += 7
        assert operator.sign_in().status_code == 303


def test_other_sites_neither_sign_in_nor_out(store: SqlStore) -> None:
    """A form on another site is refused; a link from there gets a page that asks once more, with the cookie."""
    with served(store) as operator:
        assert operator.sign_in(sec_fetch_site="cross-site").status_code == 403
        assert operator.http.post("/sign-out", headers={"sec-fetch-site": "same-site"}).status_code == 403
        assert 'http-equiv="refresh"' in operator.get(sec_fetch_site="cross-site").text
        assert 'http-equiv="refresh"' not in operator.get(sec_fetch_site="same-origin").text


def test_nothing_on_the_page_may_run_or_load(store: SqlStore) -> None:
    """The policy lets in one style sheet by its hash; no element has a style or a handler of its own."""
    fill(store, NOW, calls=300, runs=30)
    with served(store, queue(NOW)) as operator:
        operator.sign_in()
        answer = operator.get()
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        for tag, attributes in _Parsed(answer.text).tags:
            assert tag not in {"script", "iframe", "object", "img", "link"}
            assert not [name for name in attributes if name == "style" or name.startswith("on")]


# --- what it says -----------------------------------------------------------------------------------------------------


def test_strangers_words_are_words(store: SqlStore) -> None:
    """Titles, names of repositories and models, and errors are shown as they are written."""
    add_run(store, 1, title=HOSTILE, repository=f"acme/{HOSTILE}", conclusion="success")
    add_call(store, ago=60, repository=HOSTILE, model=HOSTILE, outcome=HOSTILE, seconds=1.0)
    add_call(store, ago=60, repository=HOSTILE, model=HOSTILE, seconds=1.0)
    job = queue(NOW).failed[0]
    hostile = type(job)(HOSTILE, HOSTILE, HOSTILE, 7, HOSTILE, "failed", NOW - 5, HOSTILE)
    with served(store, Queue([hostile], [hostile], 1, 0)) as operator:
        operator.sign_in()
        text = operator.get().text
        parsed = _Parsed(text)
        assert not [tag for tag, _ in parsed.tags if tag in {"script", "img"}]
        assert parsed.said.count(HOSTILE) >= 8
        links = [attributes.get("href") or "" for tag, attributes in parsed.tags if tag == "a"]
        assert all(link.startswith(("https://github.com/", "/", "#")) for link in links)


def test_an_empty_database_says_what_to_do(store: SqlStore) -> None:
    with served(store) as operator:
        operator.sign_in()
        answer = operator.get()
        assert answer.status_code == 200
        assert "Install the GitHub App" in answer.text
        assert "<table" not in answer.text


def test_a_database_that_is_away_is_said(store: SqlStore) -> None:
    """With 503, and without a traceback."""

    def away() -> Queue:
        raise OutsideError("the database did not answer as it should: gone")

    with serve(
        Starlette(
            routes=Page(
                door=Door(TOKEN), api_url="", queue=away, books=Pages(store).books, accounts=lambda: store.accounts(())
            ).routes()
        )
    ) as url:
        answer = httpx2.get(url, headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False)
    assert answer.status_code == 503
    assert "did not answer as it should: gone" in answer.text


def test_the_figures_are_those_of_the_ledger(store: SqlStore) -> None:
    """Today's dollars, those of the month, the cache's share, failures and percentiles, from few rows."""
    add_call(store, ago=60, dollars="1.25", seconds=2.0)
    add_call(store, ago=120, dollars="0.25", seconds=8.0)
    add_call(store, ago=3 * DAY, dollars="3", outcome="timeout")
    add_call(store, ago=29 * DAY, dollars="10")
    add_call(store, ago=31 * DAY, dollars="100")
    for tier, count in (("exact", 5), ("structural", 1), ("miss", 3), ("meaning", 4)):
        add_call(store, ago=60, tier=tier, count=count, usage=Usage(), cost=None)
    add_run(store, 1, conclusion="failure")
    add_run(store, 2, cost="None", number=0)
    with served(store) as operator:
        operator.sign_in()
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", operator.get().text.partition("<main")[2]))
    for said in (
        "Spent today $1.50 0 % of the day&#39;s budget",
        "Spent in 30 days $14.50 4,000 tokens",
        "Reviews today 2 1 failed the gate",
        "From the cache 67 %",
        "P95 of a call 8.00 s",
        "Failed calls 33 % 1 of 3",
        "no answer in time gpt-6.1-terra 1 33 %",
        "acme/shop $14.50 4,000 –",
        "…1234 installation 7 insufficient quota 5 min",
        "gpt-6.1-terra …abcd 480 of 500 0 of 1.0 M 3 12.5 s",
        "gpt-6.1-terra 2 2.00 s 8.00 s 8.00 s",
        "the same hunk again 5 56 %",
        "the model was asked 3 33 %",
        "4 findings were known by meaning",
    ):
        assert said in text, text


def test_what_has_no_price_is_no_nothing(store: SqlStore) -> None:
    """Tokens of models without a price are said beside the dollars; where there are only such, no dollars are shown."""
    add_call(store, ago=60, model="home-made", cost=None, usage=Usage(4_000_000, 0, 1_000_000, 0, 1))
    tiles = views.page(Queue(), Pages(store).books(), (), (), now=NOW, web="")["tiles"]
    assert [tuple(tile)[1:3] for tile in tiles[:2]] == [
        ("–", "no budget for a day, and 5.0 M tokens of models without a price"),
        ("–", "5.0 M tokens, and 5.0 M tokens of models without a price"),
    ]
    add_call(store, ago=60, dollars="0.25")
    add_call(store, ago=60, cost=None, usage=Usage(), outcome="timeout")
    shown = views.page(Queue(), Pages(store).books(), (), (), now=NOW, web="")
    assert tuple(shown["tiles"][0])[1] == "$0.25"
    add_call(store, ago=60, repository="acme/own", model="home-made", cost=None)
    spenders = views.page(Queue(), Pages(store).books(), (), (), now=NOW, web="")["spenders"]
    assert [(each["name"], each["dollars"]) for each in spenders] == [("acme/shop", "$0.25"), ("acme/own", "–")]


def test_a_run_that_is_done_again_is_counted_once(store: SqlStore) -> None:
    """A row with an id of its own is entered once, whenever it comes again; others are rows each."""
    for ago in (90, 60):
        add_call(store, ago=ago, tier="miss", count=3, id="run-1:miss")
        add_call(store, ago=ago)
    assert sorted((each.tier, each.calls, each.count) for each in Pages(store).books().sums) == [
        ("", 2, 2),
        ("miss", 1, 3),
    ]


def test_what_was_added_up_before_grows_with_today(store: SqlStore) -> None:
    """The days that ended are added up once; what is entered today shows at once, and a new day moves the window."""
    moment = [NOW]
    store.now = lambda: moment[0]
    pages = Pages(store)
    add_call(store, ago=5 * DAY, dollars="4")
    add_call(store, ago=29 * DAY, dollars="2")
    assert sum(each.dollars for each in pages.books().sums) == 6
    add_call(store, ago=1, dollars="1")
    assert [(each.repository, each.dollars) for each in pages.books().spenders] == [("acme/shop", Decimal(7))]
    moment[0] += DAY
    assert sum(each.dollars for each in pages.books().sums) == 5


@pytest.mark.parametrize(
    ("api", "web"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://github.example.com/api/v3", "https://github.example.com"),
        ("https://api.octo.ghe.com", "https://octo.ghe.com"),
    ],
)
def test_links_lead_to_people_s_github(api: str, web: str) -> None:
    assert web_address(api) == web


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=40), st.floats(0, 1e9))
def test_a_chart_stays_within_its_frame(values: list[float], line: float) -> None:
    """Whatever the numbers are: no column is higher than the plot, few lines over the axis, text is escaped."""
    data = [Column("<b>", value, f"<{value}>") for value in values]
    drawn = str(columns(data, title="<t>", said="<d>", axis=str, every=7, line=line))
    heights = [float(found) for found in re.findall(r'class="bar \w*" [^>]* height="([\d.]+)"', drawn)]
    assert len(heights) == len(values)
    assert all(0 <= height <= HIGH + 0.1 for height in heights)
    assert 2 <= drawn.count('class="rule"') <= 7
    assert not {"<b>", "<t>", "<d>"} & set(re.findall(r"<[^>]*>", drawn))


@pytest.mark.parametrize(("share", "expected"), [(0.5, 5), (0.95, 10), (0.99, 10), (0.1, 1)])
def test_percentiles_are_values_that_were_measured(share: float, expected: int) -> None:
    assert percentile(range(1, 11), share) == expected


# --- in a browser -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_it_fits_every_screen(store: SqlStore, tmp_path: Path) -> None:
    """In Chromium, light and dark, from a phone to a desk: no sideways scrolling, no complaint of the policy; the form
    works with the keyboard alone. The pictures are left in the test's folder.
    """
    program = chromium()
    if program is None:
        pytest.skip("no Chromium here")
    fill(store, NOW, calls=5_000, runs=300)
    asyncio.run(book(store, NOW))
    complaints: list[str] = []
    with serve(page(store, queue(NOW), [NOW])) as url, sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=program)
        for width, scheme in ((390, "light"), (390, "dark"), (820, "light"), (1200, "dark")):
            context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
            tab = context.new_page()
            tab.on("console", lambda message: complaints.append(message.text) if "401" not in message.text else None)
            tab.goto(url)
            tab.wait_for_selector("#token:focus")
            tab.keyboard.type(TOKEN)
            tab.keyboard.press("Enter")
            tab.wait_for_selector(".tiles", timeout=30_000)
            assert tab.evaluate("document.documentElement.scrollWidth") == width
            assert tab.evaluate("document.querySelectorAll('svg[role=img] > title + desc').length") == 2
            tab.screenshot(path=tmp_path / f"{width}-{scheme}.png", full_page=True)
        browser.close()
    assert complaints == []


def test_what_has_fallen_stands_out() -> None:
    """The shares of the last day beside the week before; before there is anything, there is nothing to see."""
    bad, good = Share(20, 40, 20, (20, 40, 80)), Share(999, 1_000, 1, (1, 2, 2_000))
    shown = quality.rows(levels({"schema": bad}, {"schema": good}))
    assert [each["fell"] for each in shown] == [True, False, False, False]
    assert (shown[0]["last"], shown[0]["of"], shown[0]["before"], shown[1]["last"]) == ("50 %", "40", "99.9 %", "–")
    assert quality.rows(levels({}, {})) == []
    made = views.page(Queue(), Books(), (), levels({"schema": bad}, {"schema": good}), now=NOW, web="https://x")
    html = bytes(
        _html("page.html", {**made, "keys": keys.rows((), (), NOW), "empty": False, "broken": "", "still": True}).body
    ).decode()
    assert 'answers that followed the schema</th><td class="n">fell to <b class="full">50 %</b></td>' in html
