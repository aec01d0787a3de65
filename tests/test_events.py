"""Every delivery becomes the job that it asks for, or a reason; nothing that a payload can be makes it fail."""

from __future__ import annotations

import copy
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from reviewer.core.commands import keys
from reviewer.core.events import EVENTS, NO_INSTALLATION, job_of
from reviewer.core.types import Ignored, Job

ROOT = Path(__file__).parent.parent
PAYLOADS = sorted(path for path in (ROOT / "fixtures" / "webhooks").glob("*.json") if path.name != "expected.json")
EXPECTED: dict[str, Any] = json.loads((ROOT / "fixtures" / "webhooks" / "expected.json").read_text(encoding="utf-8"))


def payload(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((ROOT / "fixtures" / "webhooks" / name).read_text(encoding="utf-8"))
    return loaded


def summary(outcome: Job | Ignored) -> object:
    """A reason, or a job's fields; those that only some kinds have where they say something."""
    if isinstance(outcome, Ignored):
        return outcome.reason
    about = {"check", "base"} | ({"comment", "inline", "author", "commands"} if outcome.kind != "command" else set())
    return {name: value for name, value in asdict(outcome).items() if value or name not in about}


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.name)
def test_saved_deliveries_become_what_is_written_beside_them(path: Path) -> None:
    """`fixtures/webhooks/expected.json` says for each payload which job it is, or why none."""
    outcome = job_of(path.name.partition(".")[0], "d-1", payload(path.name), keys=keys)
    assert summary(outcome) == EXPECTED[path.name]


def test_expectations_and_payloads_are_the_same_set() -> None:
    """An expectation without its payload would guard nothing."""
    assert set(EXPECTED) == {path.name for path in PAYLOADS}


def test_a_repository_webhook_is_told_how_to_mend_it() -> None:
    """Without an installation there is no token to review with: the reason names the App."""
    outcome = job_of("pull_request", "d-1", payload("pull_request.opened.repository-webhook.json"))
    assert outcome == Ignored(NO_INSTALLATION)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("installation.id", 2**63),
        ("installation.id", True),
        ("installation.id", "4242"),
        ("installation.id", None),
        ("pull_request.number", 0),
        ("pull_request.number", 2**31),
        ("pull_request.head.sha", "main"),
        ("pull_request.head.sha", "6DCB09B5B57875F334F61AEBED695E2E4193DB5E"),
        ("pull_request.head.sha", "6dcb09b5b57875f334f61aebed695e2e4193db5e\n"),
        ("pull_request.head", None),
        ("pull_request", []),
        ("repository.full_name", "../.."),
        ("repository.full_name", "octo-org/hello/../../user"),
        ("repository.full_name", "octo-org/\ud800"),
        ("repository.full_name", None),
    ],
)
def test_unusable_fields_are_a_reason_that_names_the_field(place: str, value: object) -> None:
    """What could not be stored, or would change an API path, never becomes a job."""
    delivery = payload("pull_request.opened.json")
    *parents, last = place.split(".")
    target = delivery
    for parent in parents:
        target = target[parent]
    target[last] = value
    assert job_of("pull_request", "d-1", delivery) == Ignored(
        f"pull_request: `{place}` is missing or not what GitHub documents"
    )


def test_a_renamed_repository_can_still_be_run_again() -> None:
    """The check run keeps the old name in its external_id; the payload's name is the one that works."""
    delivery = payload("check_run.rerequested.fork.json")
    delivery["repository"]["full_name"] = "octo-org/renamed"
    outcome = job_of("check_run", "d-1", delivery)
    assert isinstance(outcome, Job)
    assert (outcome.repository, outcome.number) == ("octo-org/renamed", 7)


@pytest.mark.parametrize("number", ["0", "2147483648", "-7", "7.0", "٧"])
def test_an_external_id_with_no_number_that_a_pull_request_can_have_is_not_ours(number: str) -> None:
    """The text comes back from GitHub as anybody with the App's token may have written it."""
    delivery = payload("check_run.rerequested.fork.json")
    delivery["check_run"]["external_id"] = f"octo-org/hello#{number}:run"
    outcome = job_of("check_run", "d-1", delivery)
    assert outcome == Ignored("check_run.rerequested: its external_id is not one of ours")


