"""The life of a finding: said once, fixed, back again, dismissed; whatever is pushed and whoever presses a button."""

from __future__ import annotations

from pathlib import Path

import pytest
from world import ADDED, ADDED_TOO, CHANGED, SHOP, Servers, World, finding, living, servers, world

from reviewer.standin import events
from reviewer.standin.model_shapes import Fault

__all__ = ["servers", "world"]

RENAMED = {"shop.py": None, "store.py": CHANGED}
ABOVE = {"shop.py": "import math\n\n\n" + CHANGED}
MENDED = {"shop.py": CHANGED.replace(ADDED, "    subtotal = sum(items or [])")}


def first(world: World) -> int:
    """The id of the comment that begins the first thread."""
    return world.pull.comments[0].id


def test_a_fixed_finding_is_said_to_be(world: World) -> None:
    """In its thread and in the check, once, with the commit that did it."""
    world.model.findings = [finding(ADDED, "The list may be empty", severity="high")]
    world.reviews(world.opens())
    assert world.verdict == "failure: 1 finding blocks: 1 high"
    world.reviews(world.pushes(MENDED))
    head = world.pull.head_sha
    assert world.verdict == "success: No findings"
    assert world.replies == [f"Fixed in `{head[:7]}`."]
    assert "The list may be empty" in (world.check.summary or "")
    world.reviews(world.pushes({"other.py": "x = 1\n"}))
    assert len(world.replies) == 1


def test_a_fixed_finding_that_comes_back_is_open_again(world: World) -> None:
    """Its old thread goes on; nothing is said a second time on the line."""
    world.model.findings = [finding(ADDED, severity="high")]
    world.reviews(world.opens())
    world.reviews(world.pushes(MENDED))
    world.reviews(world.pushes({"shop.py": CHANGED}))
    head = world.pull.head_sha
    assert world.replies[1:] == [f"Found again in `{head[:7]}`: this is open again."]
    assert (len(world.inline), world.verdict) == (1, "failure: 1 finding blocks: 1 high")
    world.reviews(world.pushes(MENDED))
    assert len(world.replies) == 3


def test_a_finding_that_the_model_forgets_still_stands(world: World) -> None:
    """Its lines are as they were: only a look that says it does not hold makes it fixed."""
    world.model.findings = [finding(ADDED, severity="high")]
    world.reviews(world.opens())
    world.model.findings = []
    world.reviews(world.pushes({"shop.py": CHANGED.replace("def mean(items):", "def mean(items, default=0):")}))
    assert (world.verdict, world.replies) == ("failure: 1 finding blocks: 1 high", [])
    why = "The caller never passes an empty list"
    world.model.verdicts = {"About subtotal = sum(items)": {"holds": False, "reason": why}}
    world.reviews(world.pushes({"shop.py": CHANGED.replace("def mean(items):", "def mean(items, otherwise=0):")}))
    assert world.verdict == "success: No findings"
    assert world.replies == [f"No longer holds on `{world.pull.head_sha[:7]}`: {why}."]


@pytest.mark.parametrize("again", [True, False])
def test_an_outage_opens_no_gate(world: World, again: bool) -> None:
    """What blocked and stands on the same lines blocks while nobody can be asked, found again or not; once somebody can
    be, the answer counts. Why nobody could be asked is said once.
    """
    world.model.findings = [finding(ADDED, severity="high")]
    world.reviews(world.opens())
    world.model.faults = [*[None] * again, *[Fault("unknown_model")] * 50]
    for nth in (1, 2):
        before = world.pull.head_sha[:7]
        world.reviews(world.pushes({"shop.py": CHANGED.replace("def mean(items):", f"def mean(items, by={nth}):")}))
        assert world.verdict == "failure: 1 finding blocks: 1 high"
        said = world.check.summary or ""
        assert f"it blocked on `{before}` already and could not be asked about again: " in said
        assert said.count("Not reviewed: ") == (0 if again and nth == 1 else 1)
    world.model.faults = []
    world.model.verdicts = {"About subtotal = sum(items)": {"holds": False, "reason": "It is never empty"}}
    world.reviews(world.pushes({"shop.py": CHANGED.replace("def mean(items):", "def mean(items, by=3):")}))
    assert (world.check.conclusion, len(world.inline)) == ("success", 1)


