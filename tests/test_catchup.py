"""After downtime nothing stays lost: failed deliveries come again, and pull requests that nobody told of are found."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from catcher import PACE, Hook, Queue, Worker
from forge import NAME, Forge, forge_at

from reviewer.catchup import DAY, CatchUp, delivery_of
from reviewer.core.types import Job
from reviewer.standin import events
from reviewer.standin.records import CheckRun, Delivery
from reviewer.standin.server import serve
from reviewer.standin.state import FOREVER


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    with forge_at(tmp_path_factory.mktemp("forge")) as forge:
        yield forge


@pytest.fixture(scope="module")
def hooked() -> Iterator[Hook]:
    hook = Hook()
    with serve(hook) as hook.url:
        yield hook


@pytest.fixture
def hook(hooked: Hook) -> Hook:
    hooked.status, hooked.came = 202, []
    return hooked


@pytest.fixture
def forge(served: Forge) -> Forge:
    served.reset()
    return served


def delivered(forge: Forge, hook: Hook, guid: str, *, status: int = 0, ago: float = 60, event: str = "") -> None:
    """GitHub tried to deliver it so many seconds ago."""
    event = event or "pull_request"
    record = Delivery(forge.hub.next_id(), guid, event, {}, hook.url, time.time() - ago, status, 0.1)
    forge.hub.deliveries.append(record)


# --- deliveries -------------------------------------------------------------------------------------------------------


def test_what_failed_comes_again_the_oldest_first(forge: Forge, hook: Hook) -> None:
    """No answer and refusals alike; not what arrived at once or later, nor events that we have no use for."""
    delivered(forge, hook, "down", ago=500)
    delivered(forge, hook, "arrived", ago=400, status=202)
    delivered(forge, hook, "arrived later", ago=300, status=503)
    delivered(forge, hook, "refused", ago=200, status=401)
    delivered(forge, hook, "arrived later", ago=100, status=202)
    delivered(forge, hook, "of no use", event="star")

    Worker(forge, Queue()).rounds(2)

    assert hook.came == ["down", "refused"]


def test_a_delivery_that_keeps_failing_is_let_go(forge: Forge, hook: Hook) -> None:
    """Three attempts; a process that starts anew counts those of the one before by GitHub's list."""
    hook.status = 500
    delivered(forge, hook, "poison", ago=2 * DAY)

    Worker(forge, Queue()).rounds(2)
    assert hook.came == ["poison"] * 2
    Worker(forge, Queue()).rounds(5)
    Worker(forge, Queue()).rounds(5)

    assert hook.came == ["poison"] * 3


def test_a_redelivery_that_github_refuses_is_not_asked_for_without_end(forge: Forge, hook: Hook) -> None:
    """It leaves no trace in the list, so we count it ourselves; the others are asked for all the same."""
    delivered(forge, hook, "odd", ago=200)
    delivered(forge, hook, "even", ago=100)
    odd = forge.hub.deliveries[0].id
    forge.fail(f"{odd}/attempts", 422, "Cannot be redelivered", times=FOREVER)

    Worker(forge, Queue()).rounds(6)

    assert hook.came == ["even"]
    assert forge.hub.count("POST", f"{odd}/attempts") == 3


def test_a_round_has_a_limit(forge: Forge, hook: Hook) -> None:
    """The rest comes with the next rounds: a server that just came up is not run over."""
    for at in range(5):
        delivered(forge, hook, f"d{at}", ago=100 - at)
    worker = Worker(forge, Queue(), pace=replace(PACE, redeliveries=2))

    worker.rounds()
    assert hook.came == ["d0", "d1"]
    worker.rounds(2)
    assert hook.came == [f"d{at}" for at in range(5)]


def test_every_page_is_looked_at_once(forge: Forge, hook: Hook) -> None:
    """Three pages at first, since what failed may lie far back; then only what is new."""
    delivered(forge, hook, "lost", ago=9_000)
    for at in range(230):
        delivered(forge, hook, f"d{at}", status=202, ago=8_000 - at)

    async def play(catch_up: CatchUp) -> None:
        await catch_up.round()
        assert (hook.came, forge.hub.count("GET", "deliveries")) == (["lost"], 3)
        await catch_up.round()
        await catch_up.round()

    Worker(forge, Queue()).play(play)
    assert (hook.came, forge.hub.count("GET", "deliveries")) == (["lost"], 7)  # once more to see that it arrived


def test_what_github_no_longer_keeps_is_not_asked_for(forge: Forge, hook: Hook) -> None:
    """Three days."""
    delivered(forge, hook, "too old", ago=3 * DAY + 60)

    Worker(forge, Queue()).rounds()

    assert hook.came == []


