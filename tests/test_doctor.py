"""`reviewer doctor` names what is not well, what that disables and how to mend it, and never a secret."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from standin_client import key
from world_servers import Servers, serving

from reviewer import resources
from reviewer.commands.doctor import WIDTH, lines_of
from reviewer.core.health import (
    AppFacts,
    Check,
    Hook,
    Trouble,
    deliveries_check,
    event_gaps,
    excess,
    exit_code,
    in_halves,
    needed,
    permission_gaps,
    unreachable,
    wanted_of,
)
from reviewer.core.health.grants import DISABLES, ESSENTIAL, EVENTS
from reviewer.doctor import examine
from reviewer.doctor.bounded import Limits
from reviewer.doctor.files import filesystem_of, shared
from reviewer.doctor.github import hook_check
from reviewer.settings import load
from reviewer.standin.github import StandIn
from reviewer.standin.model import StandInModel
from reviewer.standin.model_shapes import Fault
from reviewer.standin.records import Delivery
from reviewer.standin.state import make_key

QUICK = Limits(github=2, model=2, database=2, local=2)
WANTED = wanted_of(resources.app_manifest())


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with serving() as served:
        yield served


class Patient:
    """A forge and a model, and what the doctor says of them."""

    def __init__(self, folder: Path, servers: Servers) -> None:
        self.folder, self.servers = folder, servers
        self.ahead = 0.0  # seconds of GitHub's clock
        self.hub = StandIn(folder / "forge", self.clock, private_key_pem=key())
        self.hub.url, self.hub.webhook_url = servers.github_url, "https://reviews.acme.dev/api/github/webhooks"
        self.model = StandInModel()
        servers.github.app, servers.model.app = self.hub.app, self.model.app
        self.hub.install("octo")
        self.env: dict[str, str] = {"REVIEWER_OPERATOR_TOKEN": "x" * 24}
        self.delivered(202)

    def clock(self) -> float:
        return time.time() + self.ahead

    def delivered(self, *answers: int) -> None:
        self.hub.deliveries = [
            Delivery(n, f"g{n}", "pull_request", {}, "", time.time() - 60 + n, status, 0.1, redelivery=False)
            for n, status in enumerate(answers, 1)
        ]

    def checks(self, *, models: bool = False) -> dict[str, Check]:
        settings = self.servers.settings(self.folder, **self.env)
        found = asyncio.run(examine(settings, models=models, env_file=self.folder / ".env", limits=QUICK))
        said = json.dumps([lines_of(check) for check in found])
        assert not [secret for secret in settings.secrets() if secret in said]
        return {check.name: check for check in found}


@pytest.fixture
def patient(tmp_path: Path, servers: Servers) -> Patient:
    return Patient(tmp_path, servers)


def words(check: Check) -> str:
    return " ".join(" ".join(lines_of(check)).split())


def test_what_is_well_is_said_in_a_line_each(patient: Patient) -> None:
    """Nothing to mend, also with models asked; the database is not made by looking for it."""
    found = patient.checks(models=True)
    assert {check.grade for check in found.values()} == {"ok"}
    assert {"credentials", "clock", "permissions", "events", "installations", "webhook", "deliveries"} < set(found)
    assert {"model", "fallback", "prices", "database", "disk", "secrets", "versions"} < set(found)
    assert exit_code(list(found.values())) == 0
    assert not (patient.folder / "reviewer.db").exists()


def test_without_anything_it_says_where_to_begin(tmp_path: Path) -> None:
    found = asyncio.run(examine(load({"REVIEWER_DATABASE_URL": f"sqlite:///{tmp_path}/x.db"}), limits=QUICK))
    by_name = {check.name: check for check in found}
    assert "/setup" in words(by_name["credentials"])
    assert by_name["model"].grade == "problem"
    assert exit_code(found) == 2


def test_each_gap_says_what_it_disables(patient: Patient) -> None:
    """The App's own gaps, and those of an installation whose owner has not accepted yet; too much is a note."""
    patient.hub.app_permissions |= {"checks": "read", "contents": "write"}
    patient.hub.app_events.remove("merge_group")
    del patient.hub.install("octo").permissions["issues"]
    patient.hub.install("sleepy").suspended = True
    found = patient.checks()
    said = words(found["permissions"])
    assert "- checks: read instead of write disables: no check run: nothing can be blocked" in said
    assert "/settings/apps/reviewer/permissions" in said
    assert "note: `contents: write` is needed only where a repository sets `resolve_threads: true`" in said
    assert "merge_group: not subscribed" in words(found["events"])
    said = words(found["installations"])
    assert "octo: issues: none instead of write" in said
    assert "/permissions/update" in said
    assert "sleepy has suspended it" in said
    assert found["installations"].grade == "warning"


