"""The proxies that HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY name, as other programs read them.

They are read where a connection is made, from the process's environment; never one for this machine itself.
"""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from reviewer.core.errors import UsageError
from reviewer.ports.keys import is_local

SYSTEM = "the system's settings"  # macOS and Windows have some beside the environment


@dataclass(frozen=True, slots=True)
class Proxy:
    """`variable` is where it is set. The address may hold a password."""

    url: str = field(repr=False)
    variable: str


def proxy_of(url: str) -> Proxy | None:
    """The proxy for `url`. Raises UsageError for one that we cannot use."""
    parts = urlsplit(url)
    proxies = getproxies()
    kind = parts.scheme if proxies.get(parts.scheme) else "all"
    named = proxies.get(kind)
    if not named or is_local(url) or _spared(parts, proxies.get("no", "")):
        return None
    variable = next((name for name in (f"{kind}_proxy", f"{kind}_proxy".upper()) if os.environ.get(name)), SYSTEM)
    return Proxy(_checked(named if "://" in named else f"http://{named}", variable), variable)


def proxy_for(url: str) -> str | None:
    """Its address. Raises UsageError as `proxy_of` does."""
    proxy = proxy_of(url)
    return proxy.url if proxy else None


def _spared(parts: SplitResult, exceptions: str) -> bool:
    """Whether NO_PROXY names the host: by name, by the end of it, by address, or as one of a network."""
    host = parts.hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return bool(proxy_bypass(f"{host}:{parts.port}" if parts.port else host))
    entries = [entry.strip().strip("[]") for entry in exceptions.split(",")]
    return "*" in entries or any(address in network for network in map(_network, entries) if network)


def _network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return None


def _checked(proxy: str, variable: str) -> str:
    """The sentences do not repeat the address: there may be a password in it."""
    form = "http://HOST:PORT or http://NAME:PASSWORD@HOST:PORT (with %23, %2F and %40 for a #, / or @ in the password)"
    try:
        parts = urlsplit(proxy)
        sound = (
            parts.port != 0 and bool(parts.hostname) and not (parts.path.strip("/") or parts.query or parts.fragment)
        )
    except ValueError:  # a port that is none
        parts, sound = SplitResult("http", "", "", "", ""), False
    if parts.scheme.startswith("socks"):
        raise UsageError(
            f"{variable} names a SOCKS proxy, which reviewer cannot use: set an HTTP proxy there, as {form}, or put "
            "the hosts that need none into NO_PROXY."
        )
    if parts.scheme not in {"http", "https"} or not sound:
        raise UsageError(f"{variable} names no proxy: it has to be {form}.")
    return proxy


__all__ = ["SYSTEM", "Proxy", "proxy_for", "proxy_of"]
