"""The repository's configuration: defaults, mistakes told with line and cure, hostile files, and the schema."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from reviewer.core.config import (
    Config,
    GateConfig,
    ModelConfig,
    PathInstructions,
    ReviewConfig,
    parse_config,
    read_layer,
)
from reviewer.core.types import Severity

FIXTURES = Path(__file__).parent.parent / "fixtures" / "config"
NAME = ".github/reviewer.yml"


def problems_of(text: str) -> list[str]:
    return [f"{problem.line}: {problem.sentence}" for problem in parse_config(text, name=NAME)[1]]


def test_every_key_has_the_documented_default() -> None:
    """An empty configuration is the contract's."""
    assert asdict(Config()) == {
        "extends": None,
        "review": {
            "drafts": False,
            "min_severity": Severity.LOW,
            "max_comments": 20,
            "min_confidence": 0.3,
            "passes": 1,
            "language": "en",
            "ignore": ("**/*.lock", "vendor/**"),
            "instructions": "",
            "path_instructions": (),
            "guidelines": ("AGENTS.md", "CLAUDE.md", ".github/copilot-instructions.md"),
            "resolve_threads": False,
        },
        "gate": {"fail_on": Severity.HIGH, "on_error": "neutral"},
        "model": {"name": None, "temperature": None, "effort": None},
    }


@pytest.mark.parametrize(
    "text", ["", "\n", "# all commented out\n", "---\n", "{}", "~", "review:\ngate:\n", "gate: {fail_on: }", "\ufeff"]
)
def test_what_says_nothing_changes_nothing(text: str) -> None:
    """An empty file, section or key is no mistake."""
    assert parse_config(text, name=NAME) == (Config(), ())


def test_every_key_is_read() -> None:
    """A configuration that sets every key, and sets them well."""
    config, problems = parse_config((FIXTURES / "good.yml").read_text(), name=NAME)
    assert problems == ()
    assert config == Config(
        extends="org/.github",
        review=ReviewConfig(
            drafts=True,
            min_severity=Severity.MEDIUM,
            max_comments=5,
            min_confidence=0.5,
            passes=3,
            language="no",
            ignore=("**/*.lock", "**/*.snap", "!keep.lock", "gen/"),
            instructions="Money is in cents.\n",
            path_instructions=(
                PathInstructions("src/db/**", "Every write is in a transaction."),
                PathInstructions("*.{sql,ddl}", "Old versions of the server run beside new ones."),
            ),
            guidelines=("AGENTS.md",),
            resolve_threads=True,
        ),
        gate=GateConfig(fail_on=None, on_error="failure"),
        model=ModelConfig(name="gpt-6-luna", temperature=1, effort="none"),
    )


def test_mistakes_are_told_with_line_key_and_cure() -> None:
    """Every kind of mistake, one sentence each, in the order of the lines."""
    _, problems = parse_config((FIXTURES / "bad.yml").read_text(), name=NAME)
    expected = json.loads((FIXTURES / "bad.json").read_text())
    assert [[problem.line, problem.key, problem.sentence] for problem in problems] == expected


def test_a_bad_value_leaves_the_others() -> None:
    """What is wrong falls back to its own default; what is right beside it counts."""
    text = "review:\n  drafts: maybe\n  max_comments: 3\n  nonsense: 1\ngate:\n  fail_on: low\n  on_error: explode\n"
    config, problems = parse_config(text, name=NAME)
    assert config == Config(review=ReviewConfig(max_comments=3), gate=GateConfig(fail_on=Severity.LOW))
    assert [problem.key for problem in problems] == ["review.drafts", "review.nonsense", "gate.on_error"]
    assert str(problems[2]) == ".github/reviewer.yml:7: `gate.on_error` is `explode`, expected `neutral` or `failure`."


