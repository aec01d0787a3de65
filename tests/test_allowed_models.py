"""Which models a configuration may name: names, and `*` for any characters; what is not allowed is a bad value."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.core.config import layered, only_allowed, read_layer
from reviewer.settings import load

FILE = "review:\n  drafts: true\nmodel:\n  temperature: 0.5\n  name: gpt-x\n"


def allows(name: str, *allowed: str) -> bool:
    layer = read_layer(f"model:\n  name: {name!r}\n", name="r.yml")
    return only_allowed(layer, allowed).config.model.name == name


@settings(max_examples=60)
@given(st.text("ab*", min_size=1, max_size=6), st.text("ab", min_size=1, max_size=8))
def test_a_star_is_any_characters(glob: str, name: str) -> None:
    """Told by an expression that has all the time it wants."""
    assert allows(name, glob) == bool(re.fullmatch(re.sub(r"\*+", ".*", glob), name))


def test_a_long_name_is_looked_at_in_one_go() -> None:
    """Whoever writes it chooses its length."""
    assert not allows("a" * 200, "*a" * 50 + "*b")


def test_the_rest_of_the_file_counts() -> None:
    """The line is the name's, and what other files say of it comes through."""
    other = read_layer("model: {name: gpt-y}\n", name="org.yml")
    layer = only_allowed(read_layer(FILE + "gate: {fail_on: lo}\n", name="r.yml"), ["gpt-y", "o*"])
    known = layered([other, layer])
    assert (known.config.review.drafts, known.config.model.temperature, known.config.model.name) == (True, 0.5, "gpt-y")
    assert known.sources["model.name"] == "org.yml:1"
    assert [str(problem) for problem in known.problems] == [
        "r.yml:5: `model.name` is `gpt-x`, expected one that the operator of this server allows: `gpt-y` or `o*`.",
        "r.yml:6: `gate.fail_on` is `lo`, expected `critical`, `high`, `medium`, `low` or `never`; did you mean `low`?",
    ]


@pytest.mark.parametrize("text", [FILE, "", "model:\n", "model: 7\n", "a: [\n"])
def test_where_nothing_is_said_everything_is_allowed(text: str) -> None:
    """By the operator, or by the file."""
    layer = read_layer(text, name="r.yml")
    assert only_allowed(layer, []) == layer
    assert text == FILE or only_allowed(layer, ["gpt-y"]) == layer


def test_the_servers_own_models_are_always_allowed() -> None:
    environ = {"REVIEWER_MODEL": "main", "REVIEWER_FALLBACK_MODEL": "spare"}
    assert load(environ).allowed == ()
    assert load({**environ, "REVIEWER_ALLOWED_MODELS": " spare, own/* ,"}).allowed == ("main", "spare", "own/*")
