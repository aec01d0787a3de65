"""The JSON schema of the repository's configuration, held to what the reader accepts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from reviewer.core.config import (
    GateConfig,
    PathInstructions,
    ReviewConfig,
    config_schema,
    parse_config,
)

FIXTURES = Path(__file__).parent.parent / "fixtures" / "config"
NAME = ".github/reviewer.yml"


words = st.sampled_from(["high", "low", "never", "neutral", "yes", "en", "AGENTS.md", "org/x", "a/**", "none", "", "!"])
scalars = words | st.none() | st.integers(-1, 300) | st.floats() | st.booleans()
keys = st.sampled_from(
    ["extends", "review", "gate", "model", "path", "name", "effort", "temperature", "nope"]
) | st.sampled_from([*ReviewConfig.__slots__, *GateConfig.__slots__, *PathInstructions.__slots__])


def mappings(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(keys, values, max_size=4)


documents = mappings(st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | mappings(inner), max_leaves=12))


@given(document=documents)
@settings(max_examples=400)
def test_editor_and_reviewer_agree(document: dict[str, Any]) -> None:
    """What the schema accepts has no problems, and what has problems the schema refuses (globs apart, which it cannot read)."""
    text = json.dumps(document)
    finite = "NaN" not in text and "Infinity" not in text
    problems = [problem for problem in parse_config(text, name=NAME)[1] if "expected a glob" not in problem.sentence]
    if finite:
        assert jsonschema_rs.validator_for(config_schema()).is_valid(document) is not bool(problems)


@pytest.mark.parametrize(
    ("document", "fine"),
    [
        ({"review": None, "gate": {"fail_on": None}, "model": {"name": None}, "extends": None}, True),
        ({"review": {"max_comments": 2.0, "passes": 1.0, "ignore": None, "path_instructions": None}}, True),
        ({"review": {"max_comments": 2.5}}, False),
        ({"review": {"ignore": ["!"]}}, False),
        ({"review": {"ignore": ["! "]}}, False),
        ({"review": {"ignore": ["a\\"]}}, False),
        ({"review": {"ignore": ["!a", "a\\\\", "\\!"]}}, True),
        ({"review": {"ignore": ["a"] * 501}}, False),
        ({"review": {"path_instructions": [{"path": "a", "instructions": None}]}}, False),
    ],
)
def test_editor_and_reviewer_agree_about_odd_values(document: dict[str, Any], *, fine: bool) -> None:
    """What is empty, numbers written as fractions, and globs that nobody could match."""
    assert jsonschema_rs.validator_for(config_schema()).is_valid(document) is fine
    assert (parse_config(json.dumps(document), name=NAME)[1] == ()) is fine


@given(text=st.text(alphabet=st.sampled_from("ab:-[]{}&*!|>'\"%@#,? \n\t~<\\x0e.gate") | st.characters(), max_size=60))
@settings(max_examples=400)
def test_no_text_is_too_strange(text: str) -> None:
    """Any text gives a configuration, and each problem a line that is in the file."""
    _, problems = parse_config(text, name=NAME)
    lines = len(text.splitlines()) + 1
    assert [problem for problem in problems if not 1 <= problem.line <= lines] == []


def test_schema_serves_editors() -> None:
    """The dialect, a description for every key, and defaults in the words of the file."""
    schema = config_schema()
    jsonschema_rs.meta.validate(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    sections = [part["properties"] for part in (schema, *schema["$defs"].values())]
    told = {key: value for section in sections for key, value in section.items() if "$ref" not in str(value)}
    assert [key for key, value in told.items() if not value.get("description")] == []
    assert told["fail_on"]["default"] == "high"
    assert told["min_severity"]["enum"] == ["critical", "high", "medium", "low", None]
    assert told["ignore"]["default"] == ["**/*.lock", "vendor/**"]


def test_schema_accepts_the_documented_example() -> None:
    """The file that sets every key is valid in an editor too."""
    document = YAML(typ="safe", pure=True).load((FIXTURES / "good.yml").read_text())
    assert jsonschema_rs.validator_for(config_schema()).is_valid(document)


def test_the_published_schema_is_the_present_one() -> None:
    """Editors take the file; `reviewer config schema > .github/reviewer.schema.json` writes it anew."""
    published = json.loads((FIXTURES.parent.parent / ".github" / "reviewer.schema.json").read_text(encoding="utf-8"))
    assert published == json.loads(json.dumps(config_schema()))
