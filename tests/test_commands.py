"""Commands are found where people write them, and nowhere else; whatever a comment holds, quickly."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reviewer.core.commands import USAGE, keys, nearest, own_lines, parse, problem

US = ("reviewer", "Robo")


def found(body: str, names: tuple[str, ...] = US) -> list[tuple[str, str]]:
    """(name or ?word, argument) of each command."""
    return [(each.name or f"?{each.word}", each.argument) for each in parse(body, names).commands]


@pytest.mark.parametrize("name", USAGE)
@pytest.mark.parametrize(
    "way", ["/{}", "@reviewer {}", "@Robo[bot] {}", "@ROBO: /{}", "  /{}\r\n", "Hi!\n/{}.", "\u200b/{}\u200b"]
)
def test_every_command_has_its_ways(name: str, way: str) -> None:
    """As a slash command, said to us by either name, in any case, with what a phone's keyboard adds."""
    assert found(way.format(name)) == [(name, "")]
    assert found(way.format(name.upper())) == [(name, "")]


@pytest.mark.parametrize(
    "body",
    [
        "I would say /review here",
        "> /review",
        ">/review",
        "```\n/review\n```",
        "~~~ sh\n/review",
        "- ```\n  /review\n  ```",
        "1. ````\n   ```\n   /review\n   ````",
        "    /review",
        "\t/review",
        "`/review`",
        "`a\n/review\nb`",
        "``a`\n/review\nb``",
        "<!-- /review -->",
        "<!--\n/review\n\n/review\n-->",
        "see <!-- this\n/review\n--> here",
        "<details>\n\n/review\n\n</details>",
        "<details><summary>log</summary>\n\n```\n</details>\n```\n\n/review",
        "<pre>\n/review\n</pre>",
        "<blockquote>\n\n/review\n</blockquote>",
        "<code>\n/review\n</code>",
        "- /review",
        "# /review",
        "\\/review",
        "@\u200breviewer review",
        "/\u200breview",
        "/review/pull.py",
        "/review.py",
        "/etc/help",
        "//review",
        "/lgtm",
        "/preview",
        "@ann review",
        "@reviewer/team review",
        "@reviewers review",
        "mail@reviewer review",
        "",
    ],
)
def test_what_is_not_the_writers_own_word_is_no_command(body: str) -> None:
    """Quotes, code, HTML comments, folded parts, paths, and what is said to others."""
    assert found(body) == []
    assert found(f"{body}\n\n</details></pre>\n\n/help")[-1:] in ([("help", "")], [])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("/review FULL", [("review", "FULL")]),
        ("/review\u00a0\u3000full\u2028", [("review", "full")]),
        ("> what?\n/help", [("help", "")]),
        ("a ` b\n\n/help ` c", [("help", "` c")]),
        ("<!-- ` -->\n/help `x`", [("help", "`x`")]),
        ("a <!-- b\n/help", [("help", "")]),
        ("- ```\n/help", [("help", "")]),
        ("<details>x</details>\n/help", [("help", "")]),
        ("/ask why is\nthis so?\n\nNot this.", [("ask", "why is\nthis so?")]),
        ("/ask why\n/dismiss\nit is\nmeant", [("ask", "why"), ("dismiss", "it is\nmeant")]),
        ("/override now\n> quoted\n/pause now\nand then", [("override", "now"), ("pause", "now")]),
        ("@reviewer ask a\n@robo help", [("ask", "a"), ("help", "")]),
        ("@reviewer", [("help", "")]),
        ("/reveiw", [("?reveiw", "")]),
        ("@reviewer reveiw now", [("?reveiw", "")]),
        ("@reviewer thanks!", [("?thanks", "")]),
        ("@reviewer 你好", [("?你好", "")]),
        ("@reviewer `x`", [("?`x`", "")]),
        ("/review\n/review\n/review", [("review", "")]),
    ],
)
def test_a_command_and_its_words(body: str, expected: list[tuple[str, str]]) -> None:
    """The rest of the line; of long ones the next lines too, to a blank one, a quotation or the next command."""
    assert found(body) == expected


