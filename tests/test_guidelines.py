"""Guidelines and instructions: which of them apply to a call's files, how much is read, and what is said when cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer import resources
from reviewer.core.config import Config, PathInstructions, ReviewConfig
from reviewer.core.config.globs import matches
from reviewer.core.guidelines import (
    GUIDELINE_LIMIT,
    GUIDELINES_LIMIT,
    INSTRUCTIONS_LIMIT,
    MOST_GLOBS,
    Scoped,
    capped,
    capped_instructions,
    for_paths,
    scoped,
)
from reviewer.core.types import Batch, Chunk, HunkId
from reviewer.local import Unasked
from reviewer.question import Question, prompt_for, wishes_for

TYPESCRIPT = '---\napplyTo: "**/*.ts,**/*.tsx"\n---\n\nNo any.\n'


def only(text: str) -> Scoped | None:
    files, notes = scoped({"x.instructions.md": text}, matches=matches)
    assert notes == ()
    return files[0] if files else None


@pytest.mark.parametrize(
    ("text", "globs"),
    [
        (TYPESCRIPT, ("**/*.ts", "**/*.tsx")),
        (TYPESCRIPT.replace("\n", "\r\n"), ("**/*.ts", "**/*.tsx")),
        ("\ufeff" + TYPESCRIPT, ("**/*.ts", "**/*.tsx")),
        ("---\ndescription: all\napplyTo: '**'  # everything\n---\nNo any.", ("**",)),
        ("---\napplyTo: src/*.{ts,tsx} , docs/ # two\n---\nNo any.", ("src/*.{ts,tsx}", "docs/")),
        ('---\napplyTo: ["a.ts", "b.ts"]\n---\nNo any.', ("a.ts", "b.ts")),
        ("---\napplyTo: '*'\nexcludeAgent: \"coding-agent\"\n---\nNo any.", ("*",)),
    ],
)
def test_a_file_names_its_paths(text: str, globs: tuple[str, ...]) -> None:
    """In GitHub Copilot's form: a list with commas, of which those in braces are none."""
    assert only(text) == Scoped("x.instructions.md", globs, "No any.")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "No any.",
            "---\ndescription: by hand\n---\nNo any.",
            "---\napplyTo: '**'\nNo any.",
            "---\napplyTo: '**'\n---\n",
        ),
        '---\napplyTo: "**"\nexcludeAgent: "code-review"\n---\nNo any.',
    ],
)
def test_a_file_that_is_not_for_a_review_is_left_out(text: str) -> None:
    """One that says no paths, that is empty, or that excludes reviews: its form allows all that, so nothing is said."""
    assert only(text) is None


def test_what_is_wrong_in_a_file_is_told() -> None:
    texts = {
        "a": "---\napplyTo: '[z-a],*.py'\n---\nA",
        "b": "---\napplyTo:\n---\nB",
        "c": f"---\napplyTo: '{'*.c,' * (MOST_GLOBS + 1)}'\n---\n{'c' * (GUIDELINE_LIMIT + 1)}",
        "d": None,
    }
    files, notes = scoped(texts, matches=matches)
    assert [(file.path, len(file.globs), len(file.text)) for file in files] == [
        ("a", 1, 1),
        ("c", MOST_GLOBS, GUIDELINE_LIMIT + 1),
    ]
    assert notes == (
        "`applyTo` in a: `[z-a]` is left out: it should be a glob as in .gitignore.",
        "`applyTo` in b: it is empty: write globs with commas between them.",
        "`applyTo` in c: the first 50 of 51 globs are used.",
    )
    assert for_paths(files, ["a.c"], matches=matches)[1] == (
        "Guidelines in c were cut: 8,000 of 8,001 characters were read.",
    )


def test_what_applies_to_any_of_a_call_s_files() -> None:
    """With the globs of the configuration, in the order of the files' paths."""
    files, _ = scoped({"ts": TYPESCRIPT, "all": "---\napplyTo: '**'\n---\nBe kind."}, matches=matches)
    assert for_paths(files, ["a.py"], matches=matches) == ((("all", "Be kind."),), ())
    both = (("all", "Be kind."), ("ts", "No any."))
    assert for_paths(files, ["a.py", "web/b.tsx"], matches=matches) == (both, ())
    assert for_paths(files, [], matches=matches) == ((), ())


