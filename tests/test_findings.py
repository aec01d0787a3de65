"""What is read out of a model's arguments: every good finding, whatever the rest of the text is like."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.core.findings import parse_report, parse_verdicts, trimmed
from reviewer.core.findings.report import MAX_FINDINGS, MAX_REJECTS
from reviewer.core.findings.trim import BODY_LIMIT
from reviewer.core.types import Finding, Report, Severity

CUT_OFF = "The model's answer was cut off or malformed: what could be read of it was kept."


def entry(**changes: Any) -> dict[str, Any]:
    """An entry as the schema asks for it."""
    return {
        "path": "src/refund.py",
        "line": 12,
        "end_line": None,
        "quote": "    if cents > order.paid:",
        "severity": "high",
        "category": "logic",
        "confidence": 0.8,
        "title": "Refunds exceed what was paid",
        "body": "Two refunds of 60 on 100 both pass.",
        "suggestion": None,
    } | changes


def finding(**changes: Any) -> Finding:
    return Finding(**(entry() | {"severity": Severity.HIGH} | changes))


def arguments(*entries: object) -> str:
    return json.dumps({"findings": list(entries)})


def test_a_report_by_the_schema_is_read_as_it_stands() -> None:
    report = parse_report(arguments(entry(end_line=14, suggestion="    x = 1\n    y = 2"), entry(line=3)))
    assert report.findings == (finding(end_line=14, suggestion="    x = 1\n    y = 2"), finding(line=3))
    assert (report.rejects, report.malformed) == ((), False)


def test_an_empty_list_is_a_whole_answer() -> None:
    """No findings is an answer; no list is none."""
    assert parse_report('{"findings": []}').malformed is False
    assert [
        parse_report(text).malformed for text in ("", "{}", "null", "All good!", '"x"', "[1]", '{"findings": null}')
    ] == [True] * 7


@pytest.mark.parametrize(
    ("change", "read"),
    [
        ({"severity": " CRITICAL "}, {"severity": Severity.CRITICAL}),
        ({"confidence": "0.25"}, {"confidence": 0.25}),
        ({"confidence": "85%"}, {"confidence": 0.85}),
        ({"confidence": 7}, {"confidence": 1.0}),
        ({"confidence": float("nan")}, {"confidence": 0.5}),
        ({"confidence": None}, {"confidence": 0.5}),
        ({"line": "7"}, {"line": 7}),
        ({"line": "L7-9"}, {"line": 7}),
        ({"line": 7.0}, {"line": 7}),
        ({"line": 0}, {"line": 1}),
        ({"line": None, "end_line": 4}, {"line": 1, "end_line": None}),
        ({"end_line": 12}, {"end_line": None}),
        ({"end_line": 3}, {"end_line": None}),
        ({"end_line": "soon"}, {"end_line": None}),
        ({"path": " ./src/refund.py"}, {"path": "src/refund.py"}),
        ({"category": None}, {"category": "logic"}),
        ({"category": "Data Loss"}, {"category": "data loss"}),
        ({"title": "two\nlines\tof it"}, {"title": "two lines of it"}),
        ({"title": ""}, {"title": "Two refunds of 60 on 100 both pass."}),
        ({"body": None}, {"body": "Refunds exceed what was paid"}),
        ({"quote": "\tif x:\r"}, {"quote": "\tif x:"}),
        ({"body": "a\x00b\x1b[31m\ud800c"}, {"body": "ab[31mc"}),
        ({"title": "safe \u202eelif"}, {"title": "safe elif"}),
        ({"suggestion": "```python\n\tx = 1\n```"}, {"suggestion": "\tx = 1"}),
        ({"suggestion": ""}, {"suggestion": None}),
        ({"suggestion": "x" * 20_001}, {"suggestion": None}),
        ({"extra": [1]}, {}),
    ],
)
def test_what_is_clear_is_read_leniently(change: dict[str, Any], read: dict[str, Any]) -> None:
    """A finding is not lost for how its fields are written."""
    report = trimmed(parse_report(arguments(entry(**change))))
    assert (report.findings, report.rejects) == ((finding(**read),), ())


def test_nullable_fields_may_be_missing() -> None:
    bare = {key: value for key, value in entry().items() if key in {"path", "line", "severity", "title"}}
    assert parse_report(arguments(bare)).findings == (
        finding(quote="", confidence=0.5, body="Refunds exceed what was paid"),
    )


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (entry(severity="banana"), "severity is none of critical, high, medium, low"),
        (entry(path=""), "it names no path"),
        (entry(path=3), "path: a text was expected, not int"),
        (entry(line=None, quote=" "), "it has neither a line nor a quote"),
        (entry(title=" ", body="\x00"), "it says nothing: title and body are empty"),
    ],
)
def test_what_is_not_clear_is_left_out_with_a_sentence(bad: dict[str, Any], why: str) -> None:
    """The good neighbours of a bad entry stay, and the sentence tells which it is without a word of the model's."""
    report = parse_report(arguments(entry(), bad, entry(line=5)))
    assert report.findings == (finding(), finding(line=5))
    assert report.rejects == (f"Finding 2 was left out: {why}.",)