@pytest.mark.parametrize(
    ("app", "ours", "taken"),
    [
        ({"id": 29310}, "29310", True),
        ({"id": 5}, "29310", False),
        ({"id": 5, "client_id": "Iv23li"}, "Iv23li", True),
        ({"id": 29310, "client_id": "Iv23xx"}, "Iv23li", False),
        ({"id": 29310}, "Iv23li", True),  # older GHES does not tell the client id
        ({"id": 5}, "", True),  # nobody said who we are
        (None, "29310", True),
        ({"id": None}, "29310", True),
    ],
)
@pytest.mark.parametrize("name", ["check_run.rerequested.fork.json", "check_suite.rerequested.json"])
def test_checks_of_other_apps_are_left_alone(app: object, ours: str, taken: bool, name: str) -> None:
    """Who made the check is told by the payload; where it does not tell, the check's own id decides."""
    event, delivery = name.partition(".")[0], payload(name)
    delivery[event]["app"] = app
    outcome = job_of(event, "d-1", delivery, app=ours)
    assert isinstance(outcome, Job) == taken
    if not taken:
        assert outcome == Ignored(f"{event}: it is about a check of another App")


@pytest.mark.parametrize(
    ("ref", "number"),
    [
        ("refs/heads/gh-readonly-queue/main/pr-104-79c8f3", 104),
        ("gh-readonly-queue/release/pr-1-a/pr-2-b/pr-3-79c8f3", 3),
        ("gh-readonly-queue/main/pr-99999999999-79c8f3", 0),
        ("gh-readonly-queue/main/pr-4-", 0),
        ("refs/heads/main/pr-4-79c8f3", 0),
        ("", 0),
    ],
)
def test_a_groups_ref_names_its_last_pull_request(ref: str, number: int) -> None:
    """The base branch's own name may look like one too; a ref that says nothing is still a group to be answered."""
    delivery = payload("merge_group.checks_requested.json")
    delivery["merge_group"]["head_ref"] = ref
    outcome = job_of("merge_group", "d-1", delivery)
    assert isinstance(outcome, Job)
    assert (outcome.kind, outcome.number) == ("group", number)


def test_groups_and_pull_requests_do_not_stand_in_each_others_way() -> None:
    """Each head of the queue has a lane and a wish of its own, beside those of its pull request."""
    delivery = payload("merge_group.checks_requested.json")
    group, opened = (
        job_of("merge_group", "d", delivery),
        job_of("pull_request", "d", payload("pull_request.opened.json")),
    )
    delivery["merge_group"]["head_sha"] = "8" * 40
    other = job_of("merge_group", "d", delivery)
    gone = job_of("merge_group", "d", payload("merge_group.destroyed.json"))
    jobs = [each for each in (group, opened, other, gone) if isinstance(each, Job)]
    assert len({each.lane for each in jobs[:3]}) == len({each.about for each in jobs[:3]}) == 3
    assert jobs[3].about == jobs[0].about


@pytest.mark.parametrize("event", ["push", "", "PULL_REQUEST", "pull_request\ud800" + "x" * 500])
def test_unknown_events_are_a_short_ascii_reason(event: str) -> None:
    """The reason goes into the log and the answer: a stranger's word must not break either."""
    outcome = job_of(event, "d-1", {})
    assert isinstance(outcome, Ignored)
    assert outcome.reason.isascii()
    assert len(outcome.reason) < 120


# --- comments ---------------------------------------------------------------------------------------------------------


def edit(before: str, after: str, *, at: str = "2026-10-01T10:00:00Z", by: str = "ada") -> Job | Ignored:
    """Of ada's comment."""
    delivery = payload("issue_comment.edited.json")
    delivery["changes"]["body"]["from"], delivery["comment"]["body"] = before, after
    delivery["comment"]["updated_at"], delivery["sender"]["login"] = at, by
    return job_of("issue_comment", "d-1", delivery, keys=keys)


def test_the_same_commands_in_the_same_comment_are_one_job() -> None:
    """Whatever delivery brings them."""
    first = job_of("issue_comment", "d-1", payload("issue_comment.created.json"), keys=keys)
    assert first == job_of("issue_comment", "d-2", payload("issue_comment.created.json"), keys=keys)


def test_an_edit_by_its_writer_runs_the_commands_again_once() -> None:
    """All that stand there, also when it leads back to an earlier text; told twice it is one job."""
    there = edit("/config", "/review\nplease", at="2026-10-01T10:00:01Z")
    back = edit("/review\nplease", "/config", at="2026-10-01T10:00:02Z")
    again = edit("/config", "/review\nplease", at="2026-10-01T10:00:03Z")
    first = job_of("issue_comment", "d-1", payload("issue_comment.created.json"), keys=keys)
    jobs = [each for each in (first, there, back, again) if isinstance(each, Job)]
    assert len({each.delivery for each in jobs}) == 4
    assert again == edit("/config", "/review\nplease", at="2026-10-01T10:00:03Z")
    assert [each.commands for each in jobs[1:]] == [" ".join(keys(text)) for text in ("/review", "/config", "/review")]


