"""The library of examples: short changes with what to report about them, chosen by language and kind of change.

A file of `prompts/examples` is a head between two lines `---` (`language`, and `files`, which tell its code), then for
each example a line `## kind`, and rows and findings as the model sees and gives them. The most general comes first.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reviewer.core.errors import UsageError
from reviewer.core.types import Batch

GENERIC = "generic"  # the language of what no other file of the library tells
NOTHING = "nothing wrong"  # the kind that is always among the examples: an empty list is an answer
KINDS = ("guard removed", "contract changed", "async", "null", "state", "security", "test", NOTHING)
MOST_EXAMPLES = 3
DIGEST_LENGTH = 12  # hex digits
LONGEST_HEAD = 200  # characters of a row that are searched for a definition

_MOSTLY = 2  # times as many removed rows as added ones
_ROW = re.compile(r"\d+([-+])(.*)")
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_TEST = re.compile(r"(?:^|[/_.-])(?:tests?|specs?|__tests__)(?:[/_.-]|$)|[a-z0-9](?:Test|Tests|Spec)\.\w+$")
_DEFINITIONS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:def|func|fun|fn|function|class|interface|struct|trait|enum|table)\s+(?:\([^()]{0,100}\)\s*)?([\w.]+)",
        r"\b(?:const|let|var)\s+(\w+)\s*=\s*(?:async\s*)?(?:function\b|\()",
        r"^\s*(?:(?:public|protected|private|internal|static|abstract|virtual|override)\s+)+[^(=;]{0,80}?(\w+)\s*\(",
        r"^(?:[a-z_][\w:]*[ *&]+){1,5}([\w:~]+)\([^;]*$",  # C: a return type at the margin, and no call's semicolon
    )
)
_ASYNC = re.compile(
    r"\b(?:async|await|promise|goroutine|go func|chan|mutex|r?lock|locked|with_lock|synchronized|atomic|thread|threads"
    r"|suspend|spawn|tokio|asyncio|executor|semaphore|transaction|future|volatile|waitgroup)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Example:
    """One of the library. `files` tell its language: `.py` an ending, `dir/` a folder, anything else a whole name."""

    language: str
    kind: str
    text: str
    files: tuple[str, ...] = ()


def parse_examples(text: str) -> tuple[Example, ...]:
    """One file of the library. Raises UsageError with what is to be mended."""
    opening, _, rest = text.replace("\r\n", "\n").removeprefix("\ufeff").partition("---\n")
    head, closing, body = rest.partition("\n---\n")
    fields = dict(line.split(":", 1) for line in head.splitlines() if ":" in line)
    language = fields.pop("language", "").strip()
    files = tuple(fields.pop("files", "").split())
    if opening.strip() or not closing or not language or fields:
        raise UsageError("A file of examples begins with a head between two lines `---`: language and files.")
    if not files and language != GENERIC:
        raise UsageError(f"The examples for {language} lack `files`: name endings, folders/ or file names.")
    before, *parts = _HEADING.split(body)
    kinds, texts = [kind.strip() for kind in parts[::2]], [part.strip() for part in parts[1::2]]
    if before.strip() or NOTHING not in kinds:
        raise UsageError(f"The examples for {language} are parts `## kind`, one of them `## {NOTHING}`.")
    for kind, each in zip(kinds, texts, strict=True):
        if kind not in KINDS or kinds.count(kind) > 1:
            raise UsageError(f"The examples for {language} have the kind {kind!r}: write each once, of {list(KINDS)}.")
        if not each.startswith("@@ ") or "\n→ " not in each:
            raise UsageError(f"The example {kind!r} for {language} needs a line `@@ path`, rows and a line `→ …`.")
    return tuple(Example(language, kind, each, files) for kind, each in zip(kinds, texts, strict=True))


def digest_of(library: Sequence[Example]) -> str:
    """Tells two libraries apart. The prompt's version has to change with it: answers are kept under that."""
    parts = "\0".join("\0".join((each.language, each.kind, each.text, *each.files)) for each in library)
    return hashlib.sha256(parts.encode()).hexdigest()[:DIGEST_LENGTH]


