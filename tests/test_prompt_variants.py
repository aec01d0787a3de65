"""A pull request keeps its variant, each variant gets its share, and what cannot be used is told at the start."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from reviewer import __main__ as command_line
from reviewer import resources
from reviewer.core.errors import UsageError
from reviewer.core.prompts import Split, choose_prompt, parse_split
from reviewer.core.prompts.variants import PARTS, check_variant
from reviewer.settings import load

REVIEW = resources.prompt_files()["review"]
TERSE = replace(REVIEW, name="review.terse", version="1")
STRICT = replace(REVIEW, name="review.strict", version="1")
FILES = {"review": REVIEW, "review.terse": TERSE, "review.strict": STRICT}
TEXT = resources.prompts()["review"]
WRITTEN = TEXT.replace("name: review\n", "name: review.terse\n").replace("version: 2\n", "version: 1\n")

numbers = st.integers(1, 10**9)


def chosen(split: Split | str, number: int, *, installation: int = 7, repository: str = "octo/app") -> str:
    split = parse_split(split) if isinstance(split, str) else split
    return choose_prompt(FILES, split, installation=installation, repository=repository, number=number).label


# --- the split ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("", Split()),
        ("terse 50%", Split((("terse", 5_000),))),
        (" terse 50 % , review.strict 12.5%,", Split((("terse", 5_000), ("strict", 1_250)))),
        ("autumn 2: terse 100%", Split((("terse", PARTS),), "autumn 2")),
    ],
)
def test_a_split_is_read(text: str, split: Split) -> None:
    """As an operator would write it."""
    assert parse_split(text) == split


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("terse", "'terse' has no share that can be read: write NAME SHARE%, like terse 50%."),
        ("terse 50", "has no share"),
        ("terse -5%", "has no share"),
        ("terse 0%", "gives its variant nothing"),
        ("Terse! 5%", "names no variant"),
        ("terse 60%, strict 41%", "come to more than 100%"),
        ("terse 6%, terse 4%", "the second share of its variant"),
        ("!: terse 6%", "is no name of an experiment"),
        (f"{'x' * 900} 5%", "names no variant"),
    ],
)
def test_a_split_that_cannot_be_read_is_told(text: str, told: str) -> None:
    """With the entry that is meant, and how to mend it."""
    with pytest.raises(UsageError) as caught:
        parse_split(text)
    assert told in str(caught.value)
    assert len(str(caught.value)) < 200


@given(st.integers(1, 2**40), st.text(max_size=30), numbers, st.integers(0, PARTS), st.integers(0, PARTS))
def test_a_pull_request_keeps_its_variant(
    installation: int, repository: str, number: int, share: int, more: int
) -> None:
    """Whoever has it keeps it while its share grows; a repository's name may be written in any case."""
    low, high = sorted((share, more))
    small, large = Split((("terse", low),)), Split((("terse", high),))
    for_it = {"installation": installation, "repository": repository}
    before = chosen(small, number, **for_it)  # type: ignore[arg-type]
    assert before == chosen(small, number, **for_it)  # type: ignore[arg-type]
    assert before in {REVIEW.label, chosen(large, number, **for_it)}  # type: ignore[arg-type]
    assert chosen(small, number, repository="Octo/App") == chosen(small, number, repository="octo/app")


@settings(max_examples=15)
@given(st.integers(1, 2**40), st.integers(500, 4_500), st.integers(500, 4_500), st.sampled_from(["", "b", "autumn"]))
def test_each_variant_gets_about_its_share(installation: int, terse: int, strict: int, experiment: str) -> None:
    """Over two thousand pull requests within four deviations."""
    split, count = Split((("terse", terse), ("strict", strict)), experiment), 2_000
    found = Counter(chosen(split, number, installation=installation) for number in range(count))
    for label, share in ((TERSE.label, terse), (STRICT.label, strict), (REVIEW.label, PARTS - terse - strict)):
        part = share / PARTS
        assert abs(found[label] - count * part) < 4.5 * (count * part * (1 - part)) ** 0.5


