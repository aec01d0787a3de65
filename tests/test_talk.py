"""A comment with commands is answered once, by what stands there, for who may ask; through crashes and lost answers."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest
from talker import HEAD, NAME, TOLD, Crash, Talker
from test_harmless import commands, live

from reviewer import talk
from reviewer.core.commands import keys
from reviewer.core.errors import GitHubError, OutsideError
from reviewer.core.render.talk import forget_id
from reviewer.core.types import Dismissal
from reviewer.ports import LetIn
from reviewer.talk import MOST_SIGNS

FORGOTTEN = (
    "Forgotten: Wrong. It may be said again. On pull request 3 its thread still says that it is dismissed: "
    "unresolve it, take the 👎 back, or delete my answer there that says so."
)
LOST = GitHubError("no answer", retryable=True)


@pytest.fixture
def talker() -> Talker:
    return Talker()


# --- what the commands do --------------------------------------------------------------------------------------------


def test_a_review_follows_without_a_word(talker: Talker) -> None:
    """The reactions say enough; the job has the head of now, and an id made from the command's."""
    follow = talker.hears("/review full")
    assert follow
    assert (follow.kind, follow.head, follow.full) == ("review", HEAD, True)
    assert (follow.delivery, follow.trigger) == ("command-talk-51-x-review", "command.review")
    assert (talker.reactions, talker.said) == (["eyes", "hooray"], [])


def test_help_names_every_command_and_is_no_command(talker: Talker) -> None:
    """Nothing that we post makes another bot act, or pings."""
    assert talker.hears("@rev help", author="tim") is None
    [text] = talker.said
    assert re.findall(r"^- `/(\w+)", text, re.MULTILINE) == [
        "review", "ask", "dismiss", "override", "pause", "resume", "config", "help"
    ]  # fmt: skip
    assert commands(text) == []
    assert live(text) == []


def test_a_dismissal_is_kept_told_and_followed_by_a_review(talker: Talker) -> None:
    """In the finding's thread, with the mark that the gate reads; the repository remembers the reason."""
    follow = talker.hears("/dismiss @octocat wants it\n/lgtm", inline=True, root=50)
    [(thread, body)] = talker.hub.posts
    assert thread == 50
    assert "<!-- reviewer:state=dismissed:ann -->" in body
    assert talker.said[0].startswith("Dismissed by `ann`: @\u200boctocat wants it /lgtm. It is not said again")
    assert commands(body) == []
    kept = talker.shelf.kept[NAME]
    assert (kept.number, kept.context, kept.severity, kept.by, kept.at) == (1, "01234567", "high", "ann", 1000.0)
    assert kept.reason == "@octocat wants it\n/lgtm"
    assert follow
    assert follow.trigger == "command.dismiss"


def test_a_secret_in_a_reason_goes_no_further(talker: Talker) -> None:
    """The reason is kept, and shown to the model."""
    talker.hears("/dismiss the password is hunter2-hunter2 there too", inline=True, root=50)
    assert "hunter2" not in talker.shelf.kept[NAME].reason + talker.said[0]


def test_all_findings_of_one_comment_are_dismissed_together(talker: Talker) -> None:
    """A comment that speaks of the same pattern in many places has several marks."""
    talker.hub.told = (TOLD, replace(TOLD, name="other-1-2"), replace(TOLD, name="elsewhere-1-2", comment=60))
    talker.hears("/dismiss", inline=True, root=50)
    assert set(talker.shelf.kept) == {NAME, "other-1-2"}
    assert talker.said[0].startswith("Dismissed, all 2 findings of this comment, by `ann`.")


@pytest.mark.parametrize("about", [{}, {"inline": True, "root": 49}])
def test_a_dismissal_elsewhere_is_told_how(talker: Talker, about: dict[str, object]) -> None:
    """In the conversation, or in a thread of people's."""
    assert talker.hears("/dismiss", **about) is None
    assert talker.said == ["`/dismiss` belongs into the thread of a finding: reply to my comment on its line."]
    assert (talker.reactions, talker.shelf.kept) == (["eyes", "confused"], {})


