"""Cuts secrets out before anything is sent, and out of what the model answered before anything is posted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from reviewer.core import redaction
from reviewer.core.types import Diff, Finding, Secret
from reviewer.ports import Secrets


async def secrets_in(diff: Diff, texts: Sequence[str], secrets: Secrets) -> tuple[Secret, ...]:
    """All that is found in the diff and the texts, by one look. Raises OutsideError: then nothing may be sent."""
    wanted = await asyncio.to_thread(redaction.texts_of, diff)
    return tuple(chain.from_iterable(await secrets.find([*wanted, *texts])))


async def clean(texts: Sequence[str], secrets: Secrets, known: Sequence[Secret] = ()) -> list[str]:
    """The texts with a placeholder for each secret, those that are `known` already too; what one of them shows is cut
    out of all. Raises OutsideError.
    """
    found = [*known, *chain.from_iterable(await secrets.find(texts))]
    return await asyncio.to_thread(_redacted, texts, found)


async def scrub(findings: Sequence[Finding], secrets: Secrets) -> tuple[Finding, ...]:
    """The findings without secrets in what they say. Raises OutsideError.

    A suggestion with a secret or a placeholder in it is dropped: applied, it would write that into the code.
    """
    said = [text for finding in findings for text in _said(finding)]
    cleaned = iter(await clean(said, secrets))
    return tuple(
        replace(
            finding,
            title=next(cleaned),
            body=next(cleaned),
            quote=next(cleaned),
            category=next(cleaned),
            path=next(cleaned),
            suggestion=_kept(finding.suggestion, next(cleaned)),
        )
        for finding in findings
    )


def _said(finding: Finding) -> tuple[str, ...]:
    return finding.title, finding.body, finding.quote, finding.category, finding.path, finding.suggestion or ""


def _kept(suggestion: str | None, cleaned: str) -> str | None:
    return None if suggestion != cleaned or redaction.PLACEHOLDER.search(cleaned) else suggestion


def _redacted(texts: Sequence[str], found: list[Secret]) -> list[str]:
    return [redaction.redact_text(text, found) for text in texts]
