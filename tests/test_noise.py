"""A review stays quiet: patterns are said once, the hardly believed is not said on a line, and no real finding is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from placed import a_finding, any_placed, placed

from reviewer.core.noise import MANY, is_noise, patterns, standing_of
from reviewer.core.types import Finding, Placed, Severity

FIXTURES = Path(__file__).parent.parent / "fixtures"


def unawaited(line: int | None, name: str = "save", **changes: Any) -> Placed:
    body = f"`{name}` returns a promise that nobody awaits:\n\n```js\n{name}(order)\n```\n\nIts rejection is lost."
    said = {"title": f"`{name}` is not awaited", "body": body, "path": f"{name}.js"}
    return placed(line=line, **{**said, **changes})


# --- patterns ---------------------------------------------------------------------------------------------------------


def test_a_pattern_is_said_once() -> None:
    """Three that differ by the names in their code are one, with the others as its places, in the order of the diff."""
    first, second, third = unawaited(9, "send"), unawaited(3), unawaited(2, "load")
    assert patterns([first, second, third]) == [(third, (second, first))]


def test_two_that_read_alike_are_two() -> None:
    """Only many are a pattern."""
    two = [unawaited(2), unawaited(9)]
    assert len(two) < MANY
    assert patterns(two) == [(two[0], ()), (two[1], ())]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"title": "`save` is not awaited twice"}, id="other words"),
        pytest.param({"body": "Another reason."}, id="another reason"),
        pytest.param({"category": "state"}, id="another category"),
        pytest.param({"severity": Severity.LOW}, id="another severity"),
        pytest.param({"source": "secrets"}, id="another source"),
    ],
)
def test_what_differs_is_said_apart(changes: dict[str, Any]) -> None:
    """A pattern has one source, one category, one severity and one text."""
    three = [unawaited(2), unawaited(3), unawaited(4, **changes)]
    assert patterns(three) == [(each, ()) for each in three]


@pytest.mark.parametrize("title", ["Problem {}", "`a` is read {} times", "`<` for `<=` `{}`", "an odd ` tick {}"])
def test_numbers_and_operators_are_no_names(title: str) -> None:
    """`Problem 7` and `Problem 8` are two, and so are a wrong 7 and a wrong 8."""
    many = [placed(title=title.format(n), line=n) for n in range(1, 6)]
    assert patterns(many) == [(each, ()) for each in many]


def test_names_alone_say_nothing_alike() -> None:
    """Where all words are names, nobody knows whether it is one pattern."""
    many = [placed(title=f"`name{n}`", body=f"Wrong: `other{n}`", line=n) for n in range(1, 6)]
    assert len(patterns(many)) == len(many)


def test_the_first_of_a_pattern_has_a_line() -> None:
    """The one that is said stands on a line if any can; then what was not refuted, then the surest, then the first."""
    nowhere = unawaited(None, confidence=1.0)
    refuted = unawaited(2, confidence=1.0, more={"confirmed": False, "fingerprint": "r"})
    sure, later = unawaited(7, confidence=0.8), unawaited(9, confidence=0.8)
    (said, others), *rest = patterns([nowhere, refuted, later, sure])
    assert said is sure
    assert rest == []
    assert set(others) == {nowhere, refuted, later}
    assert patterns([nowhere] * MANY)[0][0] is nowhere


@settings(max_examples=60)
@given(st.lists(any_placed() | st.builds(unawaited, st.integers(1, 9) | st.none()), max_size=12))
def test_nothing_is_lost_and_the_order_stays(findings: list[Placed]) -> None:
    """Each finding is there once, said or as a place; those that are said keep their order."""
    found = patterns(findings)
    said = [first for first, _ in found]
    everything = [each for first, others in found for each in (first, *others)]
    assert sorted(map(repr, everything)) == sorted(map(repr, findings))
    rest = iter(findings)
    assert all(any(each is one for one in rest) for each in said)
    assert all(not others or len(others) >= MANY - 1 for _, others in found)


def test_strange_ticks_cost_no_time() -> None:
    """Findings full of backticks that close nothing, or something far away, are read in one go."""
    text = "`" + "`` ` ``` " * 1_000
    many = [placed(title=f"{text}{n}", body=text, line=n + 1) for n in range(50)]
    assert len(patterns(many)) == len(many)


# --- confidence -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("confidence", "severity", "where"),
    [
        (0.3, Severity.LOW, "line"),
        (0.29, Severity.MEDIUM, "summary"),
        (0.15, Severity.LOW, "summary"),
        (0.14, Severity.MEDIUM, "nothing"),
        (0.0, Severity.HIGH, "summary"),
        (0.0, Severity.CRITICAL, "summary"),
    ],
)
def test_confidence_decides_where(confidence: float, severity: Severity, where: str) -> None:
    """Below the bar in the summary, far below nowhere; what is grave is never dropped in silence."""
    assert standing_of(placed(confidence=confidence, severity=severity), 0.3) == where


def test_what_is_certain_has_no_bar() -> None:
    """A deterministic source does not guess; without a bar everything is said."""
    assert standing_of(placed(confidence=0.0, source="secrets"), 1.0) == "line"
    assert standing_of(placed(confidence=0.0, severity=Severity.MEDIUM), 0.0) == "line"


# --- noise ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Great work", "Great work"),
        ("Nice refactoring", "The code is now easier to read and to maintain."),
        ("LGTM!", "Looks good to me 👍"),
        ("Well structured", "`Cart` is very readable now, nice."),
        ("Good use of a helper function", "Nice and clean: the helper makes this very readable. Well done!"),
        ("Great naming", "This looks good to me, keep it up."),
        ("Well-structured error handling", "The error handling here is thorough and follows best practices."),
        ("Great naming, clear and concise", ""),
        ("Clean separation of concerns", "The logic is well organised and easy to follow."),
        ("Great use of async/await", "Nice job handling the empty list with a guard clause. It is very readable."),
        ("…", "—"),
    ],
)
def test_praise_is_noise(title: str, body: str) -> None:
    """Nobody has to read that all is well, or nothing; but what is said to be more than low is looked at."""
    said = {"title": title, "body": body, "category": "text"}
    assert is_noise(a_finding(**said, severity=Severity.LOW))
    assert not is_noise(a_finding(**said, severity=Severity.HIGH))
    assert not is_noise(a_finding(**said, severity=Severity.LOW, suggestion="x = 1"))
    assert not is_noise(a_finding(**said, severity=Severity.LOW, source="secrets"))


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Great, but `x` is never closed", "Nice otherwise."),
        ("Nice refactoring", "It drops the check for `None`."),
        ("`good` is misspelt", "It says `goood`."),
        ("Wrong word in the message", "It says well for good."),
        ("Tests pass without the fix", "The new test never calls `run`."),
        ("Good use of a lock", "Great use of a lock that is released late."),
        ("Good use of a lock", "Great use of a lock - released by nobody."),
        ("Nice error in the test", "Good."),
        ("Clean the error handling", "Use a helper."),
        ("Good naming", "Follow best practices: use clear names."),
        ("Best matches come last", "A great helper."),
        ("Great naming", "Is it clear to all?"),
        ("Good error handling", "Error handling should be thorough."),
        ("Well formed input crashes the helper", "The error handling is for good input."),
        ("Nice approach", "The `if` is inverted."),
    ],
)
def test_praise_that_goes_on_is_none(title: str, body: str) -> None:
    """One word that is neither praise nor filling, and it is said."""
    assert not is_noise(a_finding(title=title, body=body, severity=Severity.LOW))


def real() -> Iterator[Finding]:
    """Each finding of the fixtures, as if nobody thought much of it."""
    for file in (FIXTURES / "dedupe").glob("*.json"):
        for case in json.loads(file.read_text()):
            for issue in case.get("issues", {}).values():
                for title, body, *_ in issue["said"]:
                    yield a_finding(title=title, body=body, category=issue["category"], severity=Severity.LOW)
    for each in json.loads((FIXTURES / "demo" / "answers.json").read_text())["findings"]:
        yield a_finding(title=each["title"], body=each["body"], category=each["category"], severity=Severity.LOW)


def test_no_real_finding_is_noise() -> None:
    """Neither noise nor one pattern: different defects in like words stay apart."""
    findings = list(real())
    assert len(findings) > 200
    assert [each.title for each in findings if is_noise(each)] == []
    apart = [placed(line=n, path=f"{n}.py", title=each.title, body=each.body) for n, each in enumerate(findings, 1)]
    assert [others for _, others in patterns(apart) if others] == []