def test_the_configuration_is_shown_with_where_it_comes_from(talker: Talker) -> None:
    """File and line, or the default; what is wrong in it; what was dismissed, and how to forget it."""
    talker.hub.texts_there = {
        ".reviewer.yml": "gate:\n  fail_on: critical\nreview:\n  draft: true\n  max_comments: many"
    }
    talker.shelf.kept[NAME] = Dismissal(3, NAME, "a.py", "", "", "", "low", "Wrong &lt;b>", "", "as @ann said", "max")
    talker.hears("/config")
    [text] = talker.said
    assert "| `gate.fail_on` | `critical` | .reviewer.yml:2 |" in text
    assert "| `review.max_comments` | `20` | default |" in text
    assert "`review.draft` is not a key" in text
    [line] = [line for line in text.split("\n") if "Wrong" in line]
    assert re.fullmatch(r"- `[0-9a-f]{8}` · `a\.py` · Wrong &lt;b> · in 3 by `max`: as @\u200bann said", line)
    assert live(text) == []


def test_a_dismissal_is_forgotten_by_its_id(talker: Talker) -> None:
    """Once; a second time there is none."""
    talker.shelf.kept[NAME] = Dismissal(3, NAME, "a.py", "", "", "", "low", "Wrong", "")
    talker.hears("/config")
    [name] = re.findall(r"^- `([0-9a-f]{8})`", talker.said[0], re.MULTILINE)
    talker.shelf.kept_steps.clear()
    talker.hears(f"/config forget {name}")
    assert (talker.said[-1], talker.shelf.kept) == (FORGOTTEN, {})
    talker.shelf.kept_steps.clear()
    talker.hears(f"/config forget {name}")
    assert talker.said[-1] == "There is no dismissal of this id; `/config` shows them."


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("/config fail_on=low", "more than the command takes: `/config [forget ID]`. Settings are made in"),
        ("/review gpt-9", "more than the command takes: `/review [full]`."),
        ("/ask", "What is the question? `/ask QUESTION`"),
        ("/override", "`/override` needs a reason, which is kept and shown in the check: `/override REASON`."),
        ("/resume", "The reviews of this pull request are not paused."),
        ("/reveiw", "Did you mean `/review [full]`?"),
        ("@rev <b>@octocat</b>", "`/help` shows those that there are."),
    ],
)
def test_what_cannot_be_done_is_one_sentence(talker: Talker, body: str, sentence: str) -> None:
    """Commands take no settings, and a stranger's word is not repeated."""
    assert talker.hears(body, author="max") is None
    assert talker.reactions == ["eyes", "confused"]
    assert sentence in talker.said[0]
    assert live(talker.said[0]) == []


def test_several_commands_are_one_answer(talker: Talker) -> None:
    """Each does its part; the ones too many are counted."""
    follow = talker.hears("/review\n/config\n/pause\n" + "\n".join(f"/review {number}" for number in range(9)))
    assert follow
    [text] = talker.said
    assert "Paused: what is pushed is not reviewed." in text
    assert text.count("more than the command takes: `/review [full]`") == 2
    assert "I take the first 5 commands of a comment; 7 more were left out." in text
    assert talker.reactions == ["eyes", "confused"]


# --- who may, where, and what counts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("author", "body", "sentence"),
    [
        ("eve", "/help", "`/help` needs triage permission on this repository, and GitHub says that yours is read."),
        ("tim", "/review", "`/review` needs write permission on this repository, and GitHub says that yours is triage."),
        ("ann", "/override x", "`/override` needs maintain permission on this repository, and GitHub says that yours is write."),
        ("ghost", "@rev what", "Commands need triage permission on this repository, and GitHub says that yours is none."),
    ],
)  # fmt: skip
def test_who_may_not_is_told(talker: Talker, author: str, body: str, sentence: str) -> None:
    """On a public repository everybody can read and write comments: GitHub is asked, each time."""
    assert talker.hears(body, author=author) is None
    assert (talker.reactions, talker.said) == (["confused"], [sentence])


