"""Buttons on the check, "Re-run" on heads that are gone, "Re-run all checks", drafts and new bases."""

from __future__ import annotations

import asyncio

import pytest
from world import ADDED, ADDED_TOO, CHANGED, SHOP, World, finding, servers, world

from reviewer import pressing, rerunning
from reviewer.core.events import job_of
from reviewer.core.render.buttons import explained
from reviewer.core.types import CheckRun, Ignored, Job
from reviewer.standin import events
from reviewer.standin.events import Event

__all__ = ["servers", "world"]

LOW_TOO = {".github/reviewer.yml": "gate: {fail_on: low}"}


def job(event: Event, delivery: str = "pressed") -> Job:
    made = job_of(event.name, delivery, event.payload)
    assert isinstance(made, Job)
    return made


def press(world: World, identifier: str, *, user: str = "ann", delivery: str = "pressed") -> Job | None:
    """Presses the button of the newest check as a worker carries it out; gives the review that is to follow."""
    made = job(events.press_action(world.hub, world.check, identifier, user=user), delivery)
    return world.does(pressing.press(made, made.delivery, world.tools))


def labels(world: World) -> list[str]:
    return [action["identifier"] for action in world.check.actions]


def follows(world: World, review: Job | None) -> None:
    """The review that a button or a search asked for is carried out."""
    assert review
    asyncio.run(world.tools.store.want(review))
    world.carries_out(review)


def said(world: World) -> list[str]:
    return [comment.body.partition("\n\n<!--")[0] for comment in world.pull.issue_comments]


def test_the_low_findings_are_dismissed_and_the_gate_is_told_anew(world: World) -> None:
    """In their threads and for the repository, the others stay; then nothing low stands, and the button is gone."""
    world.model.findings = [finding(ADDED, "Long name", severity="low"), finding(ADDED_TOO, "Slow", severity="medium")]
    world.reviews(world.opens(base=LOW_TOO))
    assert (world.check.conclusion, labels(world)) == ("failure", ["re-run", "dismiss-low", "explain"])
    follow, calls = press(world, "dismiss-low"), world.model.calls
    assert world.replies == ["Dismissed by `ann`. It is not said again and does not block."]
    assert said(world) == ["1 low finding dismissed by `ann`. It is not said again and does not block."]
    follows(world, follow)
    assert (world.verdict, labels(world)) == ("failure: 1 finding blocks: 1 medium", ["re-run", "explain"])
    assert world.model.calls == calls


@pytest.mark.parametrize(
    "config", ["review: {max_comments: 0}\ngate: {fail_on: low}", "review: {min_severity: medium}"]
)
def test_low_findings_without_a_thread_are_remembered_by_the_store(world: World, config: str) -> None:
    """One that stands in the review's body only, or was never said."""
    world.model.findings = [finding(ADDED, "Long name", severity="low")]
    world.reviews(world.opens(base={".github/reviewer.yml": config}))
    assert "1 low" in world.verdict
    follows(world, press(world, "dismiss-low"))
    assert (world.verdict, world.replies) == ("success: No findings", [])
    assert [each.title for each in asyncio.run(world.tools.store.dismissals(*place(world)))] == ["Long name"]


def place(world: World) -> tuple[int, str]:
    return world.hub.install("octo").id, world.name


def test_an_older_head_s_button_is_about_that_head(world: World) -> None:
    """Nobody has seen there what was found since."""
    world.model.findings = [finding(ADDED, "Long name", severity="low")]
    world.reviews(world.opens(base=LOW_TOO))
    old = world.check
    world.model.findings.append(finding("x = 1", "Magic number", severity="low", path="b.py"))
    world.reviews(world.pushes({"b.py": "x = 1\n"}))
    assert world.verdict == "failure: 2 findings block: 2 low"
    made = job(events.press_action(world.hub, old, "dismiss-low", user="ann"), "old")
    follows(world, world.does(pressing.press(made, made.delivery, world.tools)))
    assert (world.verdict, len(world.replies)) == ("failure: 1 finding blocks: 1 low", 1)
    assert said(world) == ["1 low finding dismissed by `ann`. It is not said again and does not block."]