def test_one_call_s_guidelines_have_one_limit() -> None:
    """What has no place is told, with a sentence that is the same for every call."""
    general, _ = capped([("AGENTS.md", "g" * 99_999), ("CLAUDE.md", "g" * 5_000)])
    room = GUIDELINES_LIMIT - sum(len(text) for _, text in general)
    files = (Scoped("a", ("**",), "a" * 2_000), Scoped("b", ("**",), "b" * 2_000), Scoped("c", ("**",), "c" * 2_000))
    kept, notes = for_paths(files, ["x"], matches=matches, room=room)
    assert [(path, len(text)) for path, text in kept] == [("a", 2_000), ("b", 1_000)]
    limit = "one call has room for 16,000 characters of guidelines in all."
    assert notes == (f"Guidelines in b were cut: {limit}", f"Guidelines in c were cut: {limit}")
    assert for_paths(files, ["x"], matches=matches, room=-5)[0] == ()


@settings(max_examples=50)
@given(st.lists(st.integers(0, 9_000), max_size=5))
def test_instructions_of_one_call_have_a_limit(lengths: list[int]) -> None:
    """Each keeps its place, the last ones are cut, and a sentence says so exactly when something is missing."""
    texts = [f"{number}" * length for number, length in enumerate(lengths)]
    kept, notes = capped_instructions(texts)
    assert len(kept) == len(texts)
    assert "".join(kept) == "".join(texts)[:INSTRUCTIONS_LIMIT]
    assert all(text.startswith(each) for each, text in zip(kept, texts, strict=True))
    assert bool(notes) == (list(kept) != texts)


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(["---", "\n", "applyTo", ":", '"', "'", ",", "{", "}", "[", "*", " #", "x"]), max_size=30)
)
def test_any_text_is_read(parts: list[str]) -> None:
    """A file that a person is in the middle of writing stops no review."""
    files, _ = scoped({"x": "".join(["---\napplyTo:", *parts])}, matches=matches)
    for_paths(files, ["x", "a/b.ts"], matches=matches)


def question(config: Config, guidelines: tuple[Scoped, ...] = ()) -> Question:
    return Question(
        installation=1,
        repository="octo/shop",
        config=config,
        model=Unasked("m"),
        prompt=resources.prompt_files()["review"],
        guidelines=(("AGENTS.md", "No floats."),),
        scoped=guidelines,
    )


def test_a_call_gets_what_is_said_of_its_files() -> None:
    """Instructions of all files, then of these; guidelines of all files, then of these."""
    of_paths = (PathInstructions("*.sql", "Lock nothing."), PathInstructions("*.ts", "No any."))
    config = Config(review=ReviewConfig(instructions=" Money is in cents.\n", path_instructions=of_paths))
    asked = question(config, (Scoped("db", ("*.sql",), "Index it."), Scoped("web", ("*.ts",), "Be kind.")))
    wishes = wishes_for(["a.sql", "b/c.sql"], asked)
    assert (wishes.instructions, wishes.path_instructions) == ("Money is in cents.", ("Lock nothing.",))
    assert wishes.guidelines == (("AGENTS.md", "No floats."), ("db", "Index it."))
    assert wishes.cut == ()
    prompt = prompt_for(Batch((Chunk("a.sql", "k", "@@ a.sql\n1+x\n", 1, (HunkId("a.sql", 0),), ()),)), asked)
    assert "Money is in cents." in prompt.system
    assert "Lock nothing." not in prompt.system
    assert prompt.user.index("No floats.") < prompt.user.index("Index it.") < prompt.user.index("Lock nothing.")
    assert "No any." not in prompt.user


def test_what_does_not_fit_into_a_call_is_told() -> None:
    config = Config(review=ReviewConfig(instructions="i" * 9_000))
    asked = question(config, (Scoped("db", ("**",), "d" * 8_000), Scoped("web", ("**",), "w" * 8_000)))
    wishes = wishes_for(["a.sql"], asked)
    assert len(wishes.instructions) == INSTRUCTIONS_LIMIT
    assert sum(len(text) for _, text in wishes.guidelines) == GUIDELINES_LIMIT
    assert [sentence.partition(" were cut")[0] for sentence in wishes.cut] == [
        *("The configuration's instructions", "Guidelines in web")
    ]
