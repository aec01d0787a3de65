"""The formats for tools, held to what GitHub's runner and SARIF readers accept."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot
from local_results import CLEAN, FINDING, HOSTILE, RESULT, everywhere

from reviewer.core.types import (
    Placed,
)
from reviewer.formats import as_github, as_json, as_sarif
from reviewer.formats.result import scrub

FIXTURES = Path(__file__).parent.parent / "fixtures" / "formats"


def test_github_commands() -> None:
    """Severity becomes the level, removed lines carry no line number, the verdict closes."""
    assert as_github(RESULT).split("\n") == snapshot(
        [
            "::error file=src/sum.py,line=12,endLine=13,title=high%3A Last row lost::With `n` = 0 the loop never runs, because `<` leaves the last row out; the total is then too small by that row.%0A%0A- every caller of `total` in the report module adds the rows up again, so the mistake shows twice%0A```%0Afor row in rows: this line of code is longer than the page is wide and stays as it is, whole%0A```%0A%0ASuggestion:%0A    for i in range(n + 1):%0A        add(i)",
            "::warning file=ä b.py,title=medium%3A Nowhere::Nowhere",
            "::notice file=src/sum.py,title=low%3A Check%2C gone%3A why?::100%25 of calls",
            "::warning title=reviewer::One batch of 2 was refused.",
            "::warning title=reviewer::Not reviewed: The model refused: ä b.py (1 hunk)",
            "::notice title=reviewer::1 finding blocks: 1 high (2 of 3 hunks (66.6 %25) in 4 files: 1 reviewed, 1 from cache, 2 ignored, 1 not reviewed)",
        ]
    )


def unescaped(command: str) -> tuple[dict[str, str], str]:
    """What the runner makes of a command: properties and message."""
    head, message = re.fullmatch(r"::\w+ (.*?)::(.*)", command, re.DOTALL).groups()  # type: ignore[union-attr]
    codes = {"%3A": ":", "%2C": ",", "%0D": "\r", "%0A": "\n", "%25": "%"}

    def back(text: str) -> str:
        return re.sub("%(3A|2C|0D|0A|25)", lambda found: codes[found[0]], text)

    return {key: back(value) for key, _, value in (part.partition("=") for part in head.split(","))}, back(message)


@given(title=st.text(min_size=1), body=st.text(min_size=1), path=st.text(min_size=1).filter(scrub))
def test_github_commands_come_back_whole(title: str, body: str, path: str) -> None:
    """Whatever colons, commas, percents and newlines they hold, the runner reads the same words."""
    finding = replace(FINDING, title=title, body=body, path=path)
    command = as_github(replace(RESULT, placed=(Placed(finding, None),))).split("\n")[0]
    assert unescaped(command) == ({"file": scrub(path), "title": f"high: {scrub(title)}"}, scrub(body))


def test_json_shape() -> None:
    """The documented shape, whole."""
    assert json.loads(as_json(RESULT)) == json.loads((FIXTURES / "review.json").read_text())


def test_json_keeps_the_words_as_they_are() -> None:
    """Machines get the characters that people must not: escaped, none lost."""
    assert json.loads(as_json(everywhere(HOSTILE)))["findings"][0]["body"] == HOSTILE


def regions(log: dict[str, Any]) -> list[Any]:
    places = [entry["locations"][0]["physicalLocation"] for entry in log["runs"][0]["results"]]
    return [(place["artifactLocation"]["uri"], place.get("region")) for place in places]


def test_sarif_places() -> None:
    """A place in the new file is a region; what is gone or has no place is said of the file."""
    assert regions(json.loads(as_sarif(RESULT))) == [
        ("src/sum.py", {"startLine": 12, "endLine": 13}),
        ("%C3%A4%20b.py", None),
        ("src/sum.py", None),
    ]


def test_sarif_obeys_the_standard() -> None:
    """SARIF 2.1.0: rules by index, known levels, non-empty messages and file-relative URIs, fingerprints as strings."""
    log = json.loads(as_sarif(RESULT))
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    run = log["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["contract", "correctness"]
    for entry in run["results"]:
        assert rules[entry["ruleIndex"]] == entry["ruleId"]
        assert entry["message"]["text"].strip()
        assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", entry["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        assert [type(value) for value in entry["partialFingerprints"].values()] == [str]
    assert [entry["level"] for entry in run["results"]] == ["error", "warning", "note"]
    assert run["results"][0]["fixes"][0]["artifactChanges"][0]["replacements"] == [
        {
            "deletedRegion": {"startLine": 12, "endLine": 13},
            "insertedContent": {"text": "    for i in range(n + 1):\n        add(i)"},
        }
    ]
    assert run["invocations"] == snapshot(
        [
            {
                "executionSuccessful": False,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": "One batch of 2 was refused."}},
                    {"level": "error", "message": {"text": "Not reviewed: The model refused: ä b.py (1 hunk)"}},
                    {"level": "note", "message": {"text": "Ignored: fits `**/*.lock`: uv.lock (1 hunk)"}},
                    {"level": "note", "message": {"text": "Ignored: binary: logo.png"}},
                ],
            }
        ]
    )


def test_sarif_of_a_finding_about_nothing() -> None:
    """Without file, words and category a result is still valid, and a clean run says that it succeeded."""
    bare = Placed(replace(FINDING, path="", title="", body="", category=" "), None)
    result = json.loads(as_sarif(replace(CLEAN, placed=(bare,))))["runs"][0]["results"][0]
    assert (result["ruleId"], result["message"]["text"], "locations" in result) == ("other", "other", False)
    assert json.loads(as_sarif(CLEAN))["runs"][0]["invocations"][0]["executionSuccessful"] is True