# --- pull requests ----------------------------------------------------------------------------------------------------


def check(forge: Forge, status: str, conclusion: str | None = None, **about: Any) -> None:
    """Our check on the head as it stands."""
    fields = {"external_id": f"{NAME}#1:run", **about}
    run = CheckRun(forge.hub.next_id(), NAME, "reviewer", forge.stands.head_sha, status, conclusion, **fields)
    forge.hub.repository(NAME).checks.append(run)


def test_a_pull_request_that_nobody_told_of_is_found_once(forge: Forge) -> None:
    """However many rounds and processes look; the job's id says what it is about."""
    queue = Queue()
    Worker(forge, queue).rounds(2)
    queue.stand(queue.jobs[0].delivery, "done")  # and yet without a check, as when the App may not write checks
    Worker(forge, queue).rounds(2)

    head = forge.stands.head_sha
    delivery = delivery_of(forge.installation, NAME, 1, head)
    assert queue.jobs == [Job("review", forge.installation, NAME, 1, head, "catchup", delivery)]
    assert delivery.startswith("catchup-1-")


@pytest.mark.parametrize(
    ("status", "conclusion", "found"),
    [
        ("completed", "success", False),
        ("completed", "failure", False),
        ("completed", "neutral", False),
        ("completed", "cancelled", True),  # by an event that came late: the pull request is open
        ("in_progress", None, True),
        ("queued", None, True),
    ],
)
def test_a_head_without_a_verdict_is_found(forge: Forge, status: str, conclusion: str | None, found: bool) -> None:
    """The newest check counts."""
    queue = Queue()
    check(forge, "completed", "success" if found else None)
    check(forge, status, conclusion)

    Worker(forge, queue).rounds()

    assert (len(queue.jobs) == 1) is found


LACKING = "GitHub does not allow it: the App needs `{}`: grant it in the App's settings, then accept it."


@pytest.mark.parametrize(
    ("lacked", "granted", "found"),
    [
        ("contents: read", True, True),
        ("contents: read", False, False),
        ("contents: write", True, False),  # to resolve threads: reviewer can do without for good
        ("administration: write", True, False),
    ],
)
def test_what_ended_for_lack_of_a_permission_is_found_once_it_is_there(
    forge: Forge, lacked: str, granted: bool, found: bool
) -> None:
    """Not before: it would only end the same way."""
    queue = Queue()
    check(forge, "completed", "neutral", title="Could not review", summary=LACKING.format(lacked))
    if not granted:
        del forge.hub.installations[forge.installation].permissions["contents"]

    Worker(forge, queue).rounds()

    assert (len(queue.jobs) == 1) is found


@pytest.mark.parametrize("how", ["suspended", "without checks"])
def test_an_installation_that_can_be_reviewed_again_is_looked_at_at_once(forge: Forge, how: str) -> None:
    """Nothing is asked of it before, and then nobody waits for the next sweep."""
    queue, installation = Queue(), forge.hub.installations[forge.installation]

    def able(yes: bool) -> None:
        if how == "suspended":
            installation.suspended = not yes
        else:
            installation.permissions["checks"] = "write" if yes else "read"

    async def play(catch_up: CatchUp) -> None:
        await catch_up.round()
        queue.jobs.clear()
        queue.stand("x", "done")
        able(False)
        await catch_up.round()
        assert queue.jobs == []
        able(True)
        await catch_up.round()

    worker = Worker(forge, queue)
    worker.leases["catchup: pull requests of " + str(forge.installation)] = Worker(forge, queue)  # the sweep was done
    worker.play(play)

    assert len(queue.jobs) == 1


@pytest.mark.parametrize("external_id", ["", f"{NAME}#11:run"])
def test_a_check_of_another_is_no_verdict(forge: Forge, external_id: str) -> None:
    """Anybody may call a check `reviewer`, and another pull request may have the same head; ours carry our id."""
    queue = Queue()
    check(forge, "completed", "success", external_id=external_id)

    Worker(forge, queue).rounds()

    assert len(queue.jobs) == 1


@pytest.mark.parametrize("status", ["queued", "running"])
def test_work_in_hand_is_left_alone(forge: Forge, status: str) -> None:
    """A second job would only end the first."""
    queue = Queue()
    queue.stand("webhook", status)

    Worker(forge, queue).rounds()

    assert queue.jobs == []


def test_a_job_that_failed_and_left_its_check_hanging_runs_again(forge: Forge) -> None:
    """Under its own id, so that its check is the one that ends; three times, not for ever."""
    queue = Queue()
    check(forge, "in_progress")

    async def play(catch_up: CatchUp) -> None:
        for _ in range(6):
            queue.stand("webhook", "failed")
            await catch_up.round()

    Worker(forge, queue).play(play)
    assert [job.delivery for job in queue.jobs] == ["webhook"] * 3


