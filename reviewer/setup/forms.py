"""What a browser sends: a form's fields, within bounds, and the address at which it sees this server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.requests import Request

from reviewer.ports.keys import is_local

LARGEST = 16_384  # bytes of a form
FIELDS = 10
COOKIE = "reviewer_setup"

_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?")


class TooMuch(Exception):
    """The form is larger than any of ours."""


async def fields_of(request: Request) -> Mapping[str, str]:
    """Stripped; the first of each name. Raises TooMuch."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST or body.count(b"&") >= FIELDS:
            raise TooMuch
    found = parse_qs(body.decode("ascii", "replace"), max_num_fields=FIELDS, keep_blank_values=True)
    return {name: values[0].strip() for name, values in found.items()}


def here(request: Request) -> str:
    """The server's own address as the browser sees it; "" where it sends none that can be.

    Behind a proxy that ends TLS and does not say so only the browser knows of it: it tells where a request comes from
    (`Sec-Fetch-Site`) nobody but this machine and who speaks TLS.
    """
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        return ""
    near = is_local(f"http://{host}") or host.partition(":")[0].endswith(".localhost")
    told = "sec-fetch-site" in request.headers and not near
    said = request.headers.get("origin", "") == f"https://{host}"
    return f"{'https' if request.url.scheme == 'https' or told or said else 'http'}://{host}"


def is_ahead(request: Request) -> bool:
    """Whether nobody has asked for it yet: a browser that reads ahead, or a program that looks whether it is there."""
    purposes = (request.headers.get(name, "") for name in ("purpose", "sec-purpose", "x-moz"))
    return request.method == "HEAD" or any("prefetch" in purpose or "prerender" in purpose for purpose in purposes)
