"""What nobody has dismissed counts, whatever was dismissed beside it, and whatever the model, GitHub or a rename forgets."""

from __future__ import annotations

import pytest
from world import ADDED, ADDED_TOO, CHANGED, World, finding, servers, world

from reviewer.standin import events

__all__ = ["servers", "world"]

BLOCKS = "failure: 1 finding blocks: 1 high"
NIT = finding(ADDED, "Say what happens with an empty list", severity="low", body="An empty list is not mentioned.")
HOLE = finding(ADDED, "An empty list crashes for every customer", severity="critical", body="The empty list crashes.")
NEARBY = {"shop.py": CHANGED.replace("def mean(items):", "def mean(items, default=0):")}


def first(world: World) -> int:
    return world.pull.comments[0].id


def test_a_dismissed_remark_hides_no_hole(world: World) -> None:
    """On its own line, on this pull request and on the next one."""
    world.model.findings = [NIT]
    world.reviews(world.opens())
    world.reviews(events.resolve(world.hub, world.name, 1, comment=first(world), user="ann"))
    world.model.findings = [HOLE]
    world.reviews(world.pushes(NEARBY))
    assert world.verdict == "failure: 1 finding blocks: 1 critical"
    assert len(world.inline) == 2
    world.git.commit({"shop.py": CHANGED + "\n\nprint(1)\n"}, branch="other")
    world.reviews(events.open_pull(world.hub, world.name, head="other", user="ann"))
    assert len(world.hub.pull(world.name, 2).comments) == 1


def test_who_may_not_dismiss_settles_nothing(world: World) -> None:
    """An author without write permission resolves the thread, and the model forgets: it stands."""
    world.model.findings = [finding(ADDED, severity="high")]
    world.reviews(world.opens())
    events.set_role(world.hub, world.name, "ann", "read")
    world.reviews(events.resolve(world.hub, world.name, 1, comment=first(world), user="ann"))
    world.model.findings = []
    world.reviews(world.pushes(NEARBY))
    assert world.verdict == BLOCKS


def test_what_has_no_comment_is_not_forgotten(world: World) -> None:
    """What was listed in the review's body stands as long as its line does."""
    base = {".github/reviewer.yml": "review: {max_comments: 1}"}
    world.model.findings = [finding(ADDED, severity="high"), finding(ADDED_TOO, severity="high")]
    world.reviews(world.opens(base=base))
    assert (len(world.inline), world.verdict) == (1, "failure: 2 findings block: 2 high")
    world.model.findings = []
    world.reviews(world.pushes(NEARBY))
    assert world.verdict == "failure: 2 findings block: 2 high"
    world.model.findings = [finding(ADDED_TOO, "`discount` is taken twice", severity="high", category="money")]
    world.reviews(world.pushes({"shop.py": "# A shop.\n" + CHANGED}))
    assert world.verdict == "failure: 2 findings block: 2 high"


def test_the_places_of_a_pattern_are_not_forgotten(world: World) -> None:
    """They share the words of one comment, but each line counts for itself."""
    lines = [f"    value_{number} = eval(text_{number})" for number in range(4)]
    said = [
        finding(line, f"`value_{n}` comes from eval of foreign text", body="It runs.") for n, line in enumerate(lines)
    ]
    world.model.findings = [{**each, "severity": "high"} for each in said]
    world.reviews(world.opens({"shop.py": "def read():\n" + "\n".join(lines) + "\n"}))
    assert (len(world.inline), world.verdict) == (1, "failure: 4 findings block: 4 high")
    world.model.findings = []
    world.reviews(world.pushes({"shop.py": "# A shop.\ndef read():\n" + "\n".join(lines) + "\n"}))
    assert world.verdict == "failure: 4 findings block: 4 high"


def test_a_renamed_new_file_is_not_fixed(world: World) -> None:
    """Only its lines tell that it is the same file."""
    text = "def read(path):\n    return open(path).read()\n"
    world.model.findings = [finding("    return open(path).read()", severity="high", path="new.py", line=2)]
    world.reviews(world.opens({"new.py": text}))
    assert world.verdict == BLOCKS
    world.model.findings = []
    world.reviews(world.pushes({"new.py": None, "newer.py": text + "\n\nLIMIT = 3\n"}))
    assert (world.verdict, world.replies) == (BLOCKS, [])