def test_an_outage_does_not_block_what_never_did(world: World) -> None:
    """Nobody ever had it confirmed: the check says that it could not tell."""
    world.model.findings = [finding(ADDED, severity="high")]
    world.model.faults = [None, *[Fault("unknown_model")] * 50]
    world.reviews(world.opens())
    world.reviews(world.pushes(ABOVE))
    assert world.check.conclusion == "neutral"


READ = "    data = open(path).read()"


def readers(*ends: str) -> str:
    """A function for each, all of which leave a file open in a line that reads alike."""
    return "\n\n".join(f"def read_{nth}(path):\n{READ}\n    return data[{end}]\n" for nth, end in enumerate(ends))


def test_a_pattern_is_known_in_other_words_and_surroundings(world: World) -> None:
    """One comment speaks of many places, of which only their names are known: an edit beside one neither mends it nor
    makes it another. What is one too many is new.
    """

    def found(words: str, category: str, text: str) -> None:
        lines = [at for at, line in enumerate(text.split("\n"), 1) if line == READ]
        about = {"category": category, "path": "read.py", "severity": "high"}
        world.model.findings = [finding(READ, words, body=f"{words}.", line=line, **about) for line in lines]

    heads = [readers("0:", "1:", "2:", "3:"), readers("0:", "1:", "2:9", "3:"), readers("0:", "1:8", "2:9", "3:7")]
    for text, words, category in zip(
        heads,
        ("Handle of the file leaks until collection", "Nothing closes what was opened", "Use a context manager here"),
        ("state", "resource", "logic"),
        strict=True,
    ):
        found(words, category, text)
        world.reviews(world.opens({"read.py": text}) if text == heads[0] else world.pushes({"read.py": text}))
        assert (len(world.inline), world.replies) == (1, [])
        assert world.verdict == "failure: 4 findings block: 4 high"
    text = heads[-1] + "\n\n" + readers("0:", "1:", "2:", "3:", "4:").split("\n\n")[-1]
    found("Use a context manager here", "logic", text)
    world.reviews(world.pushes({"read.py": text}))
    assert (len(world.inline), world.verdict) == (2, "failure: 5 findings block: 5 high")


def test_mended_here_and_planted_there_in_one_push(world: World) -> None:
    """The same line in a function that the first one does not call is another finding, and the old one is fixed; drawn
    out into a function of its own it is the same one.
    """
    line = "    return total(items) / len(items)"
    one, other = "def mean(items):\n{}\n", "\n\ndef spread(items):\n    low = min(items)\n{}\n"
    world.model.findings = [finding(line, path="mean.py", severity="high")]
    world.reviews(world.opens({"mean.py": one.format(line)}))
    drawn_out = one.format("    return spread(items)") + other.format(line)
    world.reviews(world.pushes({"mean.py": drawn_out}))
    assert (len(world.inline), world.replies) == (1, [])
    world.reviews(world.pushes({"mean.py": one.format(line)}))
    assert (len(world.inline), world.replies) == (1, [])
    world.reviews(world.pushes({"mean.py": one.format("    return total(items) / 2") + other.format(line)}))
    assert (len(world.inline), world.replies) == (2, [f"Fixed in `{world.pull.head_sha[:7]}`."])


def test_a_rename_says_nothing_twice(world: World) -> None:
    """Also where the file is new on this pull request, and only its words tell what it was."""
    world.model.findings = [finding(ADDED)]
    world.reviews(world.opens())
    world.model.findings = [finding(ADDED, "Another wording: about subtotal = sum(items)", path="store.py")]
    world.reviews(world.pushes(RENAMED))
    assert (len(world.inline), world.replies) == (1, [])
    assert world.verdict == "success: Nothing blocks: 1 medium"


@pytest.mark.parametrize("role", ["write", "read"])
def test_a_resolved_thread_dismisses(world: World, role: str) -> None:
    """Only by who may: else whoever opens a pull request would open the gate."""
    world.model.findings = [finding(ADDED, severity="high")]
    world.reviews(world.opens())
    events.set_role(world.hub, world.name, "ann", role)
    world.reviews(events.resolve(world.hub, world.name, 1, comment=first(world), user="ann"))
    stands = "failure: 1 finding blocks: 1 high" if role == "read" else "success: No findings"
    assert (world.verdict, len(world.inline)) == (stands, 1)
    if role == "write":
        world.reviews(world.pushes(ABOVE))
        assert (world.verdict, len(world.inline)) == ("success: No findings", 1)
        assert world.says("1 finding was dismissed by people and does not count.")