@pytest.mark.slow
def test_an_older_head_s_button_knows_what_was_said_there_without_the_database(world: World) -> None:
    """GitHub tells on which head a comment was made."""
    world.model.findings = [finding(ADDED, "Long name", severity="low")]
    world.reviews(world.opens(base=LOW_TOO))
    old = world.check
    world.model.findings.append(finding("x = 1", "Another", severity="low", path="b.py"))
    world.reviews(world.pushes({"b.py": "x = 1\n"}))
    world.forgets()
    made = job(events.press_action(world.hub, old, "dismiss-low", user="ann"), "old")
    assert world.does(pressing.press(made, made.delivery, world.tools))
    assert [each.title for each in asyncio.run(world.tools.store.dismissals(*place(world)))] == ["Long name"]


def test_a_button_pressed_again_says_nothing_twice(world: World) -> None:
    """The same delivery finds its own words; a second press finds nothing left."""
    world.model.findings = [finding(ADDED, "Long name", severity="low")]
    world.reviews(world.opens())
    for _ in range(2):
        assert press(world, "dismiss-low")
    assert (len(said(world)), len(world.replies)) == (1, 1)
    assert press(world, "dismiss-low", delivery="again") is None
    assert said(world)[1:] == ["There is no low finding left to dismiss."]


def test_an_answer_that_was_lost_is_not_given_twice(world: World) -> None:
    """The thing was done though GitHub answered 502."""
    world.model.findings = [finding(ADDED, "Long name", severity="low")]
    world.reviews(world.opens())
    world.hub.fail("POST", "/(replies|comments)$", status=502, after=True, times=2)
    press(world, "dismiss-low")
    assert (len(said(world)), len(world.replies)) == (1, 1)


def test_a_locked_conversation_keeps_nobody_from_dismissing(world: World) -> None:
    """Nothing can be said there; what has no thread is dismissed all the same."""
    world.model.findings = [finding(ADDED, "Long name", severity="low")]
    world.reviews(world.opens(base={".github/reviewer.yml": "review: {min_severity: medium}"}))
    events.lock(world.hub, world.name, 1)
    follows(world, press(world, "dismiss-low"))
    assert (world.verdict, said(world)) == ("success: No findings", [])


@pytest.mark.parametrize(
    ("role", "identifier", "needs"), [("triage", "dismiss-low", "write"), ("read", "explain", "triage")]
)
def test_who_may_not_is_told_so(world: World, role: str, identifier: str, needs: str) -> None:
    """GitHub is asked; one sentence in the conversation, and nothing is done."""
    world.model.findings = [finding(ADDED, severity="low")]
    world.reviews(world.opens())
    events.set_role(world.hub, world.name, "bob", role)
    assert press(world, identifier, user="bob") is None
    assert (
        f"needs {needs} permission on this repository, and GitHub says that the permission of `bob` is {role}."
        in said(world)[0]
    )
    assert (len(said(world)), world.replies) == (1, [])


def test_a_verdict_is_explained(world: World) -> None:
    """Which value decided and where it stands, what blocks, what was covered; from what is there, without the model."""
    world.model.findings = [finding(ADDED, "Wrong sum", severity="medium")]
    world.reviews(world.opens(base={".github/reviewer.yml": "gate:\n  fail_on: medium\n"}))
    calls = world.model.calls
    assert press(world, "explain") is None
    (told,) = said(world)
    first, *rest = told.split("\n\n")
    head = world.pull.head_sha[:7]
    assert first == (
        f"The check of `{head}` says **failure: 1 finding blocks: 1 medium**. `gate.fail_on: medium` (from "
        ".github/reviewer.yml:2) decided: a confirmed finding of that severity or a worse one blocks."
    )
    assert rest[0].startswith("Coverage: ")
    assert rest[1] == "**What blocks**"
    assert "shop.py:2" in rest[2]
    assert world.model.calls == calls


def test_a_verdict_that_nothing_decided_is_explained_too(world: World) -> None:
    """By the default that nothing reached."""
    world.reviews(world.opens())
    press(world, "explain")
    assert "No confirmed finding is as bad as `gate.fail_on: high` (from default) asks" in said(world)[0]


