"""Turns the code that GitHub gives for a manifest into the new App's credentials; a code works once."""

from __future__ import annotations

import asyncio
import time
from urllib.parse import quote

from githubkit import UnauthAuthStrategy
from githubkit.cache import MemCacheStrategy
from pydantic import BaseModel, TypeAdapter

from reviewer.core.errors import GitHubError
from reviewer.github.connection import PAUSES, Connection, Endpoints, Transport, read
from reviewer.github.pool import SharedPool
from reviewer.ports.registering import Registered


class _Conversion(BaseModel):
    """A secret is null for a webhook that is switched off."""

    id: int
    slug: str | None = None
    html_url: str | None = None
    pem: str | None = None
    webhook_secret: str | None = None


_CONVERSION = TypeAdapter(_Conversion)


async def register(code: str, *, api_url: str, user_agent: str = "reviewer") -> Registered:
    """Nobody is signed in: the code is the permission. Raises GitHubError, as Gone for a code that GitHub knows not
    (any more); its sentence does not hold the code.
    """
    pool = SharedPool(api_url)
    transport = Transport(
        Endpoints.of(api_url), pool, MemCacheStrategy(), PAUSES, user_agent, time.monotonic, asyncio.sleep
    )
    try:
        url = f"/app-manifests/{quote(code, safe='')}/conversions"
        # A second one is refused, so it is not repeated by itself: what GitHub surely did not do, is.
        answer = await Connection(transport, UnauthAuthStrategy()).send("POST", url, repeat=False)
        found = read(_CONVERSION, answer)
    except GitHubError as error:
        error.args = (str(error).replace(quote(code, safe=""), "CODE"),)  # it may still work for whoever reads it
        raise
    finally:
        await pool.close_connections()
    return Registered(
        str(found.id), found.slug or "", found.html_url or "", found.pem or "", (found.webhook_secret or "").strip()
    )
