"""The second look sees the other side of a contract, and only that."""

from __future__ import annotations

from reviewer.core.related import COMMON, MOST, Related
from reviewer.core.types import Chunk, Finding, Line, Placed, Severity


def chunk(path: str, *changed: str, context: str = "") -> Chunk:
    rows = [Line("+", text, None, at) for at, text in enumerate(changed, 1)]
    lines = (*rows, Line(" ", context, len(rows) + 1, len(rows) + 1))
    return Chunk(path, key=path, text=f"@@ {path}\n", tokens=1, hunks=(), lines=lines)


def placed(quote: str, *, path: str = "report.py", title: str = "It fails", body: str = "") -> Placed:
    return Placed(Finding(path, 1, None, quote, Severity.HIGH, "contract", 0.9, title, body), None)


PRICING = chunk("pricing.py", "def quote(parcel) -> Quote:")
OTHER = chunk("mail.py", "send(letter)", context="quote(parcel)")


def test_the_changed_definition_is_found() -> None:
    """`quote` is called in report.py and changed in pricing.py; a line that was only context there says nothing."""
    related = Related([PRICING, OTHER]).to(placed("sums += quote(parcel)"))
    assert [each.path for each in related] == ["pricing.py"]


def test_words_in_backticks_count() -> None:
    """What the finding names in its sentence counts like its code; its other words do not."""
    index = Related([chunk("store.py", "def next_label(day):"), chunk("mail.py", "letter = 1")])
    related = index.to(placed("x", body="`next_label` gives the letter twice"))
    assert [each.path for each in related] == ["store.py"]


def test_names_that_are_everywhere_say_nothing() -> None:
    chunks = [chunk(f"{at}.py", "logger = get()") for at in range(COMMON + 1)]
    assert Related(chunks).to(placed("logger.info(1)")) == ()


def test_only_other_files_and_only_a_few() -> None:
    chunks = [chunk("report.py", "quote(1)"), *(chunk(f"{at}.py", "quote(2)") for at in range(MOST + 2))]
    assert [each.path for each in Related(chunks).to(placed("quote(3)"))] == ["0.py", "1.py"]