def test_entries_that_are_no_objects_are_left_out() -> None:
    report = parse_report('{"findings": ["x", null, 3, []]}')
    assert report.findings == ()
    assert len(report.rejects) == 4


@pytest.mark.parametrize(
    "text",
    [
        "```json\n%s\n```",
        "Here is [what I found] {so far}:\n%s\nThat is all.",
        "\ufeff  %s",
    ],
)
def test_text_around_the_json_is_passed_over(text: str) -> None:
    report = parse_report(text % arguments(entry()))
    assert (report.findings, report.malformed) == ((finding(),), False)


def test_other_wrappings_of_the_list_are_read() -> None:
    """A bare list, JSON inside a JSON string, one object for a list, several objects in a row."""
    texts = [
        json.dumps([entry()]),
        json.dumps(arguments(entry())),
        json.dumps({"findings": entry()}),
        arguments(entry()) + "\n" + '{"findings": []}',
    ]
    assert [parse_report(text).findings for text in texts] == [(finding(),)] * len(texts)
    two = parse_report(arguments(entry()) + "\n" + arguments(entry(line=2)))
    assert two.findings == (finding(), finding(line=2))


def test_commas_too_many_and_raw_newlines_break_nothing() -> None:
    text = arguments(entry(quote="f(a, ]", body="one")).replace('"one"', '"one\ntwo",').replace("}]", "},]")
    text = text.replace('"suggestion": null', '"suggestion": null,')
    report = parse_report(text.replace(",,", ","))
    assert (report.findings, report.malformed) == ((finding(quote="f(a, ]", body="one\ntwo"),), False)


def test_a_broken_entry_does_not_take_its_neighbours_along() -> None:
    broken = json.dumps(entry(line=2)).replace('"high"', '"hi"gh"')
    text = f'{{"findings": [{json.dumps(entry())}, {broken}, {json.dumps(entry(line=3))}]}}'
    report = parse_report(text)
    assert (report.findings, report.rejects, report.malformed) == ((finding(), finding(line=3)), (CUT_OFF,), True)


@given(st.data())
def test_a_cut_anywhere_gives_exactly_the_complete_entries(data: st.DataObject) -> None:
    """The last, cut-off entry is never believed, and none before it is lost."""
    entries = [entry(line=n, body=f'say "{n}" {{[,]}}') for n in range(1, 5)]
    text = arguments(*entries)
    cut = data.draw(st.integers(0, len(text) - 1))
    report = parse_report(text[:cut])
    whole = sum(text[:cut].count(json.dumps(one)) for one in entries)
    assert [one.line for one in report.findings] == list(range(1, whole + 1))
    assert report.malformed is True


