"""Made-up histories of a pull request: files with planted defects, and pushes that do to them what people do."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field

from pushes_words import defects_in, line_of

FIRST_DEFECTS = 5
FILES = ("app/store.py", "app/report.py", "app/jobs.py")


@dataclass
class File:
    """A file at the head. `origin` is its name on the base branch, "" where it is new."""

    origin: str
    header: list[str]
    functions: list[list[str]]

    @property
    def text(self) -> str:
        return "\n\n\n".join("\n".join(part) for part in [self.header, *self.functions]) + "\n"


@dataclass(frozen=True)
class Push:
    """`onto`: "tip" of the branch, "before" it (an amended commit), or "base" (squashed, rebased)."""

    did: str
    files: dict[str, str]
    onto: str = "tip"
    base: dict[str, str] = field(default_factory=dict)  # what is pushed to the base branch first


class Story:
    """Draws pushes; `files` is what stands at the head."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self._names = 0
        self._defects = 0
        self._waiting: dict[str, File] | None = None  # what a revert has taken away
        self.base = {path: self._file(path) for path in FILES[:2]}
        self.head = deepcopy(self.base)
        self.head[FILES[2]] = self._file("")
        for _ in range(FIRST_DEFECTS):
            self.add()
        self.opened = self.files
        self._history = [deepcopy(self.head)]

    @property
    def files(self) -> dict[str, str]:
        return {path: file.text for path, file in self.head.items()}

    @property
    def defects(self) -> set[int]:
        return defects_in("\n".join(self.files.values()))

    def pushes(self, count: int) -> Iterator[Push]:
        for nth in range(count):
            yield self._push(last=nth == count - 1)

    def _push(self, *, last: bool) -> Push:
        if self._waiting is not None:
            self.head, self._waiting = self._waiting, None
            return self._made("bring back")
        if not last and len(self._history) > 1 and self.rng.random() < 0.12:
            self._waiting, self.head = self.head, deepcopy(self._history[-2])
            return Push("revert", self.files)
        changes: list[Callable[[], str]] = [
            self.insert,
            self.insert,
            self.near,
            self.near,
            self.rename,
            self.move,
            self.fix,
            self.add,
        ]
        did = [change() for change in self.rng.sample(changes, self.rng.choice((1, 1, 2)))]
        how = self.rng.random()
        if how < 0.12:
            return self._made(*did, "amend", onto="before")
        if how < 0.24:
            return self._made(*did, "squash", onto="base")
        if how < 0.40:
            return self._made(*did, "rebase", onto="base", base=self._rebase())
        return self._made(*did)

    def _made(self, *did: str, onto: str = "tip", base: dict[str, str] | None = None) -> Push:
        self._history.append(deepcopy(self.head))
        return Push(" + ".join(filter(None, did)), self.files, onto, base or {})

    # --- what people do to the code -----------------------------------------------------------------------------

    def insert(self) -> str:
        """Lines above a function, or above a defect in it."""
        function = self._some_function()
        at = self.rng.randrange(1, len(function))
        function[at:at] = [self._filler() for _ in range(self.rng.randint(1, 6))]
        return f"insert in {function[0]}"

    def near(self) -> str:
        """The line beside a defect is another one."""
        places = [(f, at) for f in self._functions() for at, row in enumerate(f) if defects_in(row)]
        if not places:
            return ""
        function, at = self.rng.choice(places)
        beside = at + self.rng.choice((-1, 1))
        if not 0 < beside < len(function) - 1 or defects_in(function[beside]):
            return ""
        function[beside] = self._filler()
        return f"edit beside {defects_in(function[at])}"

    def rename(self) -> str:
        path = self.rng.choice(sorted(self.head))
        new = f"{self.rng.choice(('app', 'lib'))}/part_{self._number()}.py"
        self.head[new] = self.head.pop(path)
        return f"rename {path} {new}"

    def move(self) -> str:
        """A function goes to the end of another file."""
        path, other = self.rng.sample(sorted(self.head), 2)
        if len(self.head[path].functions) < 2:
            return ""
        function = self.head[path].functions.pop(self.rng.randrange(len(self.head[path].functions)))
        self.head[other].functions.append(function)
        return f"move {function[0]} with {defects_in(chr(10).join(function)) or 'nothing'} {path} {other}"

    def fix(self) -> str:
        places = [(f, at) for f in self._functions() for at, row in enumerate(f) if defects_in(row)]
        if not places:
            return ""
        function, at = self.rng.choice(places)
        gone = defects_in(function[at])
        function[at : at + 1] = [self._filler()] if self.rng.random() < 0.6 else []
        return f"fix {gone}"

    def add(self) -> str:
        """Never beside another one: then a comment's lines tell which it is about."""
        function = self._some_function()
        places = [at for at in range(2, len(function)) if not defects_in("\n".join(function[max(0, at - 2) : at + 2]))]
        if not places:
            return ""
        self._defects += 1
        function.insert(self.rng.choice(places), f"    {line_of(self._defects)}")
        return f"add {self._defects}"

    def _rebase(self) -> dict[str, str]:
        """The base branch has gone on, in a file of its own or in one that the pull request changes."""
        path = self.rng.choice(sorted(self.base))
        line = f"import base_{self._number()}"
        self.base[path].header.append(line)
        for file in self.head.values():
            if file.origin == path:
                file.header.append(line)
        return {path: self.base[path].text, f"other/{self._number()}.py": f"{self._filler().strip()}\n"}

    # --- pieces -------------------------------------------------------------------------------------------------

    def _number(self) -> int:
        self._names += 1
        return self._names

    def _filler(self) -> str:
        number = self._number()
        return f"    {self.rng.choice(('step', 'part', 'item'))}_{number} = prepare(key, {number})"

    def _file(self, origin: str) -> File:
        functions = [
            [
                f"def work_{self._number()}(key):",
                *(self._filler() for _ in range(self.rng.randint(6, 14))),
                "    return key",
            ]
            for _ in range(self.rng.randint(2, 4))
        ]
        return File(origin, [f"import part_{self._number()}"], functions)

    def _functions(self) -> list[list[str]]:
        return [function for _, file in sorted(self.head.items()) for function in file.functions]

    def _some_function(self) -> list[str]:
        return self.rng.choice(self._functions())
