"""Finds the commas before a closing bracket that mean nothing."""

from __future__ import annotations

from reviewer.core.structure.languages import Language, Lines
from reviewer.core.structure.scan import Token


def idle_commas(
    tokens: list[Token], language: Language, partners: dict[int, int], inside: list[int | None]
) -> set[int]:
    """The places of the commas after the last of several things in brackets, where the language does not count them."""
    if not language.closers:
        return set()
    shown = [at for at, token in enumerate(tokens) if token.kind not in {"end", "comment"}]
    commas: dict[int, int] = {}  # how many there are in a bracket
    for at in shown:
        held = inside[at]
        if held is not None and tokens[at].kind == "op" and tokens[at].text == ",":
            commas[held] = commas.get(held, 0) + 1
    found: set[int] = set()
    for place, at in enumerate(shown[:-1]):
        if tokens[at].text != "," or tokens[at].kind != "op" or place == 0:
            continue
        closer = shown[place + 1]
        if tokens[closer].kind != "op" or tokens[closer].text not in language.closers:
            continue
        if tokens[shown[place - 1]].text in {",", "(", "[", "{"}:
            continue  # a hole
        opener = partners.get(closer)
        many = opener is not None and commas.get(opener, 0) > 1
        if _idle(tokens, language, opener, inside, many=many):
            found.add(at)
    return found


def _idle(
    tokens: list[Token],
    language: Language,
    opener: int | None,
    inside: list[int | None],
    *,
    many: bool,
) -> bool:
    if language.lines in {Lines.GO, Lines.SCRIPT}:
        return True
    if opener is None:
        return False
    if language.macros and _in_macro(tokens, opener, inside):
        return False
    if many or tokens[opener].text == "{":
        return True
    last = _before(tokens, opener)
    holds = last is not None and _value(last, language)
    if tokens[opener].text == "(":
        return holds or (last is not None and last.text == "import" and language.lines is Lines.PYTHON)
    return language.lines is not Lines.PYTHON or not holds


def _value(token: Token, language: Language) -> bool:
    """Whether a bracket after it calls it or takes a part of it."""
    if token.kind == "word":
        return token.text not in language.keywords and token.text not in {"match", "case", "type", "print"}
    return token.kind == "string" or (token.kind == "op" and token.text in {")", "]", "}"})


def _before(tokens: list[Token], at: int) -> Token | None:
    return tokens[at - 1] if at > 0 and tokens[at - 1].kind != "end" else None


def _in_macro(tokens: list[Token], opener: int, inside: list[int | None]) -> bool:
    at: int | None = opener
    while at is not None and at >= 0:
        last, second = _before(tokens, at), _before(tokens, at - 1)
        if last is not None and (last.text == "!" or (second is not None and second.text == "!")):
            return True
        if tokens[at].text == "#[":
            return True
        at = inside[at]
    return at is not None