def test_a_check_that_ended_without_a_review_has_buttons_too(world: World) -> None:
    """A draft that waits is reviewed by "Re-run", and "Explain" does not pretend that anything was judged."""
    world.model.findings = [finding(ADDED, "Wrong sum", severity="high")]
    world.reviews(world.opens(draft=True))
    assert (world.verdict, labels(world)) == ("neutral: Waiting: a draft", ["re-run", "explain"])
    press(world, "explain", delivery="why")
    assert "Waiting: a draft**. Nothing was reviewed.\n\nIt is reviewed once" in said(world)[0]
    follow = press(world, "re-run")
    assert len(said(world)) == 1
    follows(world, follow)
    assert world.check.conclusion == "failure"


def test_a_closed_pull_request_is_not_run_again(world: World) -> None:
    """One sentence, no review; its last check has no such button."""
    world.reviews(world.opens())
    shown = world.check
    events.close(world.hub, world.name, 1)
    assert press(world, "re-run") is None
    assert said(world) == ["The pull request is closed: nothing is reviewed."]
    world.reviews(events.rerequest(world.hub, shown, user="ann"))
    assert (world.verdict, labels(world)) == ("neutral: Closed", [])


# --- run again --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["re-run", "rerequested"])
def test_a_re_run_asks_only_what_is_not_covered(world: World, how: str) -> None:
    """The same head under the same configuration keeps its verdict, whatever the model would say today."""
    world.model.findings = [finding(ADDED, "Wrong sum", severity="high")]
    world.reviews(world.opens())
    verdict, calls = world.verdict, world.model.calls
    world.model.findings = []
    if how == "re-run":
        follows(world, press(world, "re-run"))
    else:
        world.reviews(events.rerequest(world.hub, world.check, user="ann"))
    assert (world.verdict, world.model.calls, len(world.inline)) == (verdict, calls, 1)
    assert verdict == "failure: 1 finding blocks: 1 high"


def finds(world: World, event: Event) -> list[int]:
    made = job(event)
    assert made.kind == "find"
    return [review.number for review in world.does(rerunning.find(made, made.delivery, world.tools))]


def test_all_pull_requests_of_a_head_are_run_again(world: World) -> None:
    """GitHub lists none from forks: our checks and the commit know them. Closed ones, and moved ones, are left alone."""
    world.reviews(world.opens(fork="stranger/shop"))
    for number, user in ((2, "bob"), (3, "eve")):
        events.open_pull(world.hub, world.name, head="topic", user=user, fork=f"{user}/shop")
        assert world.hub.pull(world.name, number).head_sha == world.pull.head_sha
    events.close(world.hub, world.name, 3)
    again = events.rerequest_all(world.hub, world.name, world.pull.head_sha, user="ann")
    assert again.payload["check_suite"]["pull_requests"] == []
    assert finds(world, again) == [1, 2]


def test_a_fork_is_found_by_our_own_check_where_commits_tell_nothing(world: World) -> None:
    """As GitHub may have forgotten whose commit it was."""
    world.reviews(world.opens(fork="stranger/shop"))
    world.hub.fail("GET", "/commits/[0-9a-f]+/pulls$", status=404, times=9)
    assert finds(world, events.rerequest_all(world.hub, world.name, world.pull.head_sha, user="ann")) == [1]


def test_a_head_that_is_gone_has_nothing_to_run(world: World) -> None:
    """GitHub answers 422, or the repository is not there any more."""
    world.opens(fork="stranger/shop")
    gone = events.rerequest_all(world.hub, world.name, "8" * 40, user="ann")
    assert finds(world, gone) == []
    world.hub.installations.clear()
    assert finds(world, gone) == []


def test_a_re_run_of_a_head_that_is_gone_reviews_what_is_there_now(world: World) -> None:
    """The check stands on the head that the pull request has."""
    world.reviews(world.opens())
    old = events.rerequest(world.hub, world.check, user="ann")
    world.pushes({"shop.py": CHANGED.replace("subtotal", "amount")})
    old.payload["check_run"]["head_sha"] = "8" * 40
    record = world.reviews(old)
    assert record.head == world.pull.head_sha
    assert world.check.conclusion == "success"


