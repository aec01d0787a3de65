"""Says where the end of a line ends a statement, so that it is a token, and where it is a blank."""

from __future__ import annotations

from reviewer.core.structure.languages import Language, Lines
from reviewer.core.structure.lexicon import words
from reviewer.core.structure.scan import Token

END = "\n"  # the token that it is then

_NAMES = frozenset({"def", "alias", "undef"})
_OPERATORS = words(
    "= += -= *= /= %= **= ||= &&= ??= |= &= ^= <<= >>= >>>= => == === != !== <= >= < && || ?? + - * / % & | ^ , ( [ { ?"
    " ; . ?. &. ->"
)
# After these a script's or Ruby's statement goes on (`>` may close a type, `:` may stand after a shorthand key).
_GOES_ON_AFTER = {Lines.SCRIPT: _OPERATORS - {"?"}, Lines.RUBY: _OPERATORS - {"?", "<", "->"}}
_GOES_ON_BEFORE = {
    Lines.SCRIPT: words(
        "} ) ] , ; . ?. ? : = == === != !== <= >= > && || ?? + - * % & | ^ += -= *= else catch finally"
    ),
    Lines.RUBY: words("} ) ] . &. ;"),
}
_BEFORE_BRACE = frozenset({")", "else", "try", "finally", "do"})
_RESTRICTED = frozenset({"return", "throw", "break", "continue", "yield", "async", "++", "--", "static", "type"})

# Go puts a semicolon at the end of a line after one of these and after any name, number or string but these keywords.
_GO_ENDS = frozenset({"++", "--", ")", "]", "}"})
_GO_WORDS = frozenset({"break", "continue", "fallthrough", "return"})


def ends(
    tokens: list[Token], language: Language, inside: list[int | None], before: list[str]
) -> list[tuple[Token, int]]:
    """The tokens with their places, with only those line ends that end something. For all but Python."""
    kept: list[tuple[Token, int]] = []
    waiting: tuple[Token, int] | None = None
    second: Token | None = None  # of those that are no comments, the last but one
    last: Token | None = None
    for at, token in enumerate(tokens):
        if token.kind == "end":
            waiting = waiting or (token, at)
            continue
        if token.kind == "comment":
            kept.append((token, at))
            continue
        if waiting is not None and last is not None and language.lines is not Lines.FREE:
            held = _opener(tokens, inside[waiting[1]], before)
            named = second is not None and second.text in _NAMES  # Ruby's `def -`
            if named or _ends(last, token, language, held):
                kept.append((Token(END, END, waiting[0].at, before=True, after=True), waiting[1]))
        waiting = None
        second, last = last, token
        kept.append((token, at))
    return kept


def _opener(tokens: list[Token], at: int | None, before: list[str]) -> str:
    if at is None:
        return ""
    return tokens[at].text if at >= 0 else before[-at - 1]


def _ends(last: Token, token: Token, language: Language, held: str) -> bool:
    """Whether a line end between these two tokens, in a bracket like `held`, is one to the compiler."""
    after = last.text if last.kind in {"op", "word"} else ""
    next_ = token.text if token.kind in {"op", "word"} else ""
    if language.lines is Lines.GO:
        ended = after in _GO_ENDS or last.kind in {"number", "string"}
        ended = ended or (last.kind == "word" and (after not in language.keywords or after in _GO_WORDS))
        return ended and next_ not in {")", "}"}
    if language.lines is Lines.SCRIPT:
        if held in {"(", "["} and after not in {"yield", "async"}:
            return False
        if next_ == "}" or after == "{" or (next_ == "{" and after in _BEFORE_BRACE):
            return False
        if after in _RESTRICTED or next_ in {"++", "--"}:
            return True
    if language.lines is Lines.RUBY and last.kind == "op" and not last.before:
        # `x.+`, `:+`, `def *`: an operator that is a name
        return after not in {",", "(", "[", "{", ";", ".", "&."} and next_ not in _GOES_ON_BEFORE[Lines.RUBY]
    return after not in _GOES_ON_AFTER[language.lines] and next_ not in _GOES_ON_BEFORE[language.lines]
