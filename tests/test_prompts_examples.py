"""The library of examples: its files, what they weigh, and which of them go with which change."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import external_file

from reviewer import resources
from reviewer.core.errors import UsageError
from reviewer.core.prompts import Example, choose, digest_of, language_of, parse_examples
from reviewer.core.prompts.examples import GENERIC, KINDS, MOST_EXAMPLES, NOTHING
from reviewer.core.prompts.messages import EXAMPLES_INTRO
from reviewer.core.types import Batch, Chunk, HunkId
from reviewer.tokens import O200k

LIBRARY = resources.prompt_examples()
LANGUAGES = sorted({example.language for example in LIBRARY})
MOST_TOKENS = 70  # of one example
MOST_TOKENS_OF_A_CALL = 180  # what three fixed examples for all languages took

GOOD = """---
language: python
files: .py wscript db/
---

## null

@@ a.py
1+x
→ line 1, high, "T": "B."

## nothing wrong

@@ a.py
1+x
→ []
"""


def chunk(path: str, *rows: str) -> Chunk:
    text = "".join(f"{row}\n" for row in [f"@@ {path}", *rows])
    return Chunk(path, path, text, 1, (HunkId(path, 0),), ())


def chosen(*chunks: Chunk) -> list[tuple[str, str]]:
    return [(example.language, example.kind) for example in choose(LIBRARY, Batch(chunks))]


def test_a_file_is_read() -> None:
    for text in (GOOD, "\ufeff" + GOOD, GOOD.replace("\n", "\r\n")):
        null, nothing = parse_examples(text)
        assert null == Example("python", "null", '@@ a.py\n1+x\n→ line 1, high, "T": "B."', (".py", "wscript", "db/"))
        assert (nothing.kind, nothing.text) == (NOTHING, "@@ a.py\n1+x\n→ []")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "begins with a head"),
        (GOOD.replace("language: python\n", ""), "begins with a head"),
        (GOOD.replace("files", "file"), "begins with a head"),
        (GOOD.replace("files: .py wscript db/\n", ""), "lack `files`"),
        (GOOD.replace("## nothing wrong", "## state"), "one of them `## nothing wrong`"),
        (GOOD.replace("## null", "text\n\n## null"), "are parts `## kind`"),
        (GOOD.replace("## null", "## nil"), "have the kind 'nil'"),
        (GOOD + GOOD.partition("---\n\n")[2], "write each once"),
        (GOOD.replace("→ []", "[]"), "example 'nothing wrong' for python needs"),
        (GOOD.replace("@@ a.py\n1+x\n→ line", "1+x\n→ line"), "example 'null' for python needs"),
    ],
)
def test_a_broken_file_says_what_to_mend(text: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=re.escape(sentence)):
        parse_examples(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_what_is_chosen_from(language: str) -> None:
    """Two to four examples, the last of them with nothing wrong; rows and findings as the model knows them."""
    examples = [example for example in LIBRARY if example.language == language]
    assert 2 <= len(examples) <= 4
    assert examples[-1].kind == NOTHING
    for example in examples:
        assert example.kind in KINDS
        *rows, found = example.text.split("\n")
        numbers = {match[1] for row in rows if (match := re.match(r"(\d+)[-+ ]", row))}
        assert all(re.match(r"@@ \S|\d+[-+ ]", row) for row in rows)
        line = re.fullmatch(r'→ (?:\S+, )?line (\d+), (?:critical|high|medium|low), "[^"]+": "[^"]+\."', found)
        if example.kind == NOTHING:
            assert found.startswith("→ [] (")
        else:
            assert line is not None
            assert line[1] in numbers


def test_examples_are_short() -> None:
    """Each by itself, and any three that can go together."""
    count = O200k().count
    assert {(e.language, e.kind): n for e in LIBRARY if (n := count(e.text)) > MOST_TOKENS} == {}
    spare = [example for example in LIBRARY if example.language == GENERIC and example.kind != NOTHING]
    heavy = {}
    for language in LANGUAGES:
        *own, nothing = (example for example in LIBRARY if example.language == language)
        for two in itertools.combinations(dict.fromkeys([*own, *(e for e in spare if e.kind == "test")]), 2):
            tokens = count("\n".join([EXAMPLES_INTRO, *(example.text for example in [*two, nothing])]))
            if tokens > MOST_TOKENS_OF_A_CALL:
                heavy[language, two[0].kind, two[1].kind] = tokens
    assert heavy == {}


def test_a_changed_library_comes_with_a_new_version() -> None:
    """Answers are kept under the prompt's version: raise it in `prompts/review.md` with each change of an example."""
    label = resources.prompt_files()["review"].label
    assert f"{label} {digest_of(LIBRARY)}\n" == external_file("../fixtures/prompts/examples.txt")
    assert digest_of(LIBRARY) != digest_of(LIBRARY[1:])