def test_what_nobody_looks_at_is_not_fixed(world: World) -> None:
    """Renamed to where the configuration does not look: it does not count, and nobody says that it is fixed."""
    base = {".github/reviewer.yml": 'review: {ignore: ["seeds/**"]}'}
    world.model.findings = [finding(ADDED, severity="high")]
    world.reviews(world.opens(base=base))
    world.reviews(world.pushes({"shop.py": None, "seeds/shop.py": CHANGED}))
    assert world.replies == []
    assert world.says("1 finding stood on lines that are not there any more")


def test_a_second_wrong_repair_says_no_third_time(world: World) -> None:
    """The comment that was made after the thread was closed is the one that goes on."""
    world.model.findings = [finding(ADDED, "The empty list divides by zero")]
    world.reviews(world.opens())
    events.resolve(world.hub, world.name, 1, comment=first(world), user="ann")
    mended = "    subtotal = sum(items) + 0"
    world.model.findings = [finding(mended, "The empty list still divides by zero")]
    changed = CHANGED.replace(ADDED, mended)
    for number in range(3):
        world.reviews(world.pushes({"shop.py": changed + "\n" * number + f"# {number}\n"}))
    assert (len(world.inline), world.replies) == (2, [])


def test_dismissals_outlive_a_fault_of_github_s(world: World) -> None:
    """What was known of them counts while GitHub does not tell of threads or permissions, and the check says so."""
    world.model.findings = [finding(ADDED, severity="high")]
    world.reviews(world.opens())
    world.reviews(events.resolve(world.hub, world.name, 1, comment=first(world), user="ann"))
    world.hub.fail("GET", "/permission$", status=403, times=9)
    world.reviews(world.pushes(NEARBY))
    assert world.verdict == "success: No findings"
    assert world.says("GitHub did not say who may dismiss findings")


def test_one_thread_does_not_stop_the_others(world: World) -> None:
    """Without contents: write no thread is resolved, but each one is told."""
    base = {".github/reviewer.yml": "review: {resolve_threads: true}"}
    world.model.findings = [finding(ADDED), finding(ADDED_TOO)]
    world.reviews(world.opens(base=base))
    world.reviews(world.pushes({"shop.py": "def total(items):\n    return 1\n"}))
    assert len(world.replies) == 2


def test_what_was_told_but_not_folded_away_is_caught_up(world: World) -> None:
    """Also on a later push."""
    world.model.findings = [finding(ADDED)]
    world.reviews(world.opens())
    world.hub.fail("POST", "/graphql$", status=502, times=99)
    mended = CHANGED.replace(ADDED, "    subtotal = sum(items or [])")
    world.reviews(world.pushes({"shop.py": mended}))
    assert (len(world.replies), world.pull.comments[0].minimized) == (1, "")
    world.hub.faults.clear()
    world.reviews(world.pushes({"shop.py": mended + "\n\n# x\n"}))
    assert world.pull.comments[0].minimized


@pytest.mark.parametrize("again", [ADDED, f"{ADDED}  # why"])
def test_another_name_on_the_line_is_another_finding(world: World, again: str) -> None:
    """Two findings of one answer are two, also when one of them was said before."""
    world.model.findings = [finding(ADDED, "`items` may be None")]
    world.reviews(world.opens())
    both = [finding(again, "`items` may be None"), finding(again, "`subtotal` is never used", category="dead")]
    world.model.findings = both
    world.reviews(world.pushes({"shop.py": NEARBY["shop.py"].replace(ADDED, again)}))
    assert len(world.inline) == 2


ADMIN = "def admin_tool(connection, name):\n    connection.execute(f\"select '{name}'\")\n"
PUBLIC = ADMIN.replace("admin_tool", "public_search")
QUERY = "    connection.execute(f\"select '{name}'\")"


