"""The kinds of secrets that are guesses: by the name beside a value, or by nothing but how random it looks."""

from __future__ import annotations

ASSIGNED = "assigned-secret"  # `password = "…"`
IN_URL = "url-password"  # scheme://user:…@host
PRIVATE_KEY = "private-key"
POSSIBLE = "possible-secret"  # the same, where name or value leave room for doubt
RANDOM = "random-string"

# A rule set's own guesses: they too look at the name beside a value.
_GENERIC = ("generic", "password", "curl-auth", "keyword", "kubernetes-secret")


def is_certain(kind: str) -> bool:
    """Whether the value's own form says that it is a secret."""
    return kind not in {ASSIGNED, IN_URL, POSSIBLE, RANDOM} and not any(word in kind for word in _GENERIC)


def is_ours(kind: str) -> bool:
    """Whether it comes from a shape of ours and not from a rule set."""
    return kind in {ASSIGNED, IN_URL, POSSIBLE, PRIVATE_KEY, RANDOM}


def is_silent(kind: str) -> bool:
    """Whether it is cut out only to be on the safe side: nobody is told of it, because that blocks a merge."""
    return kind not in {ASSIGNED, IN_URL} and not is_certain(kind)
