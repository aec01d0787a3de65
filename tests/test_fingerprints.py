"""A finding keeps its name as long as it is about the same code."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from placed import any_placed, placed

from reviewer.core.fingerprints import LENGTH, fingerprint, with_fingerprints
from reviewer.core.types import Severity, Side


def test_the_name_is_of_this_shape() -> None:
    """It stands in hidden marks on pull requests: change it, and everything is said once more."""
    assert fingerprint(placed()) == "0d587b36aecb69e2"


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
    """Path, quoted code and category tell findings apart."""
    different = [
        placed(),
        placed(path="b.py"),
        placed(category="security"),
        placed(more={"code": "subtotal = sum(items) + 1"}),
        placed(more={"code": "subtotal=sum(items)"}),
        placed(path="shop.pyx", more={"code": "", "fingerprint": ""}, quote=""),
    ]
    assert len({fingerprint(each) for each in different}) == len(different)


def test_names_that_would_be_the_same_are_told_apart() -> None:
    """The same line of code twice in a file: two findings, two names, the first as it always was."""
    alone = with_fingerprints([placed()])
    both = with_fingerprints([placed(), placed(line=40), placed(line=80), placed(path="b.py")])
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