def test_the_same_line_in_another_function_was_not_dismissed(world: World) -> None:
    """Here after the first one was mended, and on another pull request: each function is somebody's decision."""
    world.model.findings = [finding(QUERY, "Anybody can inject", severity="high", path="m.py")]
    world.reviews(world.opens({"m.py": ADMIN}))
    world.reviews(events.resolve(world.hub, world.name, 1, comment=first(world), user="ann"))
    mended = ADMIN.replace(QUERY, '    connection.execute("select ?", name)')
    world.reviews(world.pushes({"m.py": mended}))
    world.reviews(world.pushes({"m.py": mended + "\n\n" + PUBLIC}))
    assert (world.verdict, len(world.inline)) == (BLOCKS, 2)
    world.git.commit({"m.py": PUBLIC}, branch="other")
    world.reviews(events.open_pull(world.hub, world.name, head="other", user="ann"))
    assert len(world.hub.pull(world.name, 2).comments) == 1


def test_one_of_two_lines_that_read_alike_is_fixed(world: World) -> None:
    """The other one goes on to count, alone."""
    text = "def one(rows):\n    a = 1 / len(rows)\n    b = 2\n    a = 1 / len(rows)\n    return a\n"
    line = "    a = 1 / len(rows)"
    said = [finding(line, "It divides by zero", severity="high", path="b.py", line=at) for at in (2, 4)]
    world.model.findings = said
    world.reviews(world.opens({"b.py": text}))
    assert world.verdict == "failure: 2 findings block: 2 high"
    world.model.findings = said[:1]
    world.reviews(world.pushes({"b.py": text.replace(f"{line}\n    return", "    a = 1\n    return")}))
    assert (world.verdict, len(world.replies), len(world.inline)) == (BLOCKS, 1, 2)


def test_a_rename_after_a_rewording_keeps_what_was_dismissed(world: World) -> None:
    """The lines tell that it is the same place, whatever the file is called and whatever was said of it first."""
    text = "def read(path, limit):\n    if len(path) > limit:\n        return None\n    return open(path).read()\n"
    line = "    return open(path).read()"
    world.model.findings = [finding(line, "`path` is opened unchecked", severity="high", path="m.py")]
    world.reviews(world.opens({"m.py": text}))
    world.reviews(events.resolve(world.hub, world.name, 1, comment=first(world), user="ann"))
    other = "A caller can make the service hand out any document"
    world.model.findings = [finding(line, other, severity="high", path=path) for path in ("m.py", "n.py")]
    world.reviews(world.pushes({"m.py": text.replace("None", "''")}))
    assert world.verdict == "success: No findings"
    world.reviews(world.pushes({"m.py": None, "n.py": text.replace("None", "''")}))
    assert (world.verdict, len(world.inline)) == ("success: No findings", 1)


@pytest.mark.parametrize("reply", ["/dismiss it is meant", ""])
@pytest.mark.parametrize("path", ["m.py", "n.py"])
def test_what_was_settled_does_not_come_back_elsewhere(world: World, reply: str, path: str) -> None:
    """Dismissed or fixed in one function, planted in another one later: it counts, and has a comment of its own."""
    world.model.findings = [finding(QUERY, "Anybody can inject", severity="high", path=at) for at in ("m.py", "n.py")]
    world.reviews(world.opens({"m.py": ADMIN}))
    mended = ADMIN.replace(QUERY, '    connection.execute("select ?", name)')
    if reply:
        mark = "<!-- reviewer:state=dismissed:ann -->"
        events.reply(world.hub, world.name, 1, mark, user=world.hub.bot, to=first(world))
    world.reviews(world.pushes({"m.py": mended}))
    assert world.verdict == "success: No findings"
    planted = {"m.py": mended + "\n\n" + PUBLIC} if path == "m.py" else {"n.py": PUBLIC}
    world.model.findings = [each for each in world.model.findings if each["path"] == path]
    world.reviews(world.pushes(planted))
    assert (world.verdict, len(world.inline)) == (BLOCKS, 2)
