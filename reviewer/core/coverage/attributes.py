"""What a repository's .gitattributes say about generated and vendored files, by git's rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reviewer.core.coverage.wildmatch import compiled

GENERATED, VENDORED, LOCK_FILE = "generated", "vendored", "lock file"
_NAMES = {"linguist-generated": GENERATED, "linguist-vendored": VENDORED}
# What the word "not generated" takes back: GitHub's own list counts lock files among what is generated.
_MEANS = {GENERATED: frozenset({GENERATED, LOCK_FILE}), VENDORED: frozenset({VENDORED})}

_BLANK = " \t\r\n"
_ESCAPE = re.compile(r"((?:\\[0-3][0-7]{2})+)|\\(.)")
_LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


@dataclass(frozen=True, slots=True)
class _Rule:
    """A line: the folder it counts in ("" or "web/"), its pattern, and what it says of each name (None: nothing)."""

    folder: str
    pattern: re.Pattern[str]
    says: tuple[tuple[str, bool | None], ...]


@dataclass(frozen=True, slots=True)
class Attributes:
    """The rules of all files, the stronger ones later. Without any it says nothing of any path."""

    rules: tuple[_Rule, ...] = ()

    @classmethod
    def parse(cls, texts: Mapping[str, str]) -> Attributes:
        """From the texts of .gitattributes files by their paths (`.gitattributes`, `web/.gitattributes`).

        The deeper file wins, and in a file the later line. A line that git would not take says nothing.
        """
        folders = {path: path.rpartition("/")[0] for path in texts}
        ordered = sorted(texts, key=lambda path: folders[path].count("/") + bool(folders[path]))
        return cls(
            tuple(rule for path in ordered for rule in _rules(folders[path] and f"{folders[path]}/", texts[path]))
        )

    def generated(self, path: str) -> str:
        """Why nobody has to review the file: "generated (.gitattributes)", "vendored (.gitattributes)", or ""."""
        says = self._says(path)
        return next((f"{name} (.gitattributes)" for name in (GENERATED, VENDORED) if says.get(name)), "")

    def taken_back(self, path: str) -> frozenset[str]:
        """What the file is not, by its author's word, though its name may look so: "generated", "vendored", …"""
        says = self._says(path)
        return frozenset(each for name, means in _MEANS.items() if says.get(name) is False for each in means)

    def _says(self, path: str) -> dict[str, bool | None]:
        found: dict[str, bool | None] = {}
        for rule in self.rules:
            if path.startswith(rule.folder) and rule.pattern.fullmatch(path, len(rule.folder)):
                found.update(rule.says)
        return found


def _rules(folder: str, text: str) -> Iterator[_Rule]:
    for line in text.removeprefix("\ufeff").split("\n"):
        pattern, states = _parted(line.strip(_BLANK))
        says = tuple(known for state in states for known in _said(state))
        if says and not pattern.startswith("!") and (matcher := compiled(pattern)):
            yield _Rule(folder, matcher, says)


def _parted(line: str) -> tuple[str, list[str]]:
    """The pattern of a line and its attributes; none for a comment and a macro's definition."""
    if not line or line.startswith(("#", "[attr]")):
        return "", []
    if not line.startswith('"'):
        pattern, *states = line.split()
        return pattern, states
    quoted = re.match(r'"((?:[^"\\]|\\.)*)"', line)
    return (_ESCAPE.sub(_plain, quoted[1]), line[quoted.end() :].split()) if quoted else ("", [])


def _plain(escape: re.Match[str]) -> str:
    """The characters that git writes with a backslash in quoted names, bytes above ASCII included."""
    if escape[1]:
        return bytes(int(code, 8) for code in escape[1].split("\\")[1:]).decode(errors="replace")
    return _LETTERS.get(escape[2], escape[2])


def _said(state: str) -> Iterator[tuple[str, bool | None]]:
    """`linguist-generated`, `-…`, `!…`, `…=false`; `!` says that the lines before do not count."""
    name, equals, value = state.lstrip("-!").partition("=")
    if name in _NAMES and len(state) - len(state.lstrip("-!")) <= 1:
        if state.startswith("!"):
            yield _NAMES[name], None
        else:
            yield _NAMES[name], not (state.startswith("-") or (equals and value.lower() == "false"))
