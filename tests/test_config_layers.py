"""Files on top of each other: who has the last word, where a value comes from, and what is told of a changed file."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.core.config import Config, Layer, layered, parse_config, proposal, read_layer, settings_of

OWN, SHARED = ".github/reviewer.yml", "octo/.github:.github/reviewer.yml"

texts = st.sampled_from(
    [
        "",
        "review: {ignore: [a/], drafts: true}\nmodel: {name: x}\n",
        "review:\n  ignore: []\n  language:\ngate: {fail_on: never}\n",
        "extends: octo/base\nmodel:\n  effort: low\n",
        "gate:\n  fail_on: bad\n  on_error: failure\n",
        "gate: [",
        "reviw: {drafts: true}\n",
    ]
)


def test_maps_add_and_lists_take_the_place() -> None:
    """The organisation's list is not appended to; keys that the upper file does not say stay; each knows its line."""
    below = read_layer("review:\n  ignore: [a/, b/]\n  language: de\ngate: {fail_on: low}\n", name=SHARED)
    above = read_layer("review:\n  ignore:\n    - c/\ngate:\n  fail_on:\n", name=OWN)
    known = layered([below, above])
    assert (known.config.review.ignore, known.config.review.language) == (("c/",), "de")
    assert {key: source for key, _, source in settings_of(known) if source != "default"} == {
        "review.ignore": f"{OWN}:2",
        "review.language": f"{SHARED}:3",
        "gate.fail_on": f"{SHARED}:4",  # what is empty says nothing
    }


@given(st.lists(texts, max_size=4))
@settings(max_examples=60, deadline=None)
def test_layers_are_laid_one_by_one(files: list[str]) -> None:
    """What is wrong in one file never hurts another, all of it is told, and a key that nobody sets is at its default."""
    layers = [read_layer(text, name=f"{number}.yml") for number, text in enumerate(files)]
    known = layered(layers)
    assert known.problems == tuple(problem for layer in layers for problem in layer.problems)
    values = {key: (value, source) for key, value, source in settings_of(known)}
    defaults = {key: value for key, value, _ in settings_of(layered([]))}
    for key, (value, source) in values.items():
        if source == "default":
            assert value == defaults[key]
        else:
            name, _, line = source.rpartition(":")
            [setter] = [layer for layer in layers if layer.name == name]
            assert setter.at(*key.split(".")) == int(line)
            assert value == {each.key: each.value for each in settings_of(layered([setter]))}[key]


@given(texts)
@settings(max_examples=20, deadline=None)
def test_one_layer_is_the_file_alone(text: str) -> None:
    """Reading a file by itself, as the local tool does, gives what it gives among others."""
    config, problems = parse_config(text, name=OWN)
    assert config == layered([read_layer(text, name=OWN)]).config
    assert [problem.line for problem in problems] == [problem.line for problem in read_layer(text, name=OWN).problems]


def test_never_is_said_as_the_file_writes_it() -> None:
    """Inside it is no severity at all."""
    known = layered([read_layer("gate: {fail_on: never}", name=OWN)])
    assert {each.key: each.value for each in settings_of(known)}["gate.fail_on"] == "never"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("../shared/reviewer.yml", "this is a symbolic link to `../shared/reviewer.yml`, and links are not followed: put the file itself here."),
        ("reviewer.yml", "this is a symbolic link to `reviewer.yml`, and links are not followed: put the file itself here."),
        ("high", "expected keys such as `review:` and `gate:`, not `high`."),
        ("." * 60_000 + " ", f"expected keys such as `review:` and `gate:`, not `{'.' * 59}…`."),
        (None, "the file is binary, and is not read: a configuration is text, of 64 KB at most."),
    ],
)  # fmt: skip
def test_what_is_there_and_is_no_configuration(text: str | None, said: str) -> None:
    """A link, a word, bytes: told as what it is, and nothing of it counts."""
    layer = read_layer(text, name=OWN, problem="binary")
    assert (layer.usable, layer.config, [problem.sentence for problem in layer.problems]) == (False, Config(), [said])
    assert layer.failed("So it is.").problems[0].sentence == f"{said} So it is."


@pytest.mark.parametrize(
    ("layer", "changed", "said"),
    [
        (None, OWN, [f"This pull request removes {OWN}. Until that is merged, it counts as it is on the base branch."]),
        (Layer(OWN), OWN, [f"This pull request changes {OWN}. The new version is valid. It counts once it is merged."]),
        (Layer(OWN), ".reviewer.yml", [f"This pull request changes .reviewer.yml. Beside {OWN} it never counts: the first of the two that is there does."]),
        (read_layer("a: 1\n" * 2, name=OWN), OWN, [
            f"This pull request changes {OWN}. This is wrong in the new version. It counts once it is merged.",
            f"New {OWN}:2: `a` is not a key, expected `extends`, `review`, `gate` or `model`.",
            f"New {OWN}:2: `a` stands here again, it is on line 1 too: this one counts, delete the other.",
        ]),
    ],
)  # fmt: skip
def test_what_a_pull_request_would_change_is_told(layer: Layer | None, changed: str, said: list[str]) -> None:
    """Valid, wrong, gone or without effect."""
    assert list(proposal(layer, changed)) == said


def test_a_new_file_full_of_mistakes_is_not_told_line_by_line() -> None:
    """Ten of them are enough before it is merged."""
    told = proposal(read_layer("".join(f"key{number}: 1\n" for number in range(30)), name=OWN), OWN)
    assert len(told) == 11
    assert "wrong in the new version, and 20 more." in told[0]