def test_an_edit_that_has_no_time_is_known_by_what_it_changed() -> None:
    """Where a server does not tell it; and one that takes the commands away asks for nothing."""
    assert edit("/config", "/help", at="") != edit("/help!", "/help", at="")
    assert edit("/config", "/help", at="") == edit("/config", "/help", at="")
    assert edit("/help", "Never mind.") == Ignored("issue_comment.edited: no command in it")


def test_an_edit_by_somebody_else_brings_only_what_they_changed() -> None:
    """Whoever mends a typo does not give the commands that others were refused."""
    after = edit("/override so", "/override so\n/config", by="eve")
    assert isinstance(after, Job)
    assert (after.commands, after.author) == (" ".join(keys("/config")), "eve")
    assert edit("/override x", "/override x\n\nTidied.", by="eve") == Ignored(
        "issue_comment.edited: no new command in it"
    )


def test_a_comment_in_the_conversation_and_one_on_a_line_have_ids_of_their_own() -> None:
    """GitHub counts the two apart, so the numbers can be the same."""
    conversation, line = payload("issue_comment.created.json"), payload("pull_request_review_comment.created.json")
    line["comment"] |= {"id": conversation["comment"]["id"], "body": conversation["comment"]["body"]}
    jobs = [
        job_of(name, "d", body, keys=keys)
        for name, body in (("issue_comment", conversation), ("pull_request_review_comment", line))
    ]
    assert len({each.delivery for each in jobs if isinstance(each, Job)}) == 2


def test_who_edits_does_not_speak_with_the_rights_of_who_wrote() -> None:
    """People with write permission can edit the comments of maintainers."""
    outcome = job_of("issue_comment", "d", payload("issue_comment.edited.by-another.json"), keys=keys)
    assert isinstance(outcome, Job)
    assert outcome.author == "eve"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


def paths_of(value: object, prefix: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a JSON value, the root too."""
    inner: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [prefix, *(path for key, below in inner for path in paths_of(below, (*prefix, key)))]


def replaced(value: Any, path: tuple[str | int, ...], new: object) -> Any:
    if not path:
        return new
    changed = copy.deepcopy(value)
    target = changed
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = new
    return changed


GOOD = [(path.name.partition(".")[0], payload(path.name)) for path in PAYLOADS]


@given(good=st.sampled_from(GOOD), new=JSON, data=st.data())
def test_any_value_at_any_place_is_a_job_or_a_reason(
    good: tuple[str, dict[str, Any]], new: object, data: st.DataObject
) -> None:
    """Strangers' data never raises, and what becomes a job can be stored as JSON and in 64 bits."""
    event, body = good
    outcome = job_of(event, "d-1", replaced(body, data.draw(st.sampled_from(paths_of(body))), new), keys=keys)
    if isinstance(outcome, Job):
        json.dumps(asdict(outcome)).encode("utf-8")
        assert 0 < outcome.installation < 2**63
        about = outcome.kind not in {"find", "group", "disband", "leave", "uninstall"}  # a pull request
        assert about <= outcome.number < 2**31
    else:
        assert outcome.reason.isascii()


# Which permission lets an App subscribe to an event, from "Webhook events and payloads" in GitHub's documentation.
NEEDS = {
    "pull_request": "pull_requests",
    "pull_request_review_comment": "pull_requests",
    "pull_request_review_thread": "pull_requests",
    "issue_comment": "issues",
    "check_run": "checks",
    "check_suite": "checks",
    "merge_group": "merge_queues",
}


def test_the_manifest_asks_for_the_least_and_github_takes_it() -> None:
    """GitHub refuses a manifest whose events lack their permission; more permissions than design allows are a leak."""
    manifest = YAML(typ="safe").load((ROOT / "app.yml").read_text(encoding="utf-8"))
    assert manifest["default_permissions"] == {
        "metadata": "read",
        "contents": "read",
        "pull_requests": "write",
        "checks": "write",
        "issues": "write",
        "merge_queues": "read",
    }
    missing = [event for event in manifest["default_events"] if NEEDS[event] not in manifest["default_permissions"]]
    assert missing == []


def test_the_manifest_subscribes_to_every_event_that_we_act_on() -> None:
    """A handler for an event that never comes would be dead; some come by themselves."""
    manifest = YAML(typ="safe").load((ROOT / "app.yml").read_text(encoding="utf-8"))
    unasked = {"ping", "installation", "installation_repositories"}  # GitHub refuses a manifest that lists them
    assert set(EVENTS) - unasked == set(manifest["default_events"])