def test_a_pushed_suite_asks_for_nothing(world: World) -> None:
    """The event of the pull request asks already."""
    world.opens()
    event = events.request_suite(world.hub, world.name, world.pull.head_sha, user="ann", branch="topic")
    assert isinstance(job_of(event.name, "d", event.payload), Ignored)


# --- drafts and bases -------------------------------------------------------------------------------------------------


def test_back_to_draft_ends_the_review_that_runs(world: World) -> None:
    """What it would have said is not said; the check waits. Ready again, it is reviewed."""
    world.model.findings = [finding(ADDED)]
    opened, drafted = world.opens(), []
    world.while_asked(lambda: drafted.append(world.wish(events.back_to_draft(world.hub, world.name, 1))))
    assert world.reviews(opened).conclusion == "cancelled"
    world.carries_out(drafted[0])
    assert (world.verdict, world.pull.reviews) == ("neutral: Waiting: a draft", [])
    world.reviews(events.ready(world.hub, world.name, 1))
    assert (world.check.conclusion, len(world.inline), world.model.calls) == ("success", 1, 1)


def test_back_to_draft_changes_nothing_where_drafts_are_reviewed(world: World) -> None:
    """The verdict is told anew from what is kept."""
    world.model.findings = [finding(ADDED, severity="high")]
    world.reviews(world.opens(base={".github/reviewer.yml": "review: {drafts: true}"}))
    verdict, calls = world.verdict, world.model.calls
    world.reviews(events.back_to_draft(world.hub, world.name, 1))
    assert (world.verdict, world.model.calls, len(world.inline)) == (verdict, calls, 1)


def test_another_base_is_another_diff_under_another_configuration(world: World) -> None:
    """Its own branch's file decides, and what it has already is not reviewed."""
    world.model.findings = [finding(ADDED, "Wrong sum", severity="medium")]
    world.reviews(world.opens())
    assert world.check.conclusion == "success"
    world.git.commit({"shop.py": SHOP, ".github/reviewer.yml": "gate: {fail_on: low}"}, branch="release")
    world.reviews(events.retarget(world.hub, world.name, 1, base="release"))
    assert world.verdict == "failure: 1 finding blocks: 1 medium"
    assert len(world.inline) == 1


# --- words ------------------------------------------------------------------------------------------------------------


def check_run(conclusion: str, title: str, summary: str) -> CheckRun:
    return CheckRun(5, "abcdef0123" * 4, "octo/app#7:run", "completed", conclusion, title, summary)


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (
            check_run(
                "success",
                "Overridden by ann: late",
                "Coverage: all.\n\n**Overridden**\n\nOverridden by `ann`\n\n- a row",
            ),
            "A maintainer's override decided.",
        ),
        (
            check_run("neutral", "Not fully reviewed", "Coverage: 1 of 2.\n\nModel `m` · 3 calls"),
            "`gate.on_error: neutral` (from octo/.github:.github/reviewer.yml:3) decided: the review could not be finished.",
        ),
        (check_run("failure", "1 finding blocks", "**What blocks**\n\n- a row\n\nmore"), "`gate.fail_on` decided: a"),
    ],
)
def test_what_decided_is_read_off_the_check_itself(check: CheckRun, words: str) -> None:
    """An override, a severity, or what could not be reviewed; costs and notes are not repeated."""
    text = explained(check, {"gate.on_error": ("neutral", "octo/.github:.github/reviewer.yml:3")})
    assert words in text
    assert "calls" not in text
    assert "more" not in text


@pytest.mark.parametrize("text", ["", "build 12", "octo/app#:run", "octo/app#٧:run", f"octo/app#{'9' * 11}:run"])
def test_a_check_that_names_no_pull_request_is_of_none(text: str) -> None:
    """Anybody with the App's token can write any id."""
    assert CheckRun(5, "", text, "queued", "").number == 0
