"""The models: one cheap call of each on each key, what went wrong in words, and whether their prices are known."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from reviewer.core.budget import row_of
from reviewer.core.errors import ModelError, UsageError
from reviewer.core.health import Check, Trouble, in_halves
from reviewer.doctor.bounded import Limits
from reviewer.ports.keys import last_of
from reviewer.prices import OLD, price_list
from reviewer.settings import Settings
from reviewer.trying import try_model

KEYS = 10  # of the operator's, that are tried
LIMITED = {"rate_limited", "rate_limit_exceeded", "429"}  # codes: the key works, and has too much to do
VARIABLES = {
    "model": "REVIEWER_MODEL",
    "fallback": "REVIEWER_FALLBACK_MODEL",
    "embeddings": "REVIEWER_EMBEDDING_MODEL",
}
NONE = "OPENAI_API_KEY is not set, nor OPENAI_BASE_URL or AZURE_OPENAI_ENDPOINT"
SET = "set OPENAI_API_KEY, or OPENAI_BASE_URL for a compatible server, or AZURE_OPENAI_ENDPOINT"
ABOUT = "nothing can be reviewed: each check ends as could not review"


async def checks(settings: Settings, limits: Limits) -> list[Check]:
    if not settings.has_model:
        if settings.secret_keys:
            return [Check("model", "none of the operator's: installations bring keys of their own")]
        return [Check("model", NONE, "problem", (Trouble("", ABOUT, SET),))]
    keys = [key.get_secret_value() for key in settings.openai_api_keys][:KEYS] or [""]
    if settings.azure_openai_endpoint:
        keys = [""]
    fallback = _spare(settings)
    named = [
        *(("model", settings.model, key) for key in keys),
        *(("fallback", fallback, key) for key in keys if fallback),
        *(("embeddings", settings.embedding_model, key) for key in keys[:1] if settings.embedding_model),
    ]
    seconds = limits.model * 0.9  # so that one that hangs is told by its name
    return list(await asyncio.gather(*(_one(settings, *each, seconds, many=len(keys) > 1) for each in named)))


async def _one(settings: Settings, part: str, name: str, key: str, seconds: float, *, many: bool) -> Check:
    of = f"{name} on the key …{last_of(key)}" if many else name
    lost = {
        "model": "reviews go to the fallback model, which sees less" if _spare(settings) else ABOUT,
        "fallback": "where the model fails, nothing is reviewed meanwhile",
        "embeddings": "findings are compared by their words instead",
    }[part]
    grade = "warning" if part == "embeddings" else "problem"
    try:
        async with asyncio.timeout(seconds):
            took = await try_model(settings, name, keys=[key] if key else [], embeds=part == "embeddings")
    except TimeoutError:
        return Check(part, f"{of} gave no answer within {seconds:.0f} s", grade, (Trouble("", lost),), outside=True)  # type: ignore[arg-type]
    except (ModelError, UsageError) as error:
        if isinstance(error, ModelError) and error.code in LIMITED:
            slow = Trouble("", "reviews wait for room", "ask the provider for higher limits, or add a key")
            return Check(part, f"{of} is at its rate limit now", "warning", (slow,))
        outside = isinstance(error, ModelError) and error.retryable
        why = (_why(error, lost, VARIABLES[part]),)
        return Check(part, f"{of} does not work", grade, why, outside=outside)  # type: ignore[arg-type]
    return Check(part, f"{of} answers ({took:.1f} s)")


def _spare(settings: Settings) -> str:
    """The fallback model, where it is another one."""
    return settings.fallback_model if settings.fallback_model != settings.model else ""


def _why(error: ModelError | UsageError, lost: str, variable: str) -> Trouble:
    """Our sentences say first what is so, then how to mend it."""
    said, mend = in_halves(str(error))
    return Trouble(said, lost, mend.replace("REVIEWER_MODEL", variable))


async def prices_checks(settings: Settings) -> Sequence[Check]:
    """Raises UsageError for a file of prices that cannot be used."""
    day = price_list(settings.prices_path).oldest(settings.models)
    says = f"those of {day:%Y-%m-%d}" if day else "those of no known day"
    troubles = tuple(price_troubles(settings))
    return [Check("prices", says, "warning" if troubles else "ok", troubles)]


def price_troubles(settings: Settings) -> list[Trouble]:
    """Raises UsageError as above."""
    known, models = price_list(settings.prices_path), settings.models
    troubles = [
        Trouble(
            f"there is no price for {model}",
            "cost is not shown, and a budget in dollars lets no call through",
            "give it in a file of prices, and set REVIEWER_PRICES to that file",
        )
        for model in models
        if row_of(model, known.prices) is None
    ]
    day = known.oldest(models)
    if day and (days := (datetime.now(UTC).date() - day).days) > OLD:
        mend = "compare them with your provider's; a file with a newer `date` (REVIEWER_PRICES) goes first"
        troubles.append(Trouble(f"they are {days} days old", "costs and budgets in dollars may be wrong", mend))
    return troubles
