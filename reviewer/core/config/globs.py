"""The globs of the configuration: those of .gitignore, plus `{a,b}`, minus what could take for ever."""

from __future__ import annotations

import re
from functools import lru_cache

from pathspec import GitIgnoreSpec

_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")
_STARS = re.compile(r"\*+")
# A glob becomes a regular expression that tries all the ways to share a path out among its stars, and the author of a
# pull request chooses the path: with three stars and 1,024 characters that is 0.15 s, with 4,096 characters 9 s.
_MOST_STARS = 3  # in one name between slashes, and of `**`
_LONGEST_PATH = 1_024
_MOST_ALTERNATIVES = 64  # `{a,b}{a,b}…` doubles with each pair


@lru_cache(maxsize=1_024)  # a glob of a file is checked, and then written out
def alternatives(glob: str) -> tuple[str, ...]:
    """`*.{c,h}` -> `*.c`, `*.h`; in their order. Raises ValueError with a sentence for a glob that cannot be used."""
    done: list[str] = []
    waiting = [glob]
    while waiting:
        current = waiting.pop()
        braces = _BRACES.search(current)
        if braces is None:
            done.append(_usable(current))
        else:
            before, after = current[: braces.start()], current[braces.end() :]
            waiting += [before + choice + after for choice in reversed(braces[1].split(","))]
        if len(done) + len(waiting) > _MOST_ALTERNATIVES:
            raise ValueError(f"a glob with at most {_MOST_ALTERNATIVES} alternatives in braces")
    return tuple(done)


def matches(path: str, glob: str) -> bool:
    """Whether `path` (from the root of the repository, with `/`) fits `glob`; a glob without `/` fits at any depth.

    A path over 1,024 characters fits none.
    """
    return len(path) <= _LONGEST_PATH and _spec(glob).match_file(path)


@lru_cache(maxsize=1_024)  # the same few globs are tried on every chunk
def _spec(glob: str) -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines(alternatives(glob))


def _usable(glob: str) -> str:
    names = glob.split("/")
    if names.count("**") > _MOST_STARS or any(len(_STARS.findall(name)) > _MOST_STARS for name in names):
        raise ValueError(f"a glob with at most {_MOST_STARS} stars between two slashes and {_MOST_STARS} times `**`")
    try:
        GitIgnoreSpec.from_lines([glob])
    except (ValueError, re.error):  # `!` is the one, `[z-a]` the other
        raise ValueError("a glob as in .gitignore") from None
    return glob
