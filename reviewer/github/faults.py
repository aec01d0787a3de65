"""What can go wrong on the way to GitHub, turned into our own errors in one place."""

from __future__ import annotations

from collections.abc import Sequence

import httpx
from githubkit.exception import RateLimitExceeded, RequestError, RequestFailed, RequestTimeout
from pydantic import ValidationError

from reviewer.core.errors import GitHubError, Gone, Unprocessable
from reviewer.github.graph_shapes import GraphError
from reviewer.github.shapes import Trouble
from reviewer.unreached import ASKS_FOR_A_NAME, asks_for_a_name, unreached

GONE = (404, 410, 451)
SERVER_ERROR = 500
A_SECOND = 1.0  # the reset is told in whole seconds, so it may be 0 while the limit still holds
A_MINUTE = 60  # GitHub: wait at least so long when a rate limit comes without its headers
PERMISSIONS = "X-Accepted-GitHub-Permissions"
NOT_ALLOWED = "not accessible by integration"
LONGEST_MESSAGE = 300  # characters of GitHub's own words that a sentence repeats


def passing(exc: Exception) -> bool:
    """May the same request succeed in a moment: no answer, a broken connection, a 5xx?"""
    if isinstance(exc, RequestFailed):
        return exc.response.status_code >= SERVER_ERROR
    return isinstance(exc, RequestError) and isinstance(exc.exc, httpx.TransportError)


def never_done(exc: Exception) -> bool:
    """Is it sure that GitHub did nothing: there was no connection, or a 409 (something else changes the same thing)?"""
    if isinstance(exc, RequestFailed):
        return exc.response.status_code == httpx.codes.CONFLICT
    unsent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
    return isinstance(exc, RequestError) and isinstance(exc.exc, unsent)


def fault(exc: Exception, asked: str) -> GitHubError:
    """Our error for what githubkit raised; `asked` is the request in words. Holds no header, so no token."""
    if isinstance(exc, RequestError) and isinstance(exc.exc, GitHubError):
        return exc.exc  # fetching the token failed; that has its own sentence
    if isinstance(exc, RateLimitExceeded):
        return _limited(exc.response.status_code, exc.retry_after.total_seconds(), asked)
    if isinstance(exc, RequestFailed):
        return _refused(exc.response.raw_response, asked)
    if isinstance(exc, RequestError) and isinstance(exc.exc, httpx.HTTPError | httpx.InvalidURL):
        return _unanswered(exc, asked)
    if isinstance(exc, ValueError):  # githubkit on a `retry-after` that is a date; it reads that of a 403 or 429 only
        return _limited(429, A_MINUTE, asked)
    inner = exc.exc if isinstance(exc, RequestError) else exc
    return GitHubError(
        f"{asked} could not be made ({type(inner).__name__}): check that GITHUB_PRIVATE_KEY is the PEM that GitHub "
        "gave for the App of GITHUB_APP_ID, and that GITHUB_API_URL is right."
    )


def clock_off(asked: str, wrong: str) -> GitHubError:
    """Refused since what we sign says when, by a clock that is not GitHub's. It may be mended at any time."""
    sentence = f"GitHub refuses our credentials for {asked}: {wrong}: set it right (with NTP)."
    return GitHubError(sentence, status=401, retryable=True)


def too_soon(seconds: float) -> GitHubError:
    """Our own count of GitHub's limits leaves no room for a write."""
    return GitHubError(
        f"GitHub's limits leave this installation no room for a write; try again in {seconds:.0f} s.",
        retryable=True,
        wait=seconds,
    )


def misread(asked: str) -> GitHubError:
    """An answer that is not what GitHub's documents describe, such as a proxy's error page."""
    return GitHubError(
        f"The answer to {asked} is not GitHub's: check GITHUB_API_URL and what stands between here and there.",
        status=200,
        retryable=True,
    )


def graph_fault(errors: Sequence[GraphError], asked: str, *, needs: str, retry_after: str) -> GitHubError:
    """Our error for what GraphQL refused with an answer of 200; `needs` is the permission that `asked` takes."""
    kinds = {error.type for error in errors}
    words = _short(" · ".join(error.message or error.type or "" for error in errors)) or "no reason given"
    if "RATE_LIMITED" in kinds or "rate limit" in words.lower():
        return _limited(200, float(retry_after) if retry_after.isdecimal() else A_MINUTE, asked)
    if "FORBIDDEN" in kinds or NOT_ALLOWED in words:
        return not_granted(asked, needs, words)
    if "NOT_FOUND" in kinds:
        return Gone(f"GitHub finds nothing for {asked}: it is gone, or the App has no access any more.", status=404)
    if "UNPROCESSABLE" in kinds:
        return Unprocessable(f"GitHub does not accept {asked}: {words}", status=422)
    passes = "INTERNAL" in kinds or "something went wrong" in words.lower()  # GitHub's own timeout says so
    return GitHubError(f"GitHub did not do {asked}: {words}", status=200, retryable=passes)


