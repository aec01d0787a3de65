"""A reviewer that finds every planted defect that it is shown, and says it in other words in every answer."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from world_servers import tokens

from reviewer.standin.model import StandInModel, claims_in


class Kind(NamedTuple):
    """A kind of defect: its line, the categories that a model may call it, and what may be said of it."""

    line: str
    categories: tuple[str, ...]
    said: tuple[tuple[str, str], ...]  # titles and bodies


KINDS = (
    Kind(
        "risk_{n} = open(path_{n})",
        ("state", "performance"),
        (
            ("`risk_{n}` is never closed", "The file handle stays open when this function {returns} or raises."),
            ("File handle leak", "`open(path_{n})` is called without a context manager: the descriptor leaks."),
            (
                "Opened file is not closed {on_errors}",
                "Use `with open(path_{n})` so that the file is closed even then.",
            ),
            ("Resource leak: `open` without `with`", "Nobody closes the descriptor that `risk_{n}` holds."),
            ("The descriptor of `path_{n}` leaks", "Close the file, or open it in a `with` block."),
        ),
    ),
    Kind(
        "risk_{n} = total_{n} / count_{n}",
        ("logic", "null"),
        (
            ("Division by zero", "When `count_{n}` is 0 this {raises} a `ZeroDivisionError`."),
            ("`count_{n}` may be zero", "Nothing checks the divisor, so an empty input {raises} an exception here."),
            ("Unchecked divisor `count_{n}`", "Guard against zero before dividing `total_{n}` by it."),
            ("ZeroDivisionError {on_errors}", "The quotient is computed although the count can be zero."),
            ("`total_{n} / count_{n}` fails for empty input", "Divide only when there is something to count."),
        ),
    ),
    Kind(
        "risk_{n} = rows_{n}[0]",
        ("null", "logic"),
        (
            ("IndexError when `rows_{n}` is empty", "The first element is taken without checking that there is one."),
            ("First row is read unchecked", "An empty result {raises} an `IndexError` in this line."),
            ("`rows_{n}[0]` may be out of range", "Check the length before indexing, or handle no rows."),
            ("Empty list is not handled", "If the query finds nothing, `rows_{n}` has no element 0 and this {raises}."),
            ("Missing check for no rows", "Indexing `rows_{n}` at 0 assumes that at least one row {returns}."),
        ),
    ),
    Kind(
        "risk_{n} = db.execute('select * from t where id = ' + key_{n})",
        ("security",),
        (
            ("SQL injection", "`key_{n}` is concatenated into the statement; use a bound parameter."),
            ("Query is built from user input", "Whoever controls `key_{n}` can change the SQL that is executed."),
            ("Unsafe string concatenation in SQL", "Pass `key_{n}` as a parameter instead of adding it to the text."),
            ("`key_{n}` goes unescaped into the query", "This allows injection {on_errors}: bind the value."),
            ("Injection through `key_{n}`", "The statement text must not contain data; use placeholders."),
        ),
    ),
    Kind(
        "risk_{n} = find_{n}(key).value",
        ("null", "contract"),
        (
            ("`find_{n}` may return None", "Its result is dereferenced without a check: AttributeError."),
            ("Possible None dereference", "When nothing is found, `.value` {raises} an `AttributeError`."),
            ("Missing None check", "`find_{n}(key)` {returns} None for an unknown key, and `.value` then fails."),
            ("Unknown keys crash here", "Handle the case that `find_{n}` finds nothing before reading `.value`."),
            ("Result of `find_{n}` is used unchecked", "It is optional; reading an attribute of None {raises}."),
        ),
    ),
    Kind(
        "risk_{n} = cache.setdefault(name_{n}, [])",
        ("concurrency", "state"),
        (
            ("Race on the shared cache", "Two threads may {change} the entry of `name_{n}` at the same time."),
            ("`cache` is changed without a lock", "Concurrent callers {change} the list of `name_{n}` unprotected."),
            ("Not thread-safe", "The shared list under `name_{n}` needs a lock around its updates."),
            ("Unsynchronised access to `cache`", "Another thread can {change} the same list meanwhile."),
            ("Data race: entry `name_{n}`", "Protect the cache with a lock, or copy the list."),
        ),
    ),
)

SYNONYMS = {
    "returns": ("returns", "comes back", "ends"),
    "raises": ("raises", "throws", "fails with"),
    "on_errors": ("on the error path", "when something fails", "if an exception occurs"),
    "change": ("change", "modify", "mutate"),
}
WIDER, OFF, OTHER = 0.15, 0.15, 0.3  # how often the quote is wider, the line number off by one, the category another
ENDINGS = ("", " This happens in production too.", " Please fix it before merging.", " A test would show it.")
DEFECT = re.compile(r"\brisk_(\d+) = ")
_SHOWN = re.compile(r"^(\d+)\+\s*risk_(\d+) = .*$", re.MULTILINE)


def line_of(defect: int) -> str:
    return KINDS[defect % len(KINDS)].line.format(n=defect)


def defects_in(text: str) -> set[int]:
    return {int(number) for number in DEFECT.findall(text)}


class Rewording(StandInModel):
    """Answers by what it is shown. `files` are the files at the head, to know names and neighbouring lines by.

    What it says of a defect depends on the seed and on how often it was asked, not on the order of other answers.
    """

    def __init__(self, seed: int) -> None:
        super().__init__(count=tokens().count)
        self.seed = seed
        self.files: Mapping[str, str] = {}
        self._said: Counter[int] = Counter()

    def told(self, function: str, text: str) -> dict[str, Any]:
        if function == "confirm_findings":
            return {"verdicts": [self._holds(claim) for claim in claims_in(text)]}
        shown = {int(defect) for _, defect in _SHOWN.findall(text)}
        return {"findings": [self._found(defect, *place) for defect, place in sorted(self._places(shown))]}

    def _places(self, shown: Iterable[int]) -> list[tuple[int, tuple[str, list[str], int]]]:
        wanted = set(shown)
        return [
            (int(found[1]), (path, rows, at))
            for path, text in self.files.items()
            for rows in [text.split("\n")]
            for at, row in enumerate(rows)
            if (found := DEFECT.search(row)) and int(found[1]) in wanted
        ]

    def _found(self, defect: int, path: str, rows: Sequence[str], at: int) -> dict[str, Any]:
        """Its lines are numbered from `at` on, 0-based; now and then the number or the width of the quote is off."""
        kind = KINDS[defect % len(KINDS)]
        self._said[defect] += 1
        rng = random.Random(f"{self.seed} {defect} {self._said[defect]}")
        title, body = kind.said[(self.seed + defect + self._said[defect]) % len(kind.said)]
        words = {"n": defect, **{name: rng.choice(choices) for name, choices in SYNONYMS.items()}}
        wider = rng.random() < WIDER
        first, last = (at - 1, at) if wider and rng.random() < 0.5 else (at, at + wider)
        off = rng.choice((-1, 1)) if rng.random() < OFF else 0
        return {
            "path": path,
            "line": first + 1 + off,
            "end_line": last + 1 + off if wider and rng.random() < 0.5 else None,
            "quote": "\n".join(rows[first : last + 1]),
            "severity": rng.choice(("medium", "medium", "medium", "high")),
            "category": rng.choice(kind.categories) if rng.random() < OTHER else kind.categories[0],
            "confidence": rng.choice((0.75, 0.8, 0.9)),
            "title": title.format(**words),
            "body": body.format(**words) + rng.choice(ENDINGS),
            "suggestion": None,
        }

    def _holds(self, claim: Mapping[str, Any]) -> dict[str, Any]:
        """A claim holds while the defect that it quotes is there."""
        here = defects_in("\n".join(self.files.values()))
        quoted = defects_in(json.dumps(claim))
        return {"id": claim["id"], "holds": not quoted or bool(quoted & here), "reason": "looked at the code"}
