"""Cuts secrets out before anything is sent, and out of what the model answered before anything is posted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain

from reviewer.core import redaction
from reviewer.core.types import PLACEHOLDER, Finding, Secret
from reviewer.ports import Secrets
from reviewer.together import beside


async def secrets_in(texts: Sequence[str], secrets: Secrets) -> tuple[Secret, ...]:
    """All that is found in the texts, by the rule set and beyond doubt by our own shapes.

    Raises OutsideError: then nothing may be sent.
    """
    by_rules = await secrets.find(texts)
    return *chain.from_iterable(by_rules), *await beside(lambda: redaction.shared(texts))


async def clean(texts: Sequence[str], secrets: Secrets) -> list[str]:
    """The texts with a placeholder for each secret; what one of them shows is cut out of all. Raises OutsideError."""
    found = list(chain.from_iterable(await secrets.find(texts)))
    return await beside(lambda: redaction.redact_texts(texts, found))


async def scrub(
    findings: Sequence[Finding], secrets: Secrets, *, real: Callable[[str], bool] = lambda _path: False
) -> tuple[Finding, ...]:
    """The findings without secrets in what they say; a `real` file's path stays as it is. Raises OutsideError.

    A suggestion with a secret or a placeholder in it is dropped: applied, it would write that into the code.
    """
    said = [text for finding in findings for text in _said(finding)]
    cleaned = iter(await clean(said, secrets))
    return tuple(_saying(finding, [next(cleaned) for _ in _said(finding)], real) for finding in findings)


def _said(finding: Finding) -> tuple[str, ...]:
    return finding.title, finding.body, finding.quote, finding.category, finding.path, finding.suggestion or ""


def _saying(finding: Finding, words: Sequence[str], real: Callable[[str], bool]) -> Finding:
    title, body, quote, category, path, suggestion = words
    return replace(
        finding,
        title=title,
        body=body,
        quote=quote,
        category=category,
        path=finding.path if real(finding.path) else path,
        suggestion=_kept(finding.suggestion, suggestion),
    )


def _kept(suggestion: str | None, cleaned: str) -> str | None:
    return None if suggestion != cleaned or PLACEHOLDER.search(cleaned) else suggestion