@pytest.mark.parametrize(("login", "counts"), [("ann", True), ("stranger", False)])
def test_a_thumb_down_dismisses(world: World, login: str, counts: bool) -> None:
    """GitHub tells of no reaction: it is seen at the next push, from who has write permission."""
    world.hub.people.add("stranger")
    world.model.findings = [finding(ADDED, severity="high")]
    world.reviews(world.opens())
    events.react(world.hub, world.name, 1, "-1", comment=first(world), user=login)
    world.reviews(world.pushes(ABOVE))
    assert len(world.inline) == 1
    assert world.verdict == ("success: No findings" if counts else "failure: 1 finding blocks: 1 high")


def test_a_thread_that_was_closed_over_a_wrong_repair(world: World) -> None:
    """The lines were changed, the thread resolved, and it is still wrong: that is worth a comment of its own."""
    world.model.findings = [finding(ADDED, "The empty list divides by zero")]
    world.reviews(world.opens())
    events.resolve(world.hub, world.name, 1, comment=first(world), user="ann")
    mended = "    subtotal = sum(items) + 0"
    world.model.findings = [finding(mended, "The empty list still divides by zero")]
    world.reviews(world.pushes({"shop.py": CHANGED.replace(ADDED, mended)}))
    assert len(world.inline) == 2


def test_what_was_dismissed_is_not_said_elsewhere(world: World) -> None:
    """On the next pull request that touches the same place the repository remembers."""
    world.model.findings = [finding(ADDED)]
    world.reviews(world.opens())
    world.reviews(events.resolve(world.hub, world.name, 1, comment=first(world), user="ann"))
    world.git.commit({"shop.py": CHANGED + "\n\nprint(1)\n"}, branch="other")
    world.reviews(events.open_pull(world.hub, world.name, head="other", user="ann"))
    assert world.hub.pull(world.name, 2).comments == []


def test_state_survives_a_lost_database(world: World) -> None:
    """GitHub's threads and our marks in them are enough: nothing is said again, what is dismissed stays so."""
    world.model.findings = [finding(ADDED, severity="high"), finding(ADDED_TOO, severity="high")]
    world.reviews(world.opens())
    world.reviews(events.resolve(world.hub, world.name, 1, comment=first(world), user="ann"))
    assert world.verdict == "failure: 1 finding blocks: 1 high"
    world.forgets()
    world.reviews(world.pushes(ABOVE))
    assert (world.verdict, len(world.inline)) == ("failure: 1 finding blocks: 1 high", 2)
    world.reviews(world.pushes({"shop.py": SHOP + "\n"}))
    assert len(world.replies) == 1


def test_threads_that_people_wrote_in_are_not_hidden(world: World) -> None:
    """The others fold away once they are fixed."""
    world.model.findings = [finding(ADDED), finding(ADDED_TOO)]
    world.reviews(world.opens())
    events.reply(world.hub, world.name, 1, "I see it otherwise.", user="ann", to=first(world))
    world.reviews(world.pushes({"shop.py": SHOP + "\n"}))
    talked, silent = (comment for comment in world.pull.comments if comment.in_reply_to is None)
    assert (bool(talked.minimized), bool(silent.minimized)) == (False, True)
    assert len(world.replies) == 2


def test_fixed_threads_are_resolved_where_that_is_wanted(world: World) -> None:
    """`resolve_threads` needs contents: write; without it the check says so and goes on."""
    base = {".github/reviewer.yml": "review: {resolve_threads: true}"}
    world.model.findings = [finding(ADDED)]
    world.reviews(world.opens(base=base))
    world.reviews(world.pushes(MENDED))
    assert world.says("contents: write")
    assert (world.replies, world.check.conclusion) == ([f"Fixed in `{world.pull.head_sha[:7]}`."], "success")


def test_findings_are_compared_by_the_embedding_model(tmp_path: Path, servers: Servers) -> None:
    """Where one is named: each text is embedded once, and the bill knows it."""
    with living(tmp_path, servers, REVIEWER_EMBEDDING_MODEL="text-embedding-3-small") as world:
        world.model.findings = [finding(ADDED)]
        world.reviews(world.opens())
        assert world.embedded == 0
        world.model.findings = [finding(ADDED, "Another wording: about subtotal = sum(items)", path="store.py")]
        world.reviews(world.pushes(RENAMED))
        assert (len(world.inline), world.replies) == (1, [])
        once = world.embedded
        world.reviews(world.pushes({"other.py": "x = 1\n"}))
        assert (once > 0, world.embedded) == (True, once)