@given(st.text(alphabet='{}[]",:\\ \n1aé\ud800"findings"verdicts'))
def test_no_text_raises(text: str) -> None:
    """Whatever a model writes, reading it ends in values."""
    for told in (text, '{"findings": [' + text, '{"findings": ' + text + "}", '{"verdicts": [{' + text):
        parse_report(told)
        parse_verdicts(told)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(list(entry())), json_values))
def test_no_field_raises_and_what_is_kept_can_be_stored(fields: dict[str, Any]) -> None:
    for one in parse_report(arguments(entry(**fields))).findings:
        "".join([one.path, one.quote, one.category, one.title, one.body, one.suggestion or ""]).encode()
        assert one.line >= 1
        assert one.end_line is None or one.end_line > one.line
        assert 0 <= one.confidence <= 1


@pytest.mark.parametrize("deep", ["[" * 100_000, '{"findings":' * 50_000, '{"findings": [' + '{"a":[' * 50_000])
def test_endless_nesting_and_numbers_are_only_malformed(deep: str) -> None:
    """Neither recursion nor Python's limit on digits comes through."""
    assert parse_report(deep).malformed is True
    assert parse_report(arguments(entry()).replace("12", "1" * 5_000)).findings == ()


def test_a_flood_is_cut_to_the_gravest() -> None:
    """Ten thousand findings are a model that has lost its way; a critical one among them is still said."""
    report = parse_report(
        arguments(*[entry(line=n, severity="low") for n in range(1, 10_000)], entry(severity="critical"))
    )
    assert len(report.findings) == MAX_FINDINGS
    assert report.findings[0].severity == Severity.CRITICAL
    assert report.rejects == (f"10,000 findings in one answer: only the gravest {MAX_FINDINGS} were kept.",)
    assert len(parse_report(arguments(*[3] * 10_000)).rejects) == MAX_REJECTS + 1


LONG = {"title": "t" * 70_000, "body": "b" * 70_000, "quote": "q" * 30_000, "category": "C" * 90}


def test_nothing_is_cut_before_it_is_searched() -> None:
    """Half a secret is known by no rule: what was said is read whole, and in the letters in which it was said."""
    (long,) = parse_report(arguments(entry(**LONG))).findings
    assert {name: getattr(long, name) for name in LONG} == LONG
    (headless,) = parse_report(arguments(entry(title="", body="word " * 60))).findings
    assert headless.title == headless.body


def test_lengths_are_capped_below_what_github_takes() -> None:
    (long,) = trimmed(parse_report(arguments(entry(**LONG)))).findings
    assert len(long.title) + len(long.body) + len(long.quote) + len(long.category) < 65_536 / 2
    assert long.body == "b" * (BODY_LIMIT - 1) + "…"
    assert long.category == "c" * 39 + "…"
    (headless,) = trimmed(parse_report(arguments(entry(title="", body="word " * 60)))).findings
    assert headless.title == ("word " * 60)[:79] + "…"


def test_what_there_is_no_room_for_is_left_out_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gravest stay, as they were said, and a sentence tells how many went."""
    monkeypatch.setattr("reviewer.core.findings.report.ALL_LIMIT", 200_000)
    texts = [entry(body="b" * 90_000, severity=word) for word in ("low", "medium", "critical")]
    report = parse_report(arguments(*texts))
    assert [one.severity.word for one in report.findings] == ["critical", "medium"]
    assert {len(one.body) for one in report.findings} == {90_000}
    assert report.rejects == ("1 of 3 findings were left out: they say more than 200,000 characters.",)
    assert parse_report(arguments(entry(body="b" * 200_000))).findings == ()


@given(st.lists(st.builds(finding, title=st.text(), body=st.text(), category=st.text()), max_size=3))
def test_what_was_trimmed_is_trimmed(findings: list[Finding]) -> None:
    """Once is as good as twice, and what is short stays as it was but for the category's capitals."""
    once = trimmed(Report(tuple(findings)))
    assert trimmed(once) == once
    assert [(one.title, one.body) for one in once.findings if len(one.title) < 80] == [
        (one.title, one.body) for one in findings if len(one.title) < 80
    ]
