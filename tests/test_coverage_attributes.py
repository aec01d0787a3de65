"""What .gitattributes of the base branch say, read as git reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.core.coverage import Attributes, sort_out
from reviewer.core.types import Diff, FileDiff, Hunk, Line

GENERATED, VENDORED = "generated (.gitattributes)", "vendored (.gitattributes)"


@pytest.mark.parametrize(
    ("text", "path", "reason"),
    [
        ("*.ts linguist-generated", "a/b.ts", GENERATED),
        ("*.ts linguist-generated=true", "b.ts", GENERATED),
        ("*.ts\ttext  linguist-vendored eol=lf", "b.ts", VENDORED),
        ("\ufeff*.ts linguist-generated\r\n", "b.ts", GENERATED),
        ("*.ts linguist-generated\n*.ts -linguist-generated", "b.ts", ""),
        ("*.ts linguist-generated\nb.ts linguist-generated=false", "b.ts", ""),
        ("*.ts linguist-generated\nb.ts !linguist-generated", "b.ts", ""),
        ("*.ts -linguist-generated\n*.ts linguist-generated", "b.ts", GENERATED),
        ("# *.ts linguist-generated", "b.ts", ""),
        ("[attr]generated linguist-generated\n*.ts generated", "b.ts", ""),
        ('"a b.txt" linguist-generated', "a b.txt", GENERATED),
        ('"\\303\\244 \\"x\\".txt" linguist-generated', 'ä "x".txt', GENERATED),
        ('"open linguist-generated', "open", ""),
        ("!*.ts linguist-generated", "b.ts", ""),
        ("--*.ts linguist-generated", "b.ts", ""),
        ("*.ts --linguist-generated", "b.ts", ""),
        ("dist linguist-generated", "dist/a.js", ""),
        ("dist/ linguist-generated", "dist/a.js", ""),
        ("dist/** linguist-generated", "dist/x/a.js", GENERATED),
        ("dist/* linguist-generated", "dist/x/a.js", ""),
        ("/a.js linguist-generated", "x/a.js", ""),
        ("x/a.js linguist-generated", "y/x/a.js", ""),
        ("**/x/a.js linguist-generated", "y/x/a.js", GENERATED),
        ("x/**/a.js linguist-generated", "x/a.js", GENERATED),
        ("[ab]?.js linguist-generated", "bc.js", GENERATED),
        ("[!ab].js linguist-generated", "c.js", GENERATED),
        ("[!ab].js linguist-generated", "a.js", ""),
        ("[[:digit:]].js linguist-generated", "7.js", GENERATED),
        ("[a linguist-generated", "[a", ""),
        ("\\*.js linguist-generated", "a.js", ""),
        ("\\*.js linguist-generated", "*.js", GENERATED),
        ("* linguist-generated=maybe", "a", GENERATED),
    ],
)
def test_one_file(text: str, path: str, reason: str) -> None:
    """Later lines win; comments, macros and what git would not take say nothing."""
    assert Attributes.parse({".gitattributes": text}).generated(path) == reason


def test_the_deeper_file_wins() -> None:
    """Its patterns count from its own folder."""
    attributes = Attributes.parse(
        {
            "web/app/.gitattributes": "/a.js -linguist-generated",
            "web/.gitattributes": "*.js linguist-generated",
            ".gitattributes": "*.js linguist-generated=false",
        }
    )
    said = {path: attributes.generated(path) for path in ("a.js", "web/a.js", "web/app/a.js", "web/app/x/a.js")}
    assert said == {"a.js": "", "web/a.js": GENERATED, "web/app/a.js": "", "web/app/x/a.js": GENERATED}


def a_file(path: str) -> FileDiff:
    return FileDiff(path, path, "modified", (Hunk(1, 0, 1, 1, "", (Line("+", "x", None, 1),)),))


def test_who_is_stronger() -> None:
    """The configuration, then the attributes, then our own rules about names."""
    text = "vendor/ours/** -linguist-vendored\napi_pb2.py linguist-generated=false\nuv.lock -linguist-generated\n"
    text += "gen/** linguist-generated\nlib/** linguist-vendored\n"
    names = [
        "vendor/ours/a.go",
        "vendor/b.go",
        "api_pb2.py",
        "uv.lock",
        "gen/a.py",
        "gen/kept.py",
        "lib/c.js",
        "src/d.py",
    ]
    left, out = sort_out(
        Diff(tuple(map(a_file, names))),
        ["!gen/kept.py", "src/**"],
        attributes=Attributes.parse({".gitattributes": text}),
    )
    assert [file.path for file in left.files] == ["vendor/ours/a.go", "api_pb2.py", "uv.lock", "gen/kept.py"]
    assert {each.hunk.path: each.reason for each in out} == {
        "vendor/b.go": "vendored",
        "gen/a.py": GENERATED,
        "lib/c.js": VENDORED,
        "src/d.py": "ignored by the configuration",
    }


@given(
    st.lists(
        st.sampled_from(["*", "**", "?", "[", "]", "a", "/", "\\", "!", "-", '"', " ", "[:alpha:]", "ä", "\0"]),
        max_size=12,
    )
)
def test_no_pattern_breaks_it(pieces: list[str]) -> None:
    """Whatever a line holds, it is read or says nothing."""
    Attributes.parse({".gitattributes": f"{''.join(pieces)} linguist-generated"}).generated("a/b/ä")


@pytest.mark.parametrize("pattern", ["*a" * 50 + "b", "**/a/" * 30 + "b", "*" * 5_000 + "b", "?*" * 300 + "b"])
def test_patterns_end(pattern: str) -> None:
    """The author of a pull request chooses the path: no pattern tries all the ways to share it out."""
    attributes = Attributes.parse({".gitattributes": f"{pattern} linguist-generated"})
    assert attributes.generated("a" * 4_000) == ""
    assert attributes.generated("a/" * 2_000 + "c") == ""
