"""What the model is shown beside the diff, through the whole line: little, in few requests, and paid for once."""

from __future__ import annotations

from world import ADDED, CHANGED, World, finding, servers, world

from reviewer.standin.state import FOREVER

__all__ = ["servers", "world"]

CONFIG = ".github/reviewer.yml"
STEPS = "".join(f"        step({number})\n" for number in range(8))
CART = f"""\
class Cart:
    def total(self, items):
{STEPS}        return sum(items)
"""
PRICES = f"""\
def discount_of(items, rate=0.1):
    return rate


def other():
{STEPS}    return 1
"""
BASE = {"cart.py": CART, "prices.py": PRICES}
HEAD = {
    "cart.py": CART.replace("sum(items)", "sum(items) - discount_of(items)"),
    "prices.py": PRICES.replace("return 1", "return 2"),
}
INSIDE = "@@ cart.py @@ Cart › def total(self, items)\n"
CALLED = "  ↳ prices.py: def discount_of(items, rate=0.1)\n"


def asked(world: World) -> list[str]:
    """What the model was sent of each call's own."""
    return [str(request.body["input"][0]["content"]) for request in world.model.requests]


def queries(world: World) -> int:
    return world.hub.count("POST", "/graphql")


# --- from the files at head ---------------------------------------------------------------------------------------


def test_enclosing_and_called_symbols_are_shown(world: World) -> None:
    """The class and function around a hunk, and signatures out of other changed files, for one GraphQL query more."""
    world.reviews(world.opens(HEAD, base=BASE))
    (text,) = asked(world)
    assert INSIDE in text
    assert CALLED in text
    assert queries(world) == 2
    assert world.hub.count("GET", "/contents/") == 0


def unread(world: World) -> None:
    """GitHub fails on the texts at head, by GraphQL and path by path."""
    world.hub.fail("POST", "/graphql", times=2, status=502)
    for name in HEAD:
        world.hub.fail("GET", f"/contents/{name}", times=3, status=500)


def test_a_review_does_without_context(world: World) -> None:
    """Where the files at head cannot be read the diff alone is reviewed, and nothing is said of it."""
    world.model.findings = [finding("return sum(items) - discount_of(items)", "Seen", path="cart.py", line=11)]
    opened = world.opens(HEAD, base=BASE)
    unread(world)
    world.reviews(opened)
    (text,) = asked(world)
    assert (INSIDE in text, CALLED in text) == (False, False)
    assert world.inline == ["cart.py:11 RIGHT medium: Seen"]
    assert world.verdict == "success: Nothing blocks: 1 medium"


def test_context_is_not_worth_a_request_for_each_file(world: World) -> None:
    """Where GraphQL is away only what shapes the review is asked for file by file."""
    opened = world.opens(HEAD, base=BASE)
    world.hub.fail("POST", "/graphql", times=FOREVER, status=502)
    world.reviews(opened)
    read = {request.path.rpartition("/contents/")[2] for request in world.hub.requests if "/contents/" in request.path}
    assert read & {*HEAD} == set()
    assert ".github/reviewer.yml" in read
    assert world.verdict == "success: No findings"


# --- what a push asks about ---------------------------------------------------------------------------------------


def test_a_push_asks_about_what_it_changes(world: World) -> None:
    """Of a file that it touches only the hunk that is new; where that is a signature, its callers elsewhere too."""
    world.reviews(world.opens(HEAD, base=BASE))
    tripled = HEAD["prices.py"].replace("return 2", "return 3")
    world.reviews(world.pushes({"prices.py": tripled}))
    assert ("return 3" in asked(world)[1], "cart.py" in asked(world)[1]) == (True, False)
    assert "Coverage: 2 hunks: 1 reviewed, 1 from cache." in (world.check.summary or "")
    world.reviews(world.pushes({"prices.py": tripled.replace("rate=0.1", "rate=0.1, *, least")}))
    assert ("cart.py" in asked(world)[2], "return 3" in asked(world)[2]) == (True, False)
    assert "  ↳ prices.py: def discount_of(items, rate=0.1, *, least)\n" in asked(world)[2]
    assert "Coverage: 3 hunks: 2 reviewed, 1 from cache." in (world.check.summary or "")


def test_long_runs_of_removed_lines_are_short(world: World) -> None:
    """A file that goes away is told by its beginning, its definitions and its end, and counts as reviewed."""
    gone = "".join(f"old_{number} = {number}\n" for number in range(150)) + "def kept():\n    return 1\n"
    gone += "".join(f"more_{number} = {number}\n" for number in range(150))
    world.model.findings = [finding("def kept():", "Still called", path="gone.py", line=151)]
    world.reviews(world.opens({"gone.py": None}, base={"gone.py": gone}))
    (text,) = asked(world)
    assert [name in text for name in ("old_0 ", "old_75 ", "def kept", "more_75 ", "more_149 ")] == [
        *(True, False, True, False, True)
    ]
    assert text.count("removed lines]") == 2
    assert world.inline == ["gone.py:151 LEFT medium: Still called"]
    assert "Coverage: 1 hunk: 1 reviewed." in (world.check.summary or "")


# --- what the base branch says about files ------------------------------------------------------------------------


def test_the_base_says_what_is_generated(world: World) -> None:
    """`linguist-generated` in the base branch's .gitattributes leaves a file out, and the head's own does not."""
    base = {".gitattributes": "api/*.py linguist-generated\n"}
    head = {
        "api/client.py": "x = 1\n",
        "shop.py": CHANGED,
        ".gitattributes": "*.py linguist-generated\n",
    }
    world.reviews(world.opens(head, base=base))
    (text,) = asked(world)
    assert (ADDED in text, "client.py" in text) == (True, False)
    assert "`api/client.py` (hunk 1): generated (.gitattributes)" in (world.check.text or "")
    assert "Coverage: 3 hunks: 2 reviewed, 1 ignored." in (world.check.summary or "")


def test_scoped_guidelines_go_with_their_files(world: World) -> None:
    """A file of guidelines with `applyTo` is in the calls about such files, and in no other."""
    base = {
        CONFIG: "review: {guidelines: [AGENTS.md, styles.md]}",
        "AGENTS.md": "Of all files.\n",
        "styles.md": "---\napplyTo: '**/*.css'\n---\nColours are named.\n",
    }
    world.reviews(world.opens(base=base))
    world.reviews(world.pushes({"web/a.css": "p { color: red }\n"}))
    assert ["Of all files." in text for text in asked(world)] == [True, True]
    assert ["Colours are named." in text for text in asked(world)] == [False, True]
