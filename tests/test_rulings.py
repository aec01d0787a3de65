"""Who may override and pause, what is written down for it, and that one command is written down once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from talker import HEAD, Talker
from test_harmless import commands, live

from reviewer.core.errors import GitHubError
from reviewer.core.render.rulings import override_mark, overrides_in
from reviewer.core.types import Job, Override, Pause, PullRequest
from reviewer.core.waiting import breaks, rests, waits_as_draft
from reviewer.ports import LastVerdict

LATE = "c" * 40


@pytest.fixture
def talker() -> Talker:
    return Talker()


def test_an_override_is_of_what_blocked_then(talker: Talker) -> None:
    """Head, base, names, who, when and why; nothing in the answer is live; the review that follows tells the check."""
    talker.shelf.last = LastVerdict(HEAD, {"f1": "high · a.py:2 · <b>@ann</b>"})
    follow = talker.hears("/override see @octocat\n/lgtm <!-- reviewer:override=1234567:eve:1 -->", author="max")
    assert follow
    assert (follow.trigger, follow.head, follow.full) == ("command.override", HEAD, False)
    [override] = talker.shelf.given.values()
    assert (override.head, override.base, override.by, override.at) == (HEAD, "main", "max", 1000.0)
    assert override.reason.startswith("see @octocat\n/lgtm")
    [(_, body)] = talker.hub.posts
    assert [(each.by, each.head, list(each.findings)) for each in overrides_in(body, 1)] == [("max", HEAD, ["f1"])]
    assert commands(body) == []
    assert not [tag for tag in live(talker.said[0]) if "reviewer" not in tag]


def test_an_override_needs_a_reason_and_the_right(talker: Talker) -> None:
    """Nothing is kept; a secret in the reason goes no further."""
    assert talker.hears("/override", author="max") is None
    assert talker.hears("/override please", author="ann") is None
    assert (talker.shelf.given, talker.reactions) == ({}, ["eyes", "confused"])
    talker.shelf.kept_steps.clear()
    talker.hears("/override it is hunter2-hunter2", author="max")
    assert "hunter2" not in next(iter(talker.shelf.given.values())).reason + "".join(talker.said)


def test_a_head_without_a_verdict_is_not_overridden(talker: Talker) -> None:
    """What was pushed while the maintainer wrote, nobody has looked at; where no verdict is known, it is the head."""
    talker.shelf.last = LastVerdict(LATE, {"f1": "x"})
    talker.hears("/override it is meant", author="max")
    [override] = talker.shelf.given.values()
    assert (override.head, list(override.findings)) == (LATE, ["f1"])
    assert "That is the newest head that had a verdict then." in talker.said[0]


@pytest.mark.parametrize(
    ("trigger", "at", "named"),
    [
        ("issue_comment.created", 60.0, ["f1"]),
        ("issue_comment.created", 61.0, []),
        ("issue_comment.edited", 61.0, ["f1"]),
        ("issue_comment.edited", 99.0, []),
    ],
)
def test_an_override_is_of_a_verdict_that_could_be_seen(
    talker: Talker, trigger: str, at: float, named: list[str]
) -> None:
    """It was there when the comment was written, or edited so that it asks for it; else it names nothing and says so."""
    talker.hub.written, talker.hub.edited = 60.0, 90.0
    talker.shelf.last, talker.shelf.last_at = LastVerdict(HEAD, {"f1": "x"}), at
    talker.answers(replace(talker.job("/override it is meant", author="max"), trigger=trigger))
    [override] = talker.shelf.given.values()
    assert (override.head, list(override.findings)) == (HEAD, named)
    assert ("No verdict from before is known, so this lets no finding pass" in talker.said[0]) == (not named)


def test_an_override_where_nothing_blocks_says_so(talker: Talker) -> None:
    """And is kept all the same; where something was left out there is something to pass."""
    for passes, words in ((True, "Nothing blocked there"), (False, "The check passes for what was found there")):
        talker.shelf.kept_steps.clear()
        talker.shelf.last = LastVerdict(HEAD, {}, passes=passes)
        talker.hears("/override it is meant", author="max")
        assert words in talker.said[-1]
        assert len(talker.shelf.given) == 1


def test_two_overrides_of_one_comment_are_two(talker: Talker) -> None:
    """Each with its reason, also when they are read back, and once each when the command is done again."""
    talker.shelf.last = LastVerdict(HEAD, {"f1": "x"})
    job = talker.job("/override one\n\n/override two", author="max")
    for _ in range(2):
        talker.answers(job)
    assert [each.reason for each in talker.shelf.given.values()] == ["one", "two"]
    back = list(overrides_in(talker.hub.posts[0][1], 1))
    assert [(each.reason, list(each.findings)) for each in back] == [("one", ["f1"]), ("two", ["f1"])]
    assert len({each.run for each in back}) == 2


def test_a_command_that_is_done_again_is_kept_once(talker: Talker) -> None:
    """After a crash: the head may have moved on, and the override is still of the one that was meant."""
    job = talker.job("/override it is meant", author="max")
    talker.hub.faults = [(True, GitHubError("no answer", retryable=True, wait=900.0))]
    with pytest.raises(GitHubError):
        talker.answers(job)
    talker.shelf.last = LastVerdict(LATE, {})
    talker.answers(job)
    assert [each.head for each in talker.shelf.given.values()] == [HEAD]
    job = talker.job("/pause")
    for _ in range(2):
        talker.answers(job)
    assert [each.by for each in talker.shelf.paused.values()] == ["ann"]


def test_a_pause_is_begun_and_ended_once(talker: Talker) -> None:
    """Who comes second is told; nobody pauses what is closed."""
    told = []
    for body, author in (("/pause", "ann"), ("/pause", "max"), ("/resume", "max"), ("/resume", "ann")):
        talker.shelf.kept_steps.clear()
        job = talker.job(body, author=author)
        follow = talker.answers(Job(**{**{f: getattr(job, f) for f in job.__slots__}, "delivery": f"{body}-{author}"}))
        told.append((talker.said[-1].split(":")[0], follow and follow.trigger))
    assert told == [
        ("Paused", None),
        ("`ann` has paused the reviews of this pull request", None),
        ("Resumed", "command.resume"),
        ("The reviews of this pull request are not paused.", None),
    ]
    [pause] = talker.shelf.paused.values()
    assert (pause.by, pause.head, pause.ended, pause.ended_by) == ("ann", HEAD, 1000.0, "max")


@pytest.mark.parametrize(
    ("trigger", "head", "ended", "waits"),
    [
        ("pull_request.synchronize", LATE, 0.0, True),
        ("pull_request.synchronize", LATE, 5.0, False),
        ("pull_request.reopened", HEAD, 0.0, False),
        ("pull_request_review_thread.resolved", LATE, 0.0, True),
        ("check_suite.rerequested", LATE, 0.0, True),
        ("command.dismiss", LATE, 0.0, True),
        ("command.dismiss", HEAD, 0.0, False),
        ("command.review", LATE, 0.0, False),
        ("check_run.rerequested", LATE, 0.0, False),
    ],
)
def test_what_waits_during_a_pause(trigger: str, head: str, ended: float, *, waits: bool) -> None:
    """What came during it, until somebody asks for that head by name; what was reviewed before is kept up to date."""
    job = Job("review", 1, "octo/app", 1, head, trigger, "d")
    pause = Pause(1, "ann", head=HEAD, ended=ended)
    assert rests(job, pause, head) == waits
    assert breaks(job, pause, head) == (not waits and head == LATE and not ended)
    assert not rests(job, None, head)


def test_a_draft_waits_unless_its_review_is_asked_for() -> None:
    """Or something was said about it, which a dismissal or an override answers."""
    for draft in (True, False):
        pull = PullRequest("octo/app", 1, "", "", draft, True, HEAD, "b" * 40, "main")
        for word, waits in (("synchronize", True), ("command.review", False), ("command.override", False)):
            assert waits_as_draft(Job("review", 1, "octo/app", 1, HEAD, word, "d"), pull) == (draft and waits)


def test_a_mark_is_read_back() -> None:
    """Who, which head, when, the names and the reason; what is no mark of ours is none."""
    override = Override(1, HEAD, "o-c[bot]", "why -->\n@ann ✓", 12.0, "main", {"f-1-2": "x", "no name!": "y"})
    [back] = overrides_in(f"text {override_mark(override)}", 1)
    assert (back.by, back.head, back.at, dict(back.findings)) == ("o-cbot", HEAD, 12.0, {"f-1-2": ""})
    assert (back.reason, back.base) == ("why -->\n@ann ✓", "")
    [old] = overrides_in(f"<!-- reviewer:override={HEAD}:max:12:f-1-2 -->", 1)
    assert (old.reason, list(old.findings)) == ("", ["f-1-2"])
    assert [each.reason for each in overrides_in(f"<!-- reviewer:override={HEAD}:max:12::a -->", 1)] == [""]
    assert list(overrides_in("<!-- reviewer:override=zz:max:1 --> <!-- reviewer:override -->", 1)) == []
