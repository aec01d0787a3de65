"""Everything that would be sent, without secrets: diff, words and outlines, each by what was found in all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from reviewer.core.redaction import redact_diff, redact_texts, texts_of
from reviewer.core.types import Diff, FileDiff, Outline, Secret, Symbol
from reviewer.ports import Secrets
from reviewer.question import Question
from reviewer.redacting import secrets_in
from reviewer.together import beside

NAMED = "its name holds a secret, so nothing of it was sent"

_QUOTES = frozenset("\"'`")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What a review is about."""

    diff: Diff
    question: Question
    outlines: Mapping[str, Outline]


async def secrets_of(diff: Diff, question: Question, secrets: Secrets) -> tuple[Secret, ...]:
    """What is found in the diff, in the names of its files, and in what people say beside it."""
    names = "\n".join(file.path for file in diff.files)
    lines = await beside(lambda: texts_of(diff))
    return await secrets_in([*lines, *_words(question), names], secrets)


async def secrets_of_outlines(outlines: Mapping[str, Outline], secrets: Secrets) -> tuple[Secret, ...]:
    """What is found in heads: a default value may be one. Where nothing is quoted, the rules have nothing to find."""
    heads = {text for each in outlines.values() for symbol in each.symbols for text in _heads(symbol)}
    return await secrets_in(sorted(text for text in heads if not _QUOTES.isdisjoint(text)), secrets)


def without(found: Sequence[Secret], diff: Diff, question: Question, outlines: Mapping[str, Outline]) -> Cleaned:
    """All of it with placeholders. A file whose name holds a secret keeps nothing but its name, cut as well."""
    words = redact_texts(_words(question), found)
    return Cleaned(
        _renamed(redact_diff(diff, found), found),
        _with_words(question, words),
        _drawn(outlines, found),
    )


def _renamed(diff: Diff, found: Sequence[Secret]) -> Diff:
    paths = "\n".join(f"{file.path}\n{file.old_path}" for file in diff.files)
    held = [secret for secret in found if secret.certain and secret.value in paths]
    if not held:
        return diff

    def renamed(file: FileDiff) -> FileDiff:
        if not any(secret.value in file.path or secret.value in file.old_path for secret in held):
            return file
        path, old_path = redact_texts((file.path, file.old_path), held)
        return FileDiff(path, old_path, file.status, missing=NAMED)

    return Diff(tuple(map(renamed, diff.files)))


def _drawn(outlines: Mapping[str, Outline], found: Sequence[Secret]) -> dict[str, Outline]:
    said = list({text for each in outlines.values() for symbol in each.symbols for text in _heads(symbol)})
    cleaned = dict(zip(said, redact_texts(said, found), strict=True))
    return {
        path: replace(
            each,
            symbols=tuple(
                replace(symbol, name=cleaned[symbol.name], signature=cleaned[symbol.signature])
                for symbol in each.symbols
            ),
        )
        for path, each in outlines.items()
    }


def _heads(symbol: Symbol) -> tuple[str, str]:
    return symbol.name, symbol.signature


def _words(question: Question) -> list[str]:
    """What people say beside the diff: the author, and the base branch."""
    review = question.config.review
    general = [question.title, question.body, review.instructions, review.language]
    by_path = [each.instructions for each in review.path_instructions]
    return [*general, *by_path, *(text for _, text in question.guidelines), *(each.text for each in question.scoped)]


def _with_words(question: Question, words: Sequence[str]) -> Question:
    """The question with other words, in the order of `_words`."""
    review, said = question.config.review, iter(words)
    title, body, instructions, language = next(said), next(said), next(said), next(said)
    by_path = tuple(replace(each, instructions=next(said)) for each in review.path_instructions)
    review = replace(review, instructions=instructions, language=language, path_instructions=by_path)
    return replace(
        question,
        title=title,
        body=body,
        config=replace(question.config, review=review),
        guidelines=tuple((path, next(said)) for path, _ in question.guidelines),
        scoped=tuple(replace(each, text=next(said)) for each in question.scoped),
    )