def test_drafts_and_what_lies_still_are_left_alone(forge: Forge) -> None:
    """So are closed pull requests."""
    queue = Queue()
    events.open_pull(forge.hub, NAME, head="topic", draft=True)
    events.open_pull(forge.hub, NAME, head="topic")
    events.close(forge.hub, NAME, 3)
    forge.stands.updated -= 8 * DAY

    Worker(forge, queue).rounds()

    assert queue.jobs == []


def test_a_repository_that_cannot_be_read_hides_no_other(forge: Forge) -> None:
    """Nor does an installation that is suspended."""
    queue = Queue()
    forge.hub.add_repository("octo/aaa")
    forge.hub.add_repository("eve/other")
    forge.hub.install("eve").suspended = True
    forge.fail("octo/aaa/pulls", 403, "Resource not accessible by integration", times=FOREVER)
    forge.fail("octo/zzz/pulls", 500, "Unicorn!", times=FOREVER)
    repositories = forge.hub.repositories
    repositories[NAME] = repositories.pop(NAME)  # the last to be looked at

    Worker(forge, queue).rounds()

    assert [job.repository for job in queue.jobs] == [NAME]


def test_a_round_finds_so_many_and_no_more(forge: Forge) -> None:
    """A bill that nobody expects is kept small; the rest comes later."""
    queue = Queue()
    for _ in range(4):
        events.open_pull(forge.hub, NAME, head="topic")

    Worker(forge, queue, pace=replace(PACE, jobs=2)).rounds()

    assert len(queue.jobs) == 2


def test_a_sweep_goes_on_where_the_last_one_ended(forge: Forge) -> None:
    """Two thousand repositories are not asked about at once, but all of them in their turn."""
    for at in range(250):
        forge.hub.repositories[f"octo/r{at}"] = replace(forge.hub.repository(NAME), full_name=f"octo/r{at}", pulls={})
    worker = Worker(forge, Queue(), pace=replace(PACE, pages=2))

    async def play(catch_up: CatchUp) -> None:
        await catch_up.round()
        assert forge.hub.count("GET", "/pulls$") == 200
        await catch_up.round()
        worker.naps.clear()

    worker._nap = _no_nap  # type: ignore[method-assign, assignment]
    worker.play(play)
    asked = Counter(seen.path for seen in forge.hub.requests if seen.path.endswith("/pulls"))
    assert (len(asked), set(asked.values())) == (251, {1})


async def _no_nap(_seconds: float) -> None:
    """It takes no time."""


# --- rounds -----------------------------------------------------------------------------------------------------------


def test_of_several_processes_one_does_the_round(forge: Forge, hook: Hook) -> None:
    """Except at a start: whoever holds the lease may be what was down."""
    leases: dict[str, Worker] = {}
    one, two = (Worker(forge, Queue(), leases) for _ in range(2))
    one.rounds()
    asked = forge.hub.count("GET", "deliveries")

    two.rounds()
    assert (forge.hub.count("GET", "deliveries"), two.queue.jobs) == (asked, [])
    two.rounds(first=True)
    assert (forge.hub.count("GET", "deliveries"), len(two.queue.jobs)) == (asked + 1, 1)


@pytest.mark.parametrize("path", ["deliveries", "installations$", "installation/repositories", "check-runs"])
def test_a_fault_ends_a_round_and_nothing_else(forge: Forge, path: str) -> None:
    """The rounds go on for as long as the process lives, each a while after the other."""
    forge.fail(path, 500, "Unicorn!", times=FOREVER)
    worker = Worker(forge, Queue())

    async def play(catch_up: CatchUp) -> None:
        with pytest.raises(TimeoutError):
            await catch_up.forever()

    worker.play(play)
    pauses = [nap for nap in worker.naps if nap]
    assert pauses[:4] == pytest.approx([7.5, 110, 110, 110])
    assert forge.hub.count(path=path) > 3


def test_a_server_that_tells_no_deliveries_is_searched_all_the_same(forge: Forge) -> None:
    """An older GitHub Enterprise Server has no such list: open pull requests without a verdict are found."""
    queue = Queue()
    forge.fail("deliveries", 404, "Not Found", times=FOREVER)

    Worker(forge, queue).rounds()

    assert len(queue.jobs) == 1


def test_an_answer_that_nobody_expects_ends_a_round_and_nothing_else(forge: Forge) -> None:
    """Not even an error of our own gets out."""
    queue = Queue()
    queue.states["webhook"], queue.newest[1] = {"odd": True}, "webhook"

    Worker(forge, queue).rounds()

    assert queue.jobs == []