@pytest.mark.parametrize(
    ("change", "env", "name", "says"),
    [
        (0, {"GITHUB_PRIVATE_KEY": make_key()}, "credentials", "GitHub does not accept the private key"),
        (0, {"GITHUB_APP_ID": "12"}, "credentials", "GitHub knows no App with this id"),
        (-4000, {}, "clock", "s ahead of GitHub's"),
        (4000, {}, "clock", "s behind GitHub's"),
    ],
)
def test_refused_credentials_say_why(
    patient: Patient, change: float, env: dict[str, str], name: str, says: str
) -> None:
    """A key of another App, another id, a wrong clock by how much: all to be mended here."""
    patient.env |= env
    patient.ahead = change
    found = patient.checks()
    assert says in words(found[name])
    assert not change or re.search(r"clock is (3,99\d|4,00\d) s", words(found["clock"]))
    assert found["credentials"].grade == "problem"
    assert exit_code(list(found.values())) == 2


@pytest.mark.parametrize("dead", [True, False])
def test_a_github_that_is_away_is_no_hang(patient: Patient, dead: bool) -> None:
    """Nobody there, or a server that never answers: exit 3, and the rest is told."""
    patient.hub.latency = 0 if dead else 20
    patient.env |= {"GITHUB_API_URL": "http://127.0.0.1:9/api/v3"} if dead else {}
    found = patient.checks()
    assert found["credentials"].outside
    assert "clock" not in found
    assert found["database"].grade == "ok"
    assert exit_code(list(found.values())) == 3
    patient.hub.latency = 0


def test_a_webhook_that_cannot_be_reached_is_told() -> None:
    """An address of this machine, the wrong form, no look at the certificate; another channel than ours."""
    app = AppFacts(1, "a", "a", "https://github.com/settings/apps/a")
    said = words(hook_check(Hook("http://localhost:8000/x", "form", verified=False), app, load({})))
    assert "GitHub cannot reach it: localhost" in said
    assert "WEBHOOK_PROXY_URL" in said
    assert "application/json" in said
    assert "'Enable SSL verification'" in said
    proxied = load({"WEBHOOK_PROXY_URL": "https://smee.io/b"})
    assert "another address" in words(hook_check(Hook("https://smee.io/a", "json", verified=True), app, proxied))


def test_models_that_do_not_work_are_told_by_name_and_key(patient: Patient) -> None:
    """A refused key by its last characters, a model that does not call functions, one that is not there."""
    patient.env |= {"OPENAI_API_KEY": "sk-world-first-aaaa,sk-world-second-bbbb", "REVIEWER_FALLBACK_MODEL": "talker"}
    patient.env["REVIEWER_EMBEDDING_MODEL"] = "gone"
    patient.model.refused_keys = {"sk-world-second-bbbb": "bad_key"}
    patient.model.faults_on = {"talker": Fault("text"), "gone": Fault("unknown_model")}
    settings = patient.servers.settings(patient.folder, **patient.env)
    found = asyncio.run(examine(settings, env_file=patient.folder / ".env", limits=QUICK))
    good, model, fallback, _ = (words(check) for check in found if check.name in {"model", "fallback"})
    assert "on the key …bbbb does not work" in model
    assert "on the key …aaaa answers" in good
    assert "words instead of calling the function" in fallback
    assert "REVIEWER_FALLBACK_MODEL" in fallback
    [embeddings] = [check for check in found if check.name == "embeddings"]
    assert embeddings.grade == "warning"
    assert "REVIEWER_EMBEDDING_MODEL" in words(embeddings)


def test_prices_files_tokens_and_databases_that_are_not_well(patient: Patient) -> None:
    patient.env = {"REVIEWER_MODEL": "nobodys", "REVIEWER_OPERATOR_TOKEN": "short"}
    (patient.folder / "prices.toml").write_text(
        'date = "2020-01-01"\n[models]\ngpt-6-luna = {input = "1", output = "1"}'
    )
    patient.env["REVIEWER_PRICES"] = str(patient.folder / "prices.toml")
    patient.env["REVIEWER_DATABASE_URL"] = "postgresql://u:hush-hush@127.0.0.1:1/x"
    (patient.folder / ".env").write_text("A=1\n")
    (patient.folder / ".env").chmod(0o644)
    found = patient.checks()
    assert "there is no price for nobodys" in words(found["prices"])
    assert "days old" in words(found["prices"])
    assert "it can be guessed" in words(found["secrets"])
    assert "chmod 600" in words(found["secrets"])
    assert (found["database"].grade, found["database"].outside) == ("problem", True)


@pytest.mark.parametrize(
    ("sentence", "said", "mend"),
    [
        ("K does not work: it is no PEM: use the .pem file.", "K does not work: it is no PEM", "use the .pem file"),
        ("connection failed: connection refused (check that it runs)", None, ""),
        ("x cannot be written: no database (it is damaged: restore the last backup)", None, ""),
        ("F cannot be read: No such file or directory.", "F cannot be read: No such file or directory", ""),
    ],
)
def test_a_reason_is_no_mend(sentence: str, said: str | None, mend: str) -> None:
    """What stands behind a colon is told as the cure only where it is one."""
    assert in_halves(sentence) == (said or sentence, mend)


