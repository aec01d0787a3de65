"""Holds the order of risk to its promises: what would cost most is reviewed first, and nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.core.risk import _GRAVE, risk, riskiest, risks, within
from reviewer.core.types import Chunk, HunkId, Line


def chunk_of(path: str, *rows: str, tokens: int = 10, hunk: int | None = None) -> Chunk:
    lines = tuple(
        Line(row[0], row[1:], at if row[0] == "-" else None, None if row[0] == "-" else at)
        for at, row in enumerate(rows, 1)
    )
    hunks = () if hunk is None else (HunkId(path, hunk),)
    return Chunk(path, f"{path} {rows}", "", tokens, hunks, lines)


def of(path: str, *rows: str) -> int:
    return risk(path, chunk_of(path, *(rows or ("+x = 1",))))


@pytest.mark.parametrize(
    ("more", "less"),
    [
        ("src/app.py", "config/app.yml"),
        ("config/app.yml", "tests/test_app.py"),
        ("tests/test_app.py", "docs/app.md"),
        ("src/auth/login.py", "src/colours.py"),
        ("src/billing/refund.ts", "src/list.ts"),
        ("db/migrations/0001_rows.sql", "src/rows.py"),
        (".github/workflows/release.yml", "src/rows.py"),
        ("Dockerfile", "mkdocs.yml"),
        ("src/rows.py", "tests/test_login.py"),
        ("src/rows.py", "docs/authentication.md"),
        ("src/rows.py", "locale/de.po"),
        ("src/rows.go", "src/rows_test.go"),
        ("src/rows.ts", "src/rows.spec.ts"),
    ],
)
def test_files_have_an_order(more: str, less: str) -> None:
    """Source before tests before prose; where access, money, data or running code is at stake comes first."""
    assert of(more) > of(less)


def test_what_the_code_says_counts() -> None:
    """So do names in the changed lines, guards that go, and size; context says nothing."""
    plain = of("src/rows.py")
    assert of("src/rows.py", "+subprocess.run(command, shell=True)") > plain
    assert of("src/rows.py", "-    if not user.owns(row):", "-        raise Forbidden") > of(
        "src/rows.py", "-    a", "-    b"
    )
    assert of("src/rows.py", *["+x = 1"] * 100) > plain
    assert of("src/rows.py", " check_password()", "+x = 1") == plain
    assert of("src/rows.py", "-if a:", "+if b:") == of("src/rows.py", "-a", "+b")


def test_nothing_makes_prose_of_a_source_file() -> None:
    """However much of it there is, documentation never comes before code."""
    assert of("docs/login.md", *["+password token exec"] * 5_000) < of("src/rows.py", "+x")


def test_the_riskiest_are_kept_in_the_order_of_the_diff() -> None:
    """What does not fit leaves its room to smaller ones."""
    chunks = [
        chunk_of("README.md", "+a", tokens=5),
        chunk_of("src/list.py", "+a", tokens=50),
        chunk_of("src/auth.py", "+a", tokens=60),
        chunk_of("tests/test_list.py", "+a", tokens=30),
    ]
    kept, left_out = within(chunks, 100)
    assert [chunk.path for chunk in kept] == ["README.md", "src/auth.py", "tests/test_list.py"]
    assert [chunk.path for chunk in left_out] == ["src/list.py"]
    assert within(chunks, 1_000) == (tuple(chunks), ())


def test_the_riskiest_files_by_name() -> None:
    """As many as asked for, in the order of the diff; all of them where there are no more."""
    paths = ["README.md", "src/list.py", "tests/test_list.py", "src/auth.py"]
    assert riskiest(paths, 2) == ("src/list.py", "src/auth.py")
    assert riskiest(paths, 9) == tuple(paths)
    assert riskiest(paths, 0) == ()


_chunks = st.lists(
    st.builds(
        chunk_of,
        st.sampled_from(["a.py", "b/test_a.py", "c.md", "src/login.py", "d.sql", "\n"]),
        st.text(max_size=20).map("+".__add__),
        tokens=st.integers(1, 50),
        hunk=st.none() | st.integers(0, 2),
    ),
    max_size=12,
)


@given(_chunks, st.integers(0, 200))
def test_every_chunk_is_kept_or_told(chunks: list[Chunk], tokens: int) -> None:
    """Both together are all of them, each once and in order; the kept ones are within the budget; none left out fits."""
    kept, left_out = within(chunks, tokens)
    assert sorted(map(id, (*kept, *left_out))) == sorted(map(id, chunks))
    order = {id(chunk): at for at, chunk in enumerate(chunks)}
    for part in (kept, left_out):
        assert [order[id(chunk)] for chunk in part] == sorted(order[id(chunk)] for chunk in part)
    free = tokens - sum(chunk.tokens for chunk in kept)
    assert free >= 0
    for chunk in left_out:
        whole = [each for each in chunks if each.hunks == chunk.hunks] if chunk.hunks else [chunk]
        cost = sum(each.tokens for each in whole)
        assert cost > free
        if cost <= tokens:  # else it is larger than all there is
            assert not {id(each) for each in whole} & {id(each) for each in kept}
    assert within(chunks, tokens, risks(chunks)) == (kept, left_out)


def test_a_hunk_is_paid_for_whole_or_not_at_all() -> None:
    """Its other chunks would be sent for nothing, as it counts as not reviewed; one larger than the budget gets part."""
    hunk = [chunk_of("src/auth.py", "+a", tokens=40, hunk=0), chunk_of("src/auth.py", "+b", tokens=40, hunk=0)]
    other = chunk_of("src/login.py", "+if password:", tokens=50, hunk=0)
    assert within([*hunk, other], 100) == ((other,), tuple(hunk))
    assert within([*hunk, other], 130) == ((*hunk, other), ())
    assert within(hunk, 50) == ((hunk[0],), (hunk[1],))


_TEXTS = st.sampled_from(
    ["author", "auth()", "log_in(", "x.loging", "run_sql", "an_exec", "evaluate", "SHELL=True", "x"]
)


@given(st.lists(_TEXTS | st.text(max_size=9), max_size=5))
def test_stems_are_in_all_that_is_grave(texts: list[str]) -> None:
    """What is looked for first leaves out nothing that counts."""
    lines = [text.replace("\n", " ") for text in texts]
    grave = sum(_GRAVE.search(line) is not None for line in lines if line.isascii())
    if all(line.isascii() for line in lines):
        assert of("src/rows.py", *[f"+{line}" for line in lines] or ["+"]) == 100 + 25 * min(3, grave)