def choose(library: Sequence[Example], batch: Batch) -> tuple[Example, ...]:
    """At most three, the last one with nothing wrong; () from an empty library.

    Those of the language with the most changed rows, by the kinds of change that the batch shows, then the most
    general; the generic ones stand in for a kind that the language has none of, and for a language that is not known.
    """
    rows = [(chunk.path, row) for chunk in batch.chunks for row in _changed(chunk.text)]
    language = _language(library, (path for path, _ in rows))
    pool = [each for each in library if each.language == language]
    spare = [each for each in library if each.language == GENERIC]
    kinds = _kinds({chunk.path for chunk in batch.chunks}, [row for _, row in rows])
    wanted = [_first(kind, pool) or _first(kind, spare) for kind in kinds]
    told = dict.fromkeys(each for each in [*wanted, *pool] if each and each.kind != NOTHING)
    nothing = _first(NOTHING, pool)
    return (*list(told)[: MOST_EXAMPLES - 1], *([nothing] if nothing else []))


def language_of(path: str, library: Sequence[Example]) -> str:
    """By folder (a migration is one in any language), else by the whole name, else by its ending; else generic."""
    return _told_by(path, {each.language: each.files for each in library})


def _told_by(path: str, files: Mapping[str, Sequence[str]]) -> str:
    *folders, name = path.split("/")
    tests: tuple[Callable[[str], bool], ...] = (
        lambda tell: tell.endswith("/") and tell[:-1] in folders,
        lambda tell: tell == name or (name.startswith(f"{tell}.") and not tell.startswith(".")),  # Dockerfile.dev
        lambda tell: tell.startswith(".") and name.lower().endswith(tell),
    )
    told = (language for test in tests for language, tells in files.items() if any(map(test, tells)))
    return next(told, GENERIC)


def _language(library: Sequence[Example], paths: Iterable[str]) -> str:
    """That of most of the changed rows; the generic one, prose and data, only where there is no other."""
    files = {each.language: each.files for each in library}
    known: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for path in paths:
        if path not in known:
            known[path] = _told_by(path, files)
        if known[path] != GENERIC:
            counts[known[path]] += 1
    return min(counts, key=lambda name: (-counts[name], name), default=GENERIC)


def _changed(text: str) -> Iterator[tuple[str, str]]:
    """(sign, row) of each changed row in a chunk's text."""
    for line in text.split("\n"):
        row = _ROW.match(line)
        if row:
            yield row[1], row[2]


def _kinds(paths: set[str], rows: Sequence[tuple[str, str]]) -> list[str]:
    """The kinds of change that can be told from the rows, the most telling first."""
    removed = [text for sign, text in rows if sign == "-"]
    added = [text for sign, text in rows if sign == "+"]
    old, new = _defined(removed), _defined(added)
    shown = {
        "test": bool(paths) and all(map(_TEST.search, paths)),
        "guard removed": len(removed) > _MOSTLY * len(added),
        "contract changed": any(name in new and texts != new[name] for name, texts in old.items()),
        "async": any(_ASYNC.search(text) for _, text in rows),
    }
    return [kind for kind, so in shown.items() if so]


def _defined(rows: Sequence[str]) -> dict[str, set[str]]:
    """The heads of what the rows define, by name: the same name with another head is a changed signature."""
    found: dict[str, set[str]] = {}
    for row in rows:
        head = row[:LONGEST_HEAD]
        match = next(filter(None, (pattern.search(head) for pattern in _DEFINITIONS)), None)
        if match:
            found.setdefault(match[1], set()).add(head.strip())
    return found


def _first(kind: str, examples: Sequence[Example]) -> Example | None:
    return next((each for each in examples if each.kind == kind), None)
