"""Orders chunks by how much a defect there would cost, for when a budget does not reach for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

from reviewer.core.types import Chunk, Line

# What a file is, by its name: a defect in code costs more than one in a test, and that more than one in prose.
SOURCE, CONFIG, TEST, PROSE = 100, 60, 30, 10
GRAVE_PATH, GRAVE_CODE, GUARD_GONE = 60, 25, 20
MOST_CODE, MOST_GUARDS, MOST_SIZE = 75, 40, 30  # what code, guards and size can add at most
SAMPLE = 400  # changed lines of a chunk that are looked at, and characters of each

_TEST = re.compile(
    r"(?:^|/)(?:tests?|specs?|__tests__|testing|fixtures?|e2e)/|(?:^|[/_.-])(?:test|spec)s?[_.-]|_test\.\w+$"
)
_PROSE = re.compile(
    r"(?:^|/)(?:docs?|examples?|licenses?)/|\.(?:md|mdx|rst|txt|adoc|po|pot|svg|csv|tsv|snap|ipynb)$"
    r"|(?:^|/)(?:license|changelog|changes|authors|notice|readme)(?:\.\w+)?$"
)
_CONFIG = re.compile(r"\.(?:json|ya?ml|toml|ini|cfg|conf|properties|xml|css|scss|less|html?|lock|env)$")

# Where a defect lets somebody in, loses money or data, or runs what should not run.
_GRAVE = re.compile(
    r"auth(?!or)|log_?in\b|login|session|token|permission|passw|secret|credential|crypt|payment|billing|invoice|refund"
    r"|migrat|\bsql|admin|deseriali[sz]|pickle|\bexec|\beval\b|subprocess|shell=|sudo|oauth|jwt|csrf|sanitiz|escape",
    re.IGNORECASE,
)
# One of these is in all that the pattern above finds.
_STEMS = (
    *("auth", "login", "log_in", "session", "token", "permission", "passw", "secret", "credential", "crypt", "payment"),
    *("billing", "invoice", "refund", "migrat", "sql", "admin", "deseriali", "pickle", "exec", "eval", "subprocess"),
    *("shell=", "sudo", "jwt", "csrf", "sanitiz", "escape"),
)
_GRAVE_FILE = re.compile(
    r"^\.github/(?:workflows|actions)/|(?:^|/)(?:dockerfile|jenkinsfile|\.gitlab-ci\.yml|docker-compose\.ya?ml)"
    r"|\.(?:sql|tf|hcl|sh|bash|ps1)$"
)
_GUARD = re.compile(
    r"\b(?:if|unless|assert|raise|throw|guard|require|ensure|check\w*|valid\w*|verify\w*|except|catch)\b"
)


def risk(path: str, chunk: Chunk) -> int:
    """A number that is larger the more a defect in this chunk would cost; it means nothing by itself.

    What the file is counts first, then names that stand for access, money, data or running code, then guards that are
    gone, then the size of the change.
    """
    kind, base = _standing(path)
    size = min(MOST_SIZE, sum(line.kind != " " for line in chunk.lines) // 10)
    if kind == PROSE:
        return PROSE + size // 10
    changed = list(islice((line for line in chunk.lines if line.kind != " "), SAMPLE))
    added = min(MOST_CODE, GRAVE_CODE * _graves(changed)) + min(MOST_GUARDS, GUARD_GONE * _guards_gone(changed)) + size
    return base + (added // 4 if kind == TEST else added)


def risks(chunks: Sequence[Chunk]) -> list[int]:
    """The risk of each."""
    return [risk(chunk.path, chunk) for chunk in chunks]


def within(
    chunks: Sequence[Chunk], tokens: int, known: Sequence[int] | None = None
) -> tuple[tuple[Chunk, ...], tuple[Chunk, ...]]:
    """The chunks that fit into so many tokens, the riskiest first, and those left out; both in the order given.

    The chunks of a hunk are taken all or none, as a hunk counts as reviewed only with all of them; of one that is
    larger than all the tokens there are, as many as fit. What does not fit any more is left out, and smaller ones after
    it may still fit. Of equal risks the first goes first. `known` are the chunks' risks, where somebody has them.
    """
    risk_of = risks(chunks) if known is None else known
    kept: set[int] = set()
    for group in sorted(_groups(chunks, tokens), key=lambda group: (-max(risk_of[at] for at in group), group[0])):
        cost = sum(chunks[at].tokens for at in group)
        if cost <= tokens:
            kept.update(group)
            tokens -= cost
    return (
        tuple(chunk for at, chunk in enumerate(chunks) if at in kept),
        tuple(chunk for at, chunk in enumerate(chunks) if at not in kept),
    )


def _groups(chunks: Sequence[Chunk], tokens: int) -> Iterator[list[int]]:
    """What is taken all or none, by places."""
    by_hunk: dict[object, list[int]] = {}
    for at, chunk in enumerate(chunks):
        by_hunk.setdefault(chunk.hunks or at, []).append(at)
    for group in by_hunk.values():
        if sum(chunks[at].tokens for at in group) <= tokens:
            yield group
        else:
            yield from ([at] for at in group)


def _graves(changed: Sequence[Line]) -> int:
    """How many of the lines have grave names, at most as many as count."""
    all_of_it = "\n".join([line.text[:SAMPLE] for line in changed]).lower()
    stems = [stem for stem in _STEMS if stem in all_of_it]  # nearly always few: much quicker than the pattern
    found = 0
    if stems:
        for text in all_of_it.split("\n"):
            if any(stem in text for stem in stems) and _GRAVE.search(text):
                found += 1
                if found * GRAVE_CODE >= MOST_CODE:
                    break
    return found


def _guards_gone(changed: Sequence[Line]) -> int:
    """How many more lines with guards are gone than came."""
    gone = sum(_GUARD.search(line.text[:SAMPLE]) is not None for line in changed if line.kind == "-")
    came = sum(_GUARD.search(line.text[:SAMPLE]) is not None for line in changed if line.kind == "+") if gone else 0
    return max(0, gone - came)


def riskiest(paths: Sequence[str], most: int) -> tuple[str, ...]:
    """The `most` files, by their names alone, in which a defect would cost most; in the order given."""
    order = sorted(range(len(paths)), key=lambda at: (-_standing(paths[at])[1], at))
    return tuple(paths[at] for at in sorted(order[:most]))


@lru_cache(maxsize=4096)
def _standing(path: str) -> tuple[int, int]:
    """What a file is, and what its name says a defect in it costs."""
    name = path.lower()
    if _GRAVE_FILE.search(name):
        return SOURCE, SOURCE + GRAVE_PATH
    kind = _kind(name)
    return kind, kind + (GRAVE_PATH if kind in {SOURCE, CONFIG} and _GRAVE.search(name) else 0)


def _kind(name: str) -> int:
    if _TEST.search(name):
        return TEST
    if _PROSE.search(name):
        return PROSE
    return CONFIG if _CONFIG.search(name) else SOURCE