def not_granted(asked: str, needs: str, words: str) -> GitHubError:
    """GitHub knows us and still refuses: GraphQL does not tell which permission it misses."""
    said = f"GitHub does not allow {asked} ({words.rstrip('.')})"
    return _lacking(said, needs)


def _lacking(said: str, needs: str) -> GitHubError:
    needed = f"`{needs}`" if needs else "a permission that it lacks"
    cure = f"the App needs {needed}: grant it in the App's settings, then accept it for the installation."
    error = GitHubError(f"{said}: {cure}", status=403)
    error.needs = needs or "?"
    return error


def _unanswered(exc: RequestError[httpx.HTTPError], asked: str) -> GitHubError:
    retryable = passing(exc) and not isinstance(exc.exc, httpx.UnsupportedProtocol)
    if isinstance(exc, RequestTimeout):
        return GitHubError(f"GitHub did not answer {asked} in time; try again later.", retryable=retryable)
    name = type(exc.exc).__name__
    why = unreached(exc.exc, _url(exc.exc)) or "check GITHUB_API_URL and the network"
    return GitHubError(f"GitHub could not be reached for {asked} ({name}): {why}.", retryable=retryable)


def _url(error: httpx.HTTPError) -> str:
    try:
        return str(error.request.url)
    except RuntimeError:  # none was sent
        return ""


def _limited(status: int, seconds: float, asked: str) -> GitHubError:
    return GitHubError(
        f"GitHub's rate limit does not allow {asked} now; try again in {seconds:.0f} s.",
        status=status,
        retryable=True,
        wait=max(seconds, A_SECOND),
    )


def _refused(response: httpx.Response, asked: str) -> GitHubError:
    """Our error for an answer from 400 up."""
    status, words = response.status_code, _words(response)
    if status in GONE or (status == httpx.codes.FORBIDDEN and "suspended" in words.lower()):
        return Gone(
            f"GitHub answers {status} to {asked}: it is gone, or the App has no access any more.", status=status
        )
    if status == httpx.codes.UNPROCESSABLE_ENTITY:
        return Unprocessable(f"GitHub does not accept {asked}: {words}", status=status)
    if status == httpx.codes.UNAUTHORIZED:
        return GitHubError(
            f"GitHub refuses our credentials for {asked}: check that GITHUB_PRIVATE_KEY belongs to the App of "
            "GITHUB_APP_ID, and that this machine's clock is right.",
            status=status,
        )
    if status in (403, 429) and (status == httpx.codes.TOO_MANY_REQUESTS or "rate limit" in words.lower()):
        return _limited(status, A_MINUTE, asked)
    if status == httpx.codes.FORBIDDEN:
        return _forbidden(response.headers.get(PERMISSIONS, ""), words, asked)
    passes = status >= SERVER_ERROR or status == httpx.codes.CONFLICT  # 409: something else is changing it just now
    return GitHubError(f"GitHub answers {status} to {asked}: {words}", status=status, retryable=passes)


def _forbidden(permissions: str, words: str, asked: str) -> GitHubError:
    """GitHub names in a header which permissions would do, whatever the reason of the 403 is."""
    if NOT_ALLOWED not in words:
        return GitHubError(f"GitHub does not allow {asked}: {words}", status=403)
    return _lacking(f"GitHub does not allow {asked}", permissions.replace("=", ": "))


def _words(response: httpx.Response) -> str:
    """GitHub's message, with the details of `errors`; or what to do about a proxy that stands in the way."""
    if response.status_code == ASKS_FOR_A_NAME:
        return asks_for_a_name(str(response.request.url))
    try:
        trouble = Trouble.model_validate_json(response.content)
    except ValidationError:
        return _short(response.text) or response.reason_phrase or "no reason given"
    details = [trouble.errors] if isinstance(trouble.errors, str) else trouble.errors or []
    return _short(" · ".join([trouble.message, *map(_detail, details)]))


def _detail(entry: object) -> str:
    """One of `errors`: a sentence, or an object with resource, field and code."""
    if not isinstance(entry, dict):
        return str(entry)
    return str(entry.get("message") or " ".join(str(value) for value in entry.values()))


def _short(text: str) -> str:
    return " ".join(text.split())[:LONGEST_MESSAGE]