# --- what is pure -------------------------------------------------------------------------------------------------------


def test_every_permission_and_event_of_the_app_says_what_it_is_for() -> None:
    """Both ways, so that a new one in app.yml is not told as a riddle."""
    assert set(DISABLES) == set(WANTED.permissions)
    assert set(EVENTS) == set(WANTED.events)
    assert ESSENTIAL.items() <= WANTED.permissions.items()


def test_gaps_are_those_of_the_manifest() -> None:
    assert permission_gaps(WANTED.permissions, WANTED.permissions) == ()
    assert permission_gaps(WANTED.permissions, dict.fromkeys(WANTED.permissions, "admin")) == ()
    assert [gap.name for gap in permission_gaps(WANTED.permissions, {})] == list(WANTED.permissions)
    assert [gap.name for gap in event_gaps(WANTED.events, ())] == list(WANTED.events)
    assert excess(WANTED.permissions, WANTED.permissions) == ()
    assert len(excess(WANTED.permissions, {"contents": "write", "administration": "read"})) == 2


def test_what_a_refusal_needs_is_read_back() -> None:
    """Only in the words of our own sentence."""
    assert needed("GitHub does not allow POST /x: the App needs `checks: write`: grant it.") == {"checks": "write"}
    assert needed("the App needs `checks: all`, the App needs a permission") == {}


@pytest.mark.parametrize(
    ("url", "reached"),
    [
        ("https://reviews.acme.dev/api/github/webhooks", True),
        ("https://8.8.8.8/x", True),
        ("https://172.32.0.1/x", True),
        ("http://localhost:8000/x", False),
        ("http://127.0.0.1/x", False),
        ("https://10.1.2.3/x", False),
        ("https://172.16.0.1/x", False),
        ("https://[::1]/x", False),
        ("https://[fd00::1]/x", False),
        ("https://build-box/x", False),
        ("https://nas.local/x", False),
        ("https://reviewer.example.com/x", False),
        ("", False),
    ],
)
def test_addresses_that_github_cannot_reach(url: str, reached: bool) -> None:
    assert (unreachable(url) == "") is reached


def test_a_github_of_ones_own_reaches_its_network() -> None:
    """But not this machine, unless it is on it."""
    ghes, here = "https://ghe.acme.dev/api/v3", "http://127.0.0.1:80/api/v3"
    assert unreachable("https://10.1.2.3/x", ghes) == ""
    assert "this machine" in unreachable("http://localhost/x", ghes)
    assert unreachable("http://localhost/x", here) == ""


@pytest.mark.parametrize(
    ("answers", "grade", "word"),
    [
        ((), "warning", "has delivered nothing"),
        ((202, 200), "ok", "all of the last 2 were taken"),
        ((202, *[202] * 20, 0), "ok", "1 of the last 22 failed"),
        ((0, 202), "warning", "nobody answered"),
        ((401, 401, 401), "problem", "GITHUB_WEBHOOK_SECRET"),
        ((202, 401, 401), "warning", "GITHUB_WEBHOOK_SECRET"),
        ((404, 404), "warning", "/api/github/webhooks"),
        ((503,), "warning", "could not store"),
    ],
)
def test_deliveries_tell_how_the_webhook_fares(answers: tuple[int, ...], grade: str, word: str) -> None:
    check = deliveries_check([(status, 1000.0) for status in answers], now=8_300, page="https://g/a")
    assert check.grade == grade
    assert word in words(check)


def test_only_what_is_outside_exits_with_3() -> None:
    here, there = Check("a", "x", "problem"), Check("b", "y", "problem", outside=True)
    assert [exit_code(each) for each in ([], [there], [here], [here, there])] == [0, 3, 2, 2]
    assert exit_code([Check("c", "z", "warning")]) == 0


def test_lines_fit_a_terminal_and_hold_nothing_that_it_obeys() -> None:
    """80 columns, but an address is not broken; strangers' words are made plain."""
    trouble = Trouble("what " * 40, "that " * 40, "at https://github.com/" + "x" * 90)
    lines = lines_of(Check("installations", "word " * 40, "problem", (trouble,), ("note \x1b[31m red\n\u202e " * 9,)))
    assert [line for line in lines if len(line) > WIDTH and "https://" not in line] == []
    assert [line for line in lines if not line.isprintable()] == []


def test_a_file_system_of_the_network_is_known(tmp_path: Path) -> None:
    """By the longest mount point above the folder."""
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/a / ext4 rw 0 0\nnas:/x {tmp_path} nfs4 rw 0 0\nbad\n")
    assert shared(filesystem_of(tmp_path, mounts))
    assert not shared(filesystem_of(Path("/"), mounts))
    assert filesystem_of(tmp_path, tmp_path / "none") == ""