@pytest.mark.parametrize(
    ("path", "language"),
    [
        *(("a/b.py", "python"), ("a.TSX", "javascript"), ("a.go", "go"), ("A.kt", "java"), ("a.rb", "ruby")),
        *(("Gemfile", "ruby"), ("a.php", "php"), ("a.rs", "rust"), ("a.hpp", "c"), ("a.sql", "sql")),
        *(("shop/migrations/0001_x.py", "sql"), ("db/migrate/1_x.rb", "sql"), ("migrations.py", "python")),
        *(("Dockerfile", "shell"), ("Dockerfile.dev", "shell"), (".github/workflows/ci.yml", "shell")),
        *(
            ("Dockerfiles/a.py", "python"),
            ("docs/a.md", GENERIC),
            ("py", GENERIC),
            ("a.py/README", GENERIC),
            ("", GENERIC),
        ),
    ],
)
def test_the_language_of_a_path(path: str, language: str) -> None:
    assert language_of(path, LIBRARY) == language


def test_the_language_with_most_changed_rows_counts() -> None:
    """Context does not, nor do prose and data where there is code."""
    python = chunk("a.py", "1+x = 1", "2+y = 2")
    go = chunk("b.go", "1+x", *(f"{n} context" for n in range(2, 9)))
    prose = chunk("c.md", *(f"{n}+word" for n in range(1, 99)))
    assert {language for language, _ in chosen(go, python, prose)} == {"python"}
    assert {language for language, _ in chosen(go, prose)} == {"go"}
    assert {language for language, _ in chosen(prose)} == {GENERIC}
    assert {language for language, _ in chosen(chunk("b.go", "1+x"), chunk("a.py", "1+x"))} == {"go"}  # by name


@pytest.mark.parametrize(
    ("rows", "kinds"),
    [
        (["1+x = 1"], ["guard removed", "async"]),  # the two most general
        (["1-if x:", "2-    return", "3-y", "1+z"], ["guard removed", "async"]),
        (["1-def f(a):", "1+def f(a, b):"], ["contract changed", "guard removed"]),
        (["1-def f(a):", "9+def f(a):"], ["guard removed", "async"]),  # only moved
        (["1+    await send()"], ["async", "guard removed"]),
        (["1-def f(a):", "1+async def f(a):"], ["contract changed", "async"]),
    ],
)
def test_the_kind_of_change_counts(rows: list[str], kinds: list[str]) -> None:
    assert chosen(chunk("a.py", *rows)) == [("python", kind) for kind in [*kinds, NOTHING]]


@pytest.mark.parametrize(
    ("path", "removed", "added"),
    [
        ("a.ts", "const rate = (percent) => percent;", "const rate = (share) => share;"),
        ("a.ts", "export async function f(a) {", "export async function f(a, b) {"),
        ("a.go", "func (s *Stats) Hit(page string) {", "func (s *Stats) Hit(page, user string) {"),
        ("A.java", "  public static List<String> names(int n) {", "  public static Set<String> names(int n) {"),
        ("a.rs", "pub fn wait(s: u64) {", "pub fn wait(ms: u64) {"),
        ("a.c", "static int *put(char *a)", "static int *put(char *a, int n)"),
        ("a.rb", "  def pay(cents)", "  def pay(cents, currency)"),
        ("a.php", "  function tax($percent) {", "  function tax($share) {"),
        ("a.sql", "CREATE TABLE users (id int);", "CREATE TABLE users (id bigint);"),
    ],
)
def test_a_changed_signature_is_known_in_each_language(path: str, removed: str, added: str) -> None:
    assert chosen(chunk(path, f"1-{removed}", f"1+{added}"))[0][1] == "contract changed"
    assert chosen(chunk(path, f"1-{removed}", f"9+{removed}"))[0][1] != "contract changed"


@pytest.mark.parametrize("path", ["tests/a.py", "web/a.test.ts", "a_test.go", "spec/a_spec.rb", "src/CartTest.java"])
def test_only_tests_get_the_example_of_a_test(path: str) -> None:
    assert chosen(chunk(path, "1+x"))[0] == (GENERIC, "test")
    assert (GENERIC, "test") not in chosen(chunk(path, "1+x"), chunk("src/latest.py", "1+x"))


rows_of_code = st.sampled_from(
    [
        "1+x",
        "1-x",
        "1-def f(a):",
        "1+def f(b):",
        "1+await x",
        "1 x",
        "@@ odd",
        "… [9 removed lines]",
        "  ↳ a.py: def f()",
    ]
)
chunks = st.builds(
    lambda path, rows: chunk(path, *rows),
    st.sampled_from(["a.py", "b.go", "c.md", "tests/d.rb", "m/migrations/e.py", "f.sh", "g.yml"]),
    st.lists(rows_of_code | st.text(max_size=30), max_size=6),
)


@settings(max_examples=60)
@given(st.lists(chunks, max_size=4))
def test_never_more_than_three_and_always_one_with_nothing_wrong(some: list[Chunk]) -> None:
    """Of different kinds, whatever the change is, and the same for the chunks in another order."""
    examples = choose(LIBRARY, Batch(tuple(some)))
    kinds = [example.kind for example in examples]
    assert len(examples) == MOST_EXAMPLES == len(set(kinds))
    assert kinds[-1] == NOTHING
    assert kinds.count(NOTHING) == 1
    assert choose(LIBRARY, Batch(tuple(reversed(some)))) == examples


def test_without_a_library_there_are_none() -> None:
    assert choose((), Batch((chunk("a.py", "1+x"),))) == ()
