"""Reads the house's own source as syntax trees: what each file imports, uses and weighs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Module:
    """One Python file; `name` is its dotted name from the top of the repository: `reviewer.core.gate`."""

    path: Path
    name: str

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=str(self.path))

    @cached_property
    def lines(self) -> int:
        return len(self.text.splitlines())

    @cached_property
    def imports(self) -> frozenset[str]:
        """Every name that the file imports, as written: `from reviewer import review` is `reviewer.review`."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.name} imports relatively: write the whole name"
                found.update(self._from(node))
        return frozenset(found)

    def _from(self, node: ast.ImportFrom) -> Iterator[str]:
        """`from package import module` reaches the module, `from module import name` the module alone."""
        assert node.module
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            yield inner if inner in names() else node.module

    @property
    def ours(self) -> frozenset[str]:
        """What is imported of ours; the bare `reviewer`, which holds the version, is everybody's."""
        return frozenset(name for name in self.imports if name.startswith("reviewer."))

    @property
    def libraries(self) -> frozenset[str]:
        """The top names of what is not ours."""
        return frozenset(name.split(".")[0] for name in self.imports) - {"reviewer"}

    @property
    def calls(self) -> frozenset[str]:
        """Every plain name that is called: `open`, not `file.open`."""
        calls = (node.func for node in ast.walk(self.tree) if isinstance(node, ast.Call))
        return frozenset(name.id for name in calls if isinstance(name, ast.Name))

    def uses(self, name: str) -> frozenset[str]:
        """The attributes that are taken of a plain name: `maxsize` of `sys`."""
        taken = (node for node in ast.walk(self.tree) if isinstance(node, ast.Attribute))
        return frozenset(node.attr for node in taken if isinstance(node.value, ast.Name) and node.value.id == name)

    @property
    def functions(self) -> list[tuple[str, int]]:
        """(name, lines with its signature and docstring) of every function, methods and inner ones too."""
        return [
            (node.name, (node.end_lineno or node.lineno) - node.lineno + 1)
            for node in ast.walk(self.tree)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        ]

    @property
    def asynchronous(self) -> bool:
        kinds = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
        return any(isinstance(node, kinds) for node in ast.walk(self.tree))


def modules(folder: str) -> list[Module]:
    """All Python files under a folder of the repository."""
    return [Module(path, _name(path)) for path in sorted((ROOT / folder).rglob("*.py"))]


def names() -> frozenset[str]:
    """The dotted names of our own modules and packages."""
    if not _NAMES:
        _NAMES.update(_name(path) for path in (ROOT / "reviewer").rglob("*.py"))
    return frozenset(_NAMES)


def within(name: str, room: str) -> bool:
    """Whether a dotted name is `room` or lies in it."""
    return name == room or name.startswith(f"{room}.")


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


_NAMES: set[str] = set()