REST = " All settings are at their defaults."
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{after}: &{after} [{','.join([f'*{before}'] * 9)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- a\n", f"1: expected keys such as `review:` and `gate:`, not a list.{REST}"),
        ("just words", f"1: expected keys such as `review:` and `gate:`, not `just words`.{REST}"),
        ("gate:\n\tfail_on: low\n", f"2: YAML does not allow a tab here: indent with spaces.{REST}"),
        ("gate: {}\n---\nreview: {}\n", f"2: a second document begins here: keep one, without `---` between.{REST}"),
        ("gate: {fail_on: *nope}", f"1: found undefined alias 'nope': there is no anchor of this name above; put a value that begins with `*` in quotes.{REST}"),
        ("x:\ny: a: b\n", f"2: a second `:` in one line, or a wrong indentation: put text with a colon in quotes.{REST}"),
        ("x: [1, 2\ny: 3\n", f"2: this is not YAML: expected ',' or ']', but got ':'.{REST}"),
        ("x:\n  y: \x00", f"2: character U+0000 is not allowed in YAML.{REST}"),
        ('x: "\\UFFFFFFFF"', f"1: this is not YAML: Python int too large to convert to C int.{REST}"),
        ("%YAML 9.9\n---\n{}", f"1: this is not YAML: found incompatible YAML document (version 1.* is required).{REST}"),
        ("x" * 1_000_000, f"1: the file has 1,000,000 characters, at most 65,536 are read.{REST}"),
        ("- " * 10_000, f"1: the file is nested too deeply.{REST}"),
        ("[" * 65_000, f"1: the file is nested too deeply.{REST}"),
        ("x: [" + "1," * 30_000 + "]", f"1: the file holds more than 5,000 values.{REST}"),
        ("x: 1\n# caf\ufffd\n", f"2: this is not UTF-8 text: save the file as UTF-8.{REST}"),
        ("review:\n  instructions: a\n\tb", f"3: YAML does not allow a tab here: indent with spaces.{REST}"),
        ("x: &x [*x]", f"1: the file is nested too deeply, or an alias contains itself.{REST}"),
        (BOMB, f"1: the file holds more than 5,000 values once its aliases are written out.{REST}"),
    ],
)  # fmt: skip
def test_what_is_no_configuration_at_all(text: str, expected: str) -> None:
    """Broken, hostile and huge files give one sentence with its line, and the defaults."""
    config, _ = parse_config(text, name=NAME)
    assert (config, problems_of(text)) == (Config(), [expected])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gate: !!python/object/apply:os.system [id]", ["1: tags are not read: leave out the word that begins with `!`."]),
        ("? [a]\n: b", ["1: a key has to be a word, not a list or a mapping."]),
        ("<<: {gate: {}}", ["1: `<<` is not a key, expected `extends`, `review`, `gate` or `model`."]),
        ('"\\ud800": 1', ["1: `\ufffd` is not a key, expected `extends`, `review`, `gate` or `model`."]),
        ("extends: octo/..", ["1: `extends` is `octo/..`, expected `owner/name`."]),
        ("Gate: {}", ["1: `Gate` is not a key, did you mean `gate`?"]),
        ("drafts: true", ["1: `drafts` is not a key, did you mean `review.drafts`?"]),
        ("gate: [high]", ["1: `gate` is a list, expected keys with values."]),
        ("gate: {fail_on: High}", ["1: `gate.fail_on` is `High`, expected `critical`, `high`, `medium`, `low` or `never`; did you mean `high`?"]),
        ("review: {max_comments: 1.5}", ["1: `review.max_comments` is `1.5`, expected a whole number."]),
        ("review: {max_comments: true}", ["1: `review.max_comments` is `true`, expected a whole number."]),
        ("review: {drafts: 1}", ["1: `review.drafts` is `1`, expected true or false."]),
        ("review:\n  ignore:\n    - a\n    - '[z-a]'", ["4: `review.ignore[1]` is `[z-a]`, expected a glob as in .gitignore."]),
        ("review: {ignore: ['*a*a*a*']}", ["1: `review.ignore[0]` is `*a*a*a*`, expected a glob with at most 3 stars between two slashes and 3 times `**`."]),
        ("review: {ignore: ['" + "{a,b}" * 30 + "']}", [f"1: `review.ignore[0]` is `{('{a,b}' * 30)[:59]}…`, expected a glob with at most 64 alternatives in braces."]),
        ("model: {temperature: .inf}", ["1: `model.temperature` is `Infinity`, expected a number."]),
        ("model: {temperature: 2.5}", ["1: `model.temperature` is `2.5`, expected a number of 2 or less."]),
    ],
)  # fmt: skip
def test_traps(text: str, expected: list[str]) -> None:
    """YAML's traps and those of types: nothing is guessed, nothing is run, everything is told."""
    assert (parse_config(text, name=NAME)[0], problems_of(text)) == (Config(), expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("010", 10), ("0x1f", 31), ("0o17", 15), ("+7", 7), ("1e1", 10), ("2.0", 2)],
)
def test_numbers_are_those_of_yaml_1_2(text: str, expected: int) -> None:
    """A leading zero is no octal."""
    assert parse_config(f"review: {{max_comments: {text}}}", name=NAME)[0].review.max_comments == expected


@pytest.mark.parametrize(
    "text",
    [
        "review:\n  language:\tde\n",
        "review:\t\n  language: de\t# the language\n",
        "\t# mine\nreview:\n\t\n  language:\t 'de' \t\n",
        "review:\n  language: de\t\n",
        "review: {language:\tde\t}",
    ],
)
def test_a_tab_that_does_not_indent_is_white_space(text: str) -> None:
    """YAML forbids it only where columns count."""
    layer = read_layer(text, name=NAME)
    assert (layer.values, layer.problems) == ({"review": {"language": "de"}}, ())
    assert parse_config("review: {}\nmodel:\n  name: a\tb\n", name=NAME)[0].model.name == "a\tb"


def test_more_globs_than_anybody_writes_are_refused_before_they_cost() -> None:
    """Each is compiled, with braces up to 64 times."""
    text = "review:\n  ignore:\n" + "".join(f"  - 'a{at}{{b,c}}{{d,e}}'\n" for at in range(600))
    _, problems = parse_config(text, name=NAME)
    assert [each.sentence for each in problems] == [
        "`review.ignore` is a list, expected a list of at most 500 entries."
    ]


def test_anchors_may_be_used_twice_and_shared() -> None:
    """Aliases are read; a redefined anchor is legal and warns nobody."""
    text = "review:\n  ignore: &x [a/]\n  guidelines: *x\n  instructions: &x one\n  language: *x\n"
    config, problems = parse_config(text, name=NAME)
    assert (problems, config.review.guidelines, config.review.language) == ((), ("a/",), "one")


def test_a_file_of_another_kind_is_not_told_line_by_line() -> None:
    """After fifty sentences the rest is a number."""
    problems = problems_of("".join(f"key{number}: 1\n" for number in range(500)))
    assert (len(problems), problems[-1]) == (51, "51: and 450 more problems below.")