def test_a_refusal_is_told_once_and_shown_some_times(talker: Talker) -> None:
    """In an hour, on a pull request; each is one sign, and nothing at all in the end: GitHub counts what we write."""
    for nth in range(MOST_SIGNS + 3):
        job = replace(talker.job(f"/review {nth}\n/pause\n/override x", author="eve"), delivery=f"c{nth}")
        for _ in range(2):
            assert talker.answers(job) is None
    assert talker.said == ["`/review` needs write permission on this repository, and GitHub says that yours is read."]
    assert len(talker.hub.reactions) == 2 * MOST_SIGNS  # each comment was done twice, and GitHub takes two for one


def test_what_somebody_may_not_is_told_beside_what_they_may(talker: Talker) -> None:
    """The one does not keep the other from being done."""
    assert talker.hears("/help\n/review", author="tim") is None
    assert "`/review` needs write permission" in talker.said[0]
    assert "At the start of a line" in talker.said[0]
    assert talker.reactions == ["eyes", "confused"]


@pytest.mark.parametrize(("own", "whose"), [(True, "You have given 60 commands"), (False, "People have given 60")])
def test_too_many_commands_are_told_when_it_goes_on(talker: Talker, own: bool, whose: str) -> None:
    """To the minute; nothing of it is done, and none of it is told twice."""
    for name in ("c1", "c2"):
        job = replace(talker.job("/review"), delivery=name)
        talker.shelf.room[name] = LetIn(0, 60, own, 1_700_000_001.0)
        assert talker.answers(job) is None
    [text] = talker.said
    assert text.startswith(whose)
    assert text.endswith("I go on at 2023-11-14 22:14 UTC.")
    assert talker.reactions == ["confused"]


def test_the_first_commands_that_there_is_room_for_are_done(talker: Talker) -> None:
    """In the order in which they stand there."""
    job = talker.job("/help\n/pause\n/config")
    talker.shelf.room[job.delivery] = LetIn(2, 60, own=True)
    talker.answers(job)
    assert "Paused" in talker.said[0]
    assert "You have given 60 commands" in talker.said[0]
    assert "| key |" not in talker.said[0]
    assert talker.reactions == ["eyes", "confused"]


# --- edits -----------------------------------------------------------------------------------------------------------


def test_after_an_edit_only_its_own_sign_stays(talker: Talker) -> None:
    """What was said to the comment as it was does not speak of what it is."""
    talker.hears("/reveiw")
    assert talker.reactions == ["eyes", "confused"]
    for body, signs in (("/help", ["eyes", "hooray"]), ("/hlep", ["eyes", "confused"])):
        job = replace(talker.job(body), trigger="issue_comment.edited", delivery=f"edit {body}")
        talker.answers(job)
        assert talker.reactions == signs


def test_a_command_too_many_that_an_edit_brings_is_told_so(talker: Talker) -> None:
    """Those before it were there already, and are somebody else's."""
    talker.job(body := "\n".join(f"/ask {number}" for number in range(5)) + "\n/pause")
    job = replace(talker.job(body), commands=keys(body)[-1], trigger="issue_comment.edited")
    assert talker.answers(job) is None
    assert talker.said == ["I take the first 5 commands of a comment; 1 more was left out."]
    assert (talker.reactions, talker.shelf.paused) == (["eyes", "confused"], {})


# --- what counts -----------------------------------------------------------------------------------------------------


def test_what_stands_there_now_counts(talker: Talker) -> None:
    """Gone, edited away, or written by somebody else since: another job's business, or nobody's."""
    job = talker.job("/help")
    for body in ("never mind", "/override x"):
        talker.hub.says(body)
        assert talker.answers(job) is None
    talker.hub.comments.clear()
    assert talker.answers(job) is None
    assert (talker.hub.reactions, talker.hub.posts) == ([], [])


