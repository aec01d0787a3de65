"""Names the languages whose tokens can be told apart here, by file name, and what is peculiar to each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from reviewer.core.structure import lexicon
from reviewer.core.structure.lexicon import words


class Lines(Enum):
    """What a line end is for a language."""

    FREE = "nothing but a blank"
    GO = "a semicolon, after some tokens"
    SCRIPT = "the end of a statement, where none can go on"
    RUBY = "the end of a statement, unless it must go on; blanks count too"
    PYTHON = "the end of a statement outside brackets, and the blanks after it are its depth"


@dataclass(frozen=True, slots=True)
class Language:
    """`tokens` matches one at a place, its group's name is the kind.

    `closers` are the brackets before which a comma means nothing. So many names in a row as `prose` are no code.
    """

    name: str
    tokens: re.Pattern[str]
    lines: Lines
    keywords: frozenset[str]
    closers: str = ""
    prose: int = 4
    regexes: bool = False
    tags: bool = False  # there may be markup in it
    macros: bool = False  # `name!(…)` sees its commas

    @property
    def blocks(self) -> bool:
        """Whether comments may take several lines."""
        return self.lines not in {Lines.PYTHON, Lines.RUBY}


_PYTHON = (
    "False None True and as assert async await break class continue def del elif else except finally for from global if"
    " import in is lambda nonlocal not or pass raise return try while with yield"
)
_SCRIPT = (
    "async await break case catch class const continue debugger default delete do else enum export extends finally for"
    " function if import in instanceof let new return static super switch this throw try typeof var void while with"
    " yield of from as get set type interface abstract declare namespace module readonly public private protected"
    " override satisfies is keyof infer unique asserts implements accessor global"
)
_GO = (
    "break case chan const continue default defer else fallthrough for func go goto if import interface map package"
    " range return select struct switch type var"
)
_JAVA = (
    "abstract assert break case catch class continue default do else enum extends final finally for if implements"
    " import instanceof interface native new package private protected public record return sealed static strictfp"
    " super switch synchronized this throw throws transient try void volatile while yield var permits boolean byte char"
    " short int long float double non"
)
_C = (
    "alignas auto bool break case catch char class const constexpr continue default delete do double else enum explicit"
    " extern final float for friend goto if inline int long mutable namespace new noexcept operator override private"
    " protected public register return short signed sizeof static struct switch template this throw try typedef"
    " typename union unsigned using virtual void volatile while and or not"
)
_RUST = (
    "as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut"
    " pub ref return self Self static struct super trait true type unsafe use where while macro_rules union"
)
_RUBY = (
    "alias and begin break case class def defined? do else elsif end ensure for if in module next not or redo rescue"
    " retry return self super then undef unless until when while yield puts raise require"
)


_JS = Language(
    "javascript", lexicon.SCRIPT, Lines.SCRIPT, words(_SCRIPT), closers=")]}", prose=3, regexes=True, tags=True
)
_TS = Language("typescript", lexicon.SCRIPT, Lines.SCRIPT, words(_SCRIPT), closers=")]}", prose=3, regexes=True)
_CPP = Language("c++", lexicon.CPP, Lines.FREE, words(_C))

_LANGUAGES = {
    ".py .pyi": Language("python", lexicon.PYTHON, Lines.PYTHON, words(_PYTHON), closers=")]}", prose=2),
    ".js .mjs .cjs .jsx .tsx": _JS,
    ".ts .mts .cts": _TS,
    ".go": Language("go", lexicon.GO, Lines.GO, words(_GO), closers=")}", prose=3),
    ".java": Language("java", lexicon.JAVA, Lines.FREE, words(_JAVA)),
    ".c .h .cc .cpp .cxx .hpp .hh .hxx .cu": _CPP,
    ".rs": Language("rust", lexicon.RUST, Lines.FREE, words(_RUST), closers=")]}", prose=3, macros=True),
    ".rb .rake .gemspec": Language("ruby", lexicon.RUBY, Lines.RUBY, words(_RUBY), closers=")]}", regexes=True),
}
_BY_SUFFIX = {suffix: language for suffixes, language in _LANGUAGES.items() for suffix in suffixes.split()}

# As core.risk has it: what a test may do is judged otherwise.
_TEST = re.compile(
    r"(?:^|/)(?:tests?|specs?|__tests__|testing|fixtures?|e2e)/|(?:^|[/_.-])(?:test|spec)s?[_.-]|_test\.\w+$"
)

# Go compiles a file named `x_linux.go` for Linux only.
_TARGETS = words(
    "aix android darwin dragonfly freebsd illumos ios js linux netbsd openbsd plan9 solaris wasip1 windows 386 amd64"
    " arm arm64 loong64 mips mipsle mips64 mips64le ppc64 ppc64le riscv64 s390x wasm unix test"
)


def language_of(path: str) -> Language | None:
    name = path.rsplit("/", 1)[-1].lower()
    dot = name.rfind(".")
    return _BY_SUFFIX.get(name[dot:]) if dot > 0 else None


def kind_of(path: str) -> tuple[str, ...]:
    """What a file's name says of how it is compiled and judged: all of it that a form holds."""
    lower = path.lower()
    stem, dot, suffix = lower.rsplit("/", 1)[-1].rpartition(".")
    if not stem:
        return lower.rsplit("/", 1)[-1], "test" if _TEST.search(lower) else ""
    declares = stem.rpartition(".")[2] if stem.endswith(".d") else ""
    target = "_".join(sorted(_TARGETS.intersection(stem.split("_")[1:]))) if suffix == "go" else ""
    suffix = path.rsplit(".", 1)[-1]  # `.C` is not `.c`
    return dot + suffix, declares, target, "test" if _TEST.search(lower) else ""