def test_a_hundred_commands_are_five_and_the_rest_is_counted() -> None:
    """A comment asks for a bounded number of things."""
    asked = parse("\n".join(f"/ask {number}" for number in range(100)), US)
    assert ([each.argument for each in asked.commands], asked.left) == (["0", "1", "2", "3", "4"], 95)


def test_a_slip_is_met_with_what_was_meant() -> None:
    """The stranger's word itself is not repeated."""
    assert problem("reveiw") == "That is no command of mine. Did you mean `/review [full]`?"
    assert problem("frobnicate") == "That is no command of mine. `/help` shows those that there are."


def test_without_our_name_only_a_command_after_a_name_counts() -> None:
    """The door may not know yet what we are called; what it finds has the same keys as later."""
    body = "@reviewer review full\n\n@ann have a look\n\n/ask why\n@ann said so"
    assert keys(body) == keys(body, US)
    assert keys("@reviewer thanks") == ()


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        *(("aks", "ask"), ("asj", "ask"), ("sak", "ask"), ("askk", "ask"), ("hlep", "help"), ("halp", "help")),
        *(("pasue", "pause"), ("resmue", "resume"), ("cofnig", "config"), ("confg", "config"), ("reviews", "review")),
        *(("ovride", "override"), ("dismis", "dismiss"), ("dissmiss", "dismiss"), ("REVEIW", "review")),
        *(
            (word, "")
            for word in ("task", "tasks", "preview", "rerun", "retest", "assign", "hold", "approve", "unpause")
        ),
        *(
            (word, "")
            for word in ("etc", "tmp", "usr", "bin", "src", "api", "app", "asm", "rev", "parse", "confirm", "ok")
        ),
        *((word, "") for word in ("hello", "close", "reopen", "resolve", "revert", "rebase", "merge", "assume", "ack")),
    ],
)
def test_a_slip_is_told_from_other_peoples_words(word: str, meant: str) -> None:
    """Two letters swapped are one slip; a path, or another bot's command, is met with silence."""
    assert nearest(word) == meant
    assert found(f"/{word} x") == ([(f"?{word.lower()}", "")] if meant else [])
    assert meant in problem(word)


PIECES = [
    *(
        "/review",
        "/ask",
        "/help",
        "/reveiw",
        "@reviewer review",
        "@ann",
        "`",
        "``",
        "```",
        "````",
        "~~~",
        "<!--",
        "-->",
    ),
    *("<details>", "</details>", "<pre>", "</pre>", "<code>", "> ", "- ", "1. ", "  ", "    ", "\t", "\\", "# ", "x"),
    *("\n", "\n\n", "\r\n", "\u200b", "\u00a0", "text ", "\x00", "\ud800"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@settings(max_examples=300)
def test_no_command_stands_in_code_by_another_parsers_reading(text: str) -> None:
    """CommonMark's code blocks, by a parser that is not ours; and keys depend on the commands alone."""
    kept = own_lines(text)
    text = text.replace("\r\n", "\n").replace("\x00", "\ufffd")
    covered = {
        line
        for token in MarkdownIt("commonmark").parse(text)
        if token.type in {"fence", "code_block"} and token.map
        for line in range(*token.map)
    }
    taken = {n for n, line in enumerate(kept) if line is not None and line.strip().startswith(("/", "@"))}
    assert taken & covered == set()
    assert keys(text, US) == keys(f"{text}\n\n", US)


@pytest.mark.parametrize(
    "piece",
    [
        "/asks{} ",
        "\n/revies{}",
        "`",
        "``` ",
        "<!--",
        "<pre ",
        "- ",
        "> ",
        "/ask a\n",
        "@a ",
        "\\`",
        "`` ` ",
        "\n/reviews",
        "\t-",
    ],
)
def test_the_longest_comment_is_read_at_once(piece: str) -> None:
    """65,000 characters of anything; a test that hangs says that it is not linear."""
    text = "".join(piece.replace("{}", chr(97 + nth % 26) * (nth % 7)) for nth in range(65_000 // len(piece) + 1))
    parse(text[:65_000] + "\n/help", US)