def test_a_closed_pull_request_is_not_reviewed_but_talked_on(talker: Talker) -> None:
    """A dismissal is still good for the repository."""
    talker.hub.at = replace(talker.hub.at, open=False)
    assert talker.hears("/review") is None
    assert talker.said == ["The pull request is closed: there is nothing to review."]
    talker.shelf.kept_steps.clear()
    assert talker.hears("/dismiss", inline=True, root=50) is None
    assert NAME in talker.shelf.kept


def test_a_locked_conversation_takes_no_answer_but_the_command_is_done(talker: Talker) -> None:
    """GitHub refuses words and reactions there."""
    talker.hub.locked = True
    assert talker.hears("/dismiss", inline=True, root=50)
    assert NAME in talker.shelf.kept


# --- bad days --------------------------------------------------------------------------------------------------------


def test_reactions_that_cannot_be_given_hold_up_nothing(talker: Talker) -> None:
    """However long GitHub answers them with a fault of its own."""
    talker.hub.reacting = LOST
    assert talker.hears("/review")
    assert talker.answers(replace(talker.job("/review full"), trigger="issue_comment.edited", delivery="c2"))


@pytest.mark.parametrize("landed", [True, False])
def test_a_lost_answer_of_github_is_no_second_post(talker: Talker, landed: bool) -> None:
    """What may have landed is looked for."""
    talker.hub.faults = [(landed, LOST)]
    talker.hears("/help")
    assert len(talker.hub.posts) == 1


@pytest.mark.parametrize("landed", [True, False])
def test_a_crash_at_the_post_is_no_second_post(talker: Talker, landed: bool) -> None:
    """The next attempt begins anew and ends with one answer, one dismissal, and the review that is to follow."""
    job = talker.job("/dismiss", inline=True, root=50)
    talker.hub.faults = [(landed, Crash())]
    with pytest.raises(Crash):
        talker.answers(job)
    assert talker.answers(job) == talker.answers(job)
    assert (len(talker.hub.posts), list(talker.shelf.kept)) == (1, [NAME])


def test_a_forgetting_that_was_cut_short_still_says_so(talker: Talker) -> None:
    """The second attempt does not take its own work for a mistake of the person."""
    talker.shelf.kept[NAME] = Dismissal(3, NAME, "a.py", "", "", "", "low", "Wrong", "")
    job = talker.job(f"/config forget {forget_id(talker.shelf.kept[NAME])}")
    talker.hub.faults = [(False, Crash())]
    with pytest.raises(Crash):
        talker.answers(job)
    talker.answers(job)
    assert (talker.said[-1], talker.reactions[-1]) == ("Forgotten. It may be said again.", "hooray")


def test_github_being_away_puts_the_command_off_in_silence(talker: Talker) -> None:
    """It comes back by itself, so there is nothing to apologise for."""
    away = GitHubError("GitHub is away", retryable=True)
    talker.hub.faults = [(False, away)] * 9
    with pytest.raises(GitHubError) as caught:
        talker.hears("/help")
    assert caught.value.put_off > 0
    assert (talker.hub.posts, talker.reactions) == ([], ["eyes"])


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OutsideError("the database @octocat did not answer"), "the database @\u200boctocat did not answer"),
        (ValueError("SOURCE"), "An error of the reviewer itself. Its log has it under the run command-talk-51-x."),
    ],
)
def test_what_fails_is_told_and_fails_the_job(talker: Talker, error: Exception, sentence: str) -> None:
    """With one sentence; a stranger's error stays in the log."""

    async def fail(*_: object) -> None:
        raise error

    talker.shelf.dismissals = fail  # type: ignore[assignment,method-assign]
    with pytest.raises(type(error)):
        talker.hears("/config")
    assert (talker.said, talker.reactions) == ([sentence], ["eyes", "confused"])


def test_who_gives_up_says_so_once(talker: Talker) -> None:
    """When each attempt took the process with it."""
    job = talker.job("/help")
    for _ in range(2):
        asyncio.run(talk.give_up(job, job.delivery, talker.tools))
    assert talker.said == ["The reviewer died in each attempt at this (command-talk-51-x)."]
