"""A finding keeps its name as long as it is about the same code."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from placed import a_finding, any_placed, placed

from reviewer.core.anchors import Places, place
from reviewer.core.dedupe import said_before
from reviewer.core.fingerprints import LENGTH, fingerprint, with_fingerprints
from reviewer.core.types import Diff, FileDiff, Hunk, Line, Placed, Severity, Side


def test_the_name_is_of_this_shape() -> None:
    """It stands in hidden marks on pull requests: change it, and everything is said once more."""
    assert fingerprint(placed()) == "b44ff1e31e33fbe6-e3b0c442-08e4"


def test_moving_and_rewording_keep_the_name() -> None:
    """Lines, words, severity and confidence change from answer to answer; the name does not."""
    same = {
        fingerprint(placed()),
        fingerprint(placed(line=90)),
        fingerprint(placed(start=1)),
        fingerprint(placed(title="Another title", body="Other words.")),
        fingerprint(placed(severity=Severity.LOW, confidence=0.1)),
        fingerprint(placed(more={"code": "  subtotal   =\tsum(items)  "})),
        fingerprint(placed(more={"code": "\n    subtotal = sum(items)\n    return subtotal"})),
        fingerprint(placed(line=None, more={"code": ""})),
        fingerprint(placed(suggestion="x")),
    }
    assert len(same) == 1


def test_other_code_has_another_name() -> None:
    """Path, quoted code, what tells its line from others that read alike, and category tell findings apart."""
    different = [
        placed(),
        placed(path="b.py"),
        placed(category="security"),
        placed(more={"code": "subtotal = sum(items) + 1"}),
        placed(more={"code": "subtotal=sum(items)"}),
        placed(more={"context": "above\nbelow\n2"}),
        placed(path="shop.pyx", more={"code": "", "fingerprint": ""}, quote=""),
    ]
    assert len({fingerprint(each) for each in different}) == len(different)


def test_several_of_one_category_on_one_line_are_told_apart() -> None:
    """The model said two things: two findings, two names, the first as it always was."""
    alone = with_fingerprints([placed()])
    both = with_fingerprints([placed(), placed(title="Another"), placed(title="A third"), placed(path="b.py")])
    first = alone[0].fingerprint
    assert [each.fingerprint for each in both[:3]] == [first, f"{first}-2", f"{first}-3"]
    assert both[3].fingerprint == fingerprint(placed(path="b.py"))


@given(st.lists(any_placed(), max_size=8))
def test_every_finding_has_a_name_of_its_own(findings: list[object]) -> None:
    """Whatever the model says, and with the same names on the next run."""
    named = with_fingerprints(findings)  # type: ignore[arg-type] # any_placed draws Placed
    names = [each.fingerprint for each in named]
    assert len(set(names)) == len(names)
    assert names == [each.fingerprint for each in with_fingerprints(named)]
    assert all(len(name.split("-")[0]) == LENGTH for name in names)


def test_half_a_surrogate_pair_has_a_name() -> None:
    """JSON can carry what UTF-8 cannot."""
    assert fingerprint(placed(more={"code": "x = '\ud83d'"})) != fingerprint(placed(side=Side.LEFT))


# --- the same line of code more than once in a file -------------------------------------------------------------------

LINES = st.sampled_from(["result = parse(raw)", "close(handle)", "    result = parse(raw)", "send(mail)", ""])


def found_on(rows: list[str], *, start: int = 1, only: set[int] | None = None) -> list[Placed]:
    """A finding on each line that is not blank of a new file, or on `only` some, by their place in `rows`."""
    lines = tuple(Line("+", text, None, start + at) for at, text in enumerate(rows))
    places = Places(Diff((FileDiff("shop.py", "shop.py", "added", (Hunk(0, 0, start, len(rows), "", lines),)),)))
    wanted = [at for at, text in enumerate(rows) if text and (only is None or at in only)]
    return [place(a_finding(quote=rows[at], line=start + at), places) for at in wanted]


def names(findings: list[Placed]) -> list[str]:
    return [each.fingerprint for each in with_fingerprints(findings)]


@given(st.lists(LINES, max_size=30))
def test_like_findings_on_different_lines_have_different_names(rows: list[str]) -> None:
    """However often a line is repeated; not by the order of the findings but by the code around them."""
    found = names(found_on(rows))
    assert len(set(found)) == len(found)
    assert found == [fingerprint(each) for each in found_on(rows)]


@given(st.lists(LINES, max_size=30), st.data())
def test_other_findings_never_rename_one(rows: list[str], data: st.DataObject) -> None:
    """What else was found on a push, and in which order, changes the name of no finding on another line."""
    told = {at for at, text in enumerate(rows) if text}
    some = data.draw(st.sets(st.sampled_from(sorted(told)))) if told else set()
    every = dict(zip(sorted(told), names(found_on(rows)), strict=True))
    assert names(found_on(rows, only=some)) == [every[at] for at in sorted(some)]
    assert names(found_on(rows)[::-1])[::-1] == names(found_on(rows))


@given(st.integers(1, 6), st.integers(0, 6), st.lists(st.sampled_from(["x = 1", "", "y()"]), max_size=5), st.booleans())
def test_what_changes_elsewhere_renames_nothing(count: int, at: int, put_in: list[str], again: bool) -> None:
    """Lines put in anywhere else, the same line of code once more too, and the file's lines moved on.

    A line that reads like others keeps its name; one that is alone is known even by other code around it.
    """
    blocks = [[f"begin({n})", "", "result = parse(raw)", f"end({n})"] for n in range(count)]
    before = with_fingerprints(found_on([row for block in blocks for row in block]))
    another = ["first()", "result = parse(raw)", "last()"] if again else []
    blocks.insert(min(at, count), [*put_in, *another, "z()"])
    after = with_fingerprints(found_on([row for block in blocks for row in block], start=900))
    parsed = {each.fingerprint for each in before if "parse" in each.code}
    assert parsed <= {each.fingerprint for each in after}
    known = said_before(after, {each.fingerprint for each in before})
    assert [each.code for each in after if each.fingerprint in known] == [each.code for each in before]
    assert len(after) - len(known) == len([row for row in (*put_in, *another, "z()") if row])


def test_context_has_an_end() -> None:
    """Ten thousand lines that read alike cost no minutes, and are told apart all the same."""
    found = names(found_on(["send(mail)"] * 10_000, only={0, 5_000, 9_999}))
    assert len(set(found)) == 3
