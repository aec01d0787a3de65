"""Orders chunks by how much a defect there would cost, for when a budget does not reach for all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reviewer.core.types import Chunk

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
    changed = [line for line in chunk.lines if line.kind != " "]
    texts = [(line.kind, line.text[:SAMPLE]) for line in changed[:SAMPLE]]
    kind, base = _standing(path)
    if kind == PROSE:
        return PROSE + min(MOST_SIZE, len(changed) // 10) // 10
    grave = sum(_GRAVE.search(text) is not None for _, text in texts)
    guards = sum((-1 if sign == "+" else 1) for sign, text in texts if _GUARD.search(text))
    size = min(MOST_SIZE, len(changed) // 10)
    added = min(MOST_CODE, GRAVE_CODE * grave) + max(0, min(MOST_GUARDS, GUARD_GONE * guards)) + size
    return base + (added // 4 if kind == TEST else added)


def within(chunks: Sequence[Chunk], tokens: int) -> tuple[tuple[Chunk, ...], tuple[Chunk, ...]]:
    """The chunks that fit into so many tokens, the riskiest first, and those left out; both in the order given.

    A chunk that does not fit any more is left out, and smaller ones after it may still fit. Of equal risks the first
    goes first.
    """
    order = sorted(range(len(chunks)), key=lambda at: (-risk(chunks[at].path, chunks[at]), at))
    kept: set[int] = set()
    for at in order:
        if chunks[at].tokens <= tokens:
            kept.add(at)
            tokens -= chunks[at].tokens
    return (
        tuple(chunk for at, chunk in enumerate(chunks) if at in kept),
        tuple(chunk for at, chunk in enumerate(chunks) if at not in kept),
    )


def riskiest(paths: Sequence[str], most: int) -> tuple[str, ...]:
    """The `most` files, by their names alone, in which a defect would cost most; in the order given."""
    order = sorted(range(len(paths)), key=lambda at: (-_standing(paths[at])[1], at))
    return tuple(paths[at] for at in sorted(order[:most]))


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