def test_another_experiment_deals_anew() -> None:
    """Who got a variant in one is no likelier to get one in the next."""
    both = Counter((chosen("a: terse 50%", each), chosen("b: terse 50%", each)) for each in range(1_000))
    assert len(both) == 4
    assert min(both.values()) > 190


def test_without_a_split_all_get_the_default() -> None:
    assert {chosen("", number) for number in range(50)} == {"review@2"}
    assert {chosen("terse 100%", number) for number in range(50)} == {"review.terse@1"}


# --- the files ------------------------------------------------------------------------------------------------------


def test_an_operator_s_variant_is_used(tmp_path: Path) -> None:
    """From a folder of its own; its label says name, variant and version, and answers are kept under that."""
    (tmp_path / "review.terse.md").write_text(WRITTEN)
    files = resources.prompt_files(tmp_path, parse_split("terse 50%"))
    assert [name for name in files if name.startswith("review")] == ["review", "review.terse"]
    assert files["review.terse"].label == "review.terse@1"
    assert load({"REVIEWER_PROMPT_VARIANTS": "terse 50%"}).prompt_variants == parse_split("terse 50%")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("review.terse.md", WRITTEN.replace("name: review.terse", "name: review"), "write `name: review.terse`"),
        ("review.terse.md", WRITTEN.replace("{{diff}}", ""), "lacks {{diff}}"),
        ("review.terse.md", WRITTEN.replace("{{guidelines}}", "{{guideline}}"), "uses {{guideline}}; known there"),
        ("review.terse.md", WRITTEN.replace("max_output: 16000", "max_output: 0"), "max_output must be 1 or more"),
        ("review.terse.md", WRITTEN.replace("version: 1", "version: a <b>"), "its version must be"),
        ("review.terse.md", "nothing", "A prompt file begins with a head"),
        ("review.terse.md", b"\xff\xfe", "cannot be read: make it a text file in UTF-8"),
        ("review.Terse.md", WRITTEN, "a variant is a file review.NAME.md"),
        ("confirm.terse.md", WRITTEN, "a variant is a file review.NAME.md"),
        ("review.md", TEXT, "has the name of one in the package"),
        ("terse.txt", WRITTEN, "holds no variant"),
    ],
)
def test_a_variant_that_cannot_be_used_is_told(tmp_path: Path, name: str, text: str | bytes, told: str) -> None:
    """At the start, by the file's name: it would be a bill for nothing, or a review without its instructions."""
    (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(UsageError) as caught:
        resources.prompt_files(tmp_path)
    assert told in str(caught.value)
    assert str(caught.value).startswith("REVIEWER_PROMPTS")


def test_a_folder_or_a_variant_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^REVIEWER_PROMPTS names .*no folder that can be read"):
        resources.prompt_files(tmp_path / "none")
    with pytest.raises(UsageError, match=r"^REVIEWER_PROMPT_VARIANTS .*no variant 'loud', a file review.loud.md"):
        resources.prompt_files(None, parse_split("loud 10%"))
    with pytest.raises(UsageError, match=r"^REVIEWER_PROMPT_VARIANTS does not work: 'terse' has no share"):
        load({"REVIEWER_PROMPT_VARIANTS": "terse"})


def test_the_examples_may_be_left_out() -> None:
    """Whether they are worth their tokens is a question for an experiment."""
    check_variant(replace(TERSE, user=REVIEW.user.replace("{{examples}}", "")), "review.terse", REVIEW)


def test_a_variant_is_shown_before_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its tokens, as `reviewer prompt` shows the default, which stays what it was."""
    folder = tmp_path / "prompts"
    folder.mkdir()
    (folder / "review.terse.md").write_text(WRITTEN.replace("Find the defects", "Name the defects"))
    (tmp_path / "a.diff").write_text("diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n")
    monkeypatch.chdir(tmp_path)

    def types(*words: str) -> Result:
        environment = {"REVIEWER_PROMPTS": "prompts"}
        return CliRunner().invoke(command_line.cli, [*words, "--diff", "a.diff"], env=environment)

    shown = types("prompts", "show", "terse").stdout
    assert "prompt review.terse@1," in shown
    assert "Name the defects" in shown
    assert "prompt review@2," in types("prompt").stdout
    assert isinstance(types("prompts", "show", "loud").exception, UsageError)
