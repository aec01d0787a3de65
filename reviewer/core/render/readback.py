"""Reads our own comments back: the findings that they name, in the words that they had before they were rendered.

Marks, severity, category and title come back as they went in; a body comes back to the eye the same. What is not in our
form gives what can be read of it, and the names by their marks in any case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from reviewer.core.render.words import FINDING_MARK, RUN_MARK, STATE_MARK
from reviewer.core.types import Severity, Told

_ALONG = re.compile(r"The same in [\d,]+ more places?\b")  # see `elsewhere`
_FOLD = re.compile(r"<details><summary>([^<]*)</summary>")
_PLACE = re.compile(r"`([^`\n]+)`|the pull request")
_LINE = re.compile(r":\d+$")
_SPAN = re.compile(r"`[^`\n]*`")
_BREAK = "\u200b"  # put in by `harmless`, which lets none of a stranger's through
_ESCAPE = re.compile(r"(?<=!)\\(?=\[)|(?<=\])\\(?=[(\[:])")
_COMMAND = re.compile(r"([\s>*+\-#|_~\\]*+(?:\d{1,9}[.)][\s>*+\-#|_~\\]*+)?)(?=[/!]\w)")  # as `harmless` finds it
_DELIMITER = frozenset(" \t>*+|:.)-0123456789\\")
_CUT = "… cut: GitHub takes no longer text here."


def comment_told(text: str) -> tuple[Told, ...]:
    """A Told for each finding mark of an inline comment, in their order.

    The first is what the comment is about. The others are the same pattern elsewhere, and have their own `path` where
    the comment lists as many places.
    """
    names = _names(text)
    if not names:
        return ()
    first, *rest = _block(_lines(text), names, placed=False)
    return (replace(first, path=""), *rest)


def review_told(text: str) -> tuple[Told, ...]:
    """A Told for each finding mark of a review's body; only its name where the words do not tell which is which."""
    names, blocks = _names(text), _blocks(_lines(text))
    places = [_without_places(_parts(block))[1] for block in blocks]
    if len(names) == len(blocks):
        return tuple(told for name, block in zip(names, blocks, strict=True) for told in _block(block, [name]))
    if len(names) != len(blocks) + sum(map(len, places)):
        return tuple(map(Told, names))
    left, told = iter(names), []
    for block, along in zip(blocks, places, strict=True):
        told += _block(block, [next(left) for _ in range(1 + len(along))])
    return tuple(told)


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(FINDING_MARK.findall(text)))


def _lines(text: str) -> list[str]:
    for mark in (FINDING_MARK, RUN_MARK, STATE_MARK):
        text = mark.sub("", text)
    return [line for line in text.replace("\r\n", "\n").strip().split("\n") if line != _CUT]


def _blocks(lines: Sequence[str]) -> list[list[str]]:
    """The findings that a review's body lists, each from its headline on."""
    blocks: list[list[str]] = []
    for line, code in _coded(lines):
        if not code and _headline(line):
            blocks.append([])
        if blocks:
            blocks[-1].append(line)
    return blocks


def _block(lines: Sequence[str], names: Sequence[str], *, placed: bool = True) -> list[Told]:
    """What one finding's text says, for each of the names that it speaks of. `placed`: it says where it is."""
    parts = _parts(lines)
    main, places = _without_places(parts)
    if len(places) != len(names) - 1:  # a stranger's words that read like our list, or a form that is not ours
        main, places = parts[""], [""] * (len(names) - 1)
    head = _headline(main[0]) if main else None
    severity, category, title = head or (None, "", "")
    main = main[1:] if head else main
    path, main = _where(main) if placed else ("", main)
    body = _as_said("\n".join([*main, "", *_without_facts(parts.get("Details", ()))]))
    first = Told(names[0], path, severity=severity, category=category, title=title, body=body)
    return [first, *(replace(first, name=name, path=place) for name, place in zip(names[1:], places, strict=True))]


def _headline(line: str) -> tuple[Severity, str, str] | None:
    """Severity, category, title."""
    dot, _, rest = line.partition(" **")
    word, _, rest = rest.partition("** · ")
    category, _, title = rest.partition(" — **")
    if not dot or " " in dot or not title.endswith("**") or word not in {each.word for each in Severity}:
        return None
    return Severity.parse(word), _plain(category), _plain(title[:-2])


# --- parts of a comment -------------------------------------------------------------------------------------------


def _coded(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it belongs to a code block: our fences stand at the margin."""
    fence = ""
    for line in lines:
        run = line[: len(line) - len(line.lstrip("`"))]
        yield line, bool(fence) or len(run) >= 3
        if fence:
            fence = "" if line == fence else fence
        elif len(run) >= 3:
            fence = run


def _parts(lines: Sequence[str]) -> dict[str, list[str]]:
    """What stands open, under "", and what is folded, under its summary; without the suggested fix."""
    parts: dict[str, list[str]] = {"": []}
    where = fix = ""
    for line, code in _coded(lines):
        if fix:
            fix = "" if line == fix else fix
        elif code and line.endswith("`suggestion") and not line.strip("`").removeprefix("suggestion"):
            fix = line.removesuffix("suggestion")
        elif not code and (fold := _FOLD.fullmatch(line)):
            where = fold[1]
            parts.setdefault(where, [])
        elif not code and line == "</details>":
            where = ""
        else:
            parts[where].append(line)
    return parts


def _without_facts(lines: Sequence[str]) -> list[str]:
    """Without the last paragraph, which says how sure we were, and the finding's id."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    ours = end > 0 and lines[end - 1].startswith("confidence ") and " · id `" in lines[end - 1]
    return list(lines[: end - 1] if ours else lines[:end])


def _where(lines: Sequence[str]) -> tuple[str, list[str]]:
    """The path of a finding in a review's body, and the lines after it."""
    at = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
    found = _PLACE.match(lines[at]) if at < len(lines) else None
    if found is None:
        return "", list(lines)
    return _path(found), list(lines[at + 1 :])


def _path(place: re.Match[str]) -> str:
    return _LINE.sub("", place[1] or "")


def _without_places(parts: Mapping[str, list[str]]) -> tuple[list[str], list[str]]:
    """What stands open without the sentence that ends it: the same elsewhere; and the paths in that, folded or not."""
    main = list(parts[""])
    while main and not main[-1].strip():
        main.pop()
    listed = "\n".join(line for name, lines in parts.items() if _ALONG.match(name) for line in lines)
    if not listed and main and (found := _ALONG.match(main[-1])):
        listed = main.pop()[found.end() :]
    return main, [_path(place) for place in _PLACE.finditer(listed)]


# --- words --------------------------------------------------------------------------------------------------------


def _as_said(text: str) -> str:
    """Prose and code as they were before `harmless`, as far as that can be told."""
    lines = [line if code else _plain(line) for line, code in _coded(text.split("\n"))]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _plain(line: str) -> str:
    parts, end = [], 0
    for span in _SPAN.finditer(line):
        parts += [_words(line[end : span.start()]), span.group()]
        end = span.end()
    text = "".join([*parts, _words(line[end:])])
    if "-" in text and _DELIMITER.issuperset(text):
        text = text.replace("\\|", "|").replace("\\:", ":")
    command = _COMMAND.match(text)
    return command[1].removesuffix("\\") + text[command.end() :] if command else text


def _words(text: str) -> str:
    return _ESCAPE.sub("", text.replace(_BREAK, "")).replace("&lt;", "<").replace("&amp;", "&")
