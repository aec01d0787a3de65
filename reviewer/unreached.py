"""Why a server could not be reached, where a person can mend it: its certificate, or the proxy on the way."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from reviewer.certificates import BUNDLE
from reviewer.core.errors import UsageError
from reviewer.proxies import Proxy, proxy_of

ASKS_FOR_A_NAME = 407  # what only a proxy answers
# OpenSSL's X509_V_ERR_…: signed by itself, by one that is not known, by one that is not among those that were sent.
_UNKNOWN = {2, 18, 19, 20, 21}
# Names, since the transports of several libraries have such errors.
_NO_WAY = {"ConnectError", "ConnectTimeout", "ProxyError"}
MEND = f"set {BUNDLE} to a file with the company's root certificate in PEM"


def unreached(error: BaseException, url: str) -> str:
    """A clause that names the variable to change, "" where it is neither. Repeats no address of a proxy."""
    for each in chain(error):
        if isinstance(each, ssl.SSLCertVerificationError):
            return certificate(each, url)
    proxy = _proxy(url)
    names = [type(each).__name__ for each in chain(error)]
    if proxy is None or not _NO_WAY & set(names):
        return ""
    if "ProxyError" not in names:
        return f"the proxy that {proxy.variable} names cannot be reached: check it, or put {_host(url)} into NO_PROXY"
    said = next((str(each) for each in chain(error) if type(each).__name__ == "ProxyError"), "")
    if str(ASKS_FOR_A_NAME) in said:
        return asks_for_a_name(url)
    answer = " ".join(said.split())[:60]
    return f"the proxy that {proxy.variable} names lets nobody through to {_host(url)} ({answer})"


def asks_for_a_name(url: str) -> str:
    """What to do about a proxy's 407."""
    proxy = _proxy(url)
    variable = proxy.variable if proxy else "HTTPS_PROXY"
    form = "http://NAME:PASSWORD@HOST:PORT, with %23, %2F and %40 for a #, / or @ in them"
    return f"the proxy that {variable} names wants another name and password (407): write them there as {form}"


def certificate(error: ssl.SSLCertVerificationError, url: str) -> str:
    if error.verify_code in _UNKNOWN:
        return (
            f"nobody whom this machine trusts has signed the certificate of {_host(url)}, as where a company has its "
            f"own: {MEND}"
        )
    return f"the certificate of {_host(url)} cannot be accepted: {error.verify_message}"


def distrusts(text: str) -> bool:
    """Whether a library's own words are about a certificate that nobody has signed whom we trust."""
    return "CERTIFICATE_VERIFY_FAILED" in text and ("self" in text or "issuer" in text)


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error, what it was raised from, and so on."""
    seen: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in seen:
        seen.append(following)
        yield following
        following = following.__cause__ or following.__context__


def _proxy(url: str) -> Proxy | None:
    try:
        return proxy_of(url)
    except (UsageError, ValueError):
        return None


def _host(url: str) -> str:
    return urlsplit(url).hostname or "the server"


__all__ = ["ASKS_FOR_A_NAME", "MEND", "asks_for_a_name", "certificate", "chain", "distrusts", "unreached"]
