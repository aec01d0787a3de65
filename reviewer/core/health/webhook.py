"""The App's webhook: whether GitHub can reach it at all, and what became of its last deliveries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

from reviewer.core.health.checks import Check, Trouble

NAME = "deliveries"
FAILING = 0.1  # share of failed deliveries that is no chance any more
LOCAL = ("localhost", "localhost.localdomain", "host.docker.internal")
LOCAL_ENDS = (".localhost", ".local", ".internal", ".test", ".example", ".invalid", ".lan", ".home.arpa")
EXAMPLES = ("example.com", "example.org", "example.net")
WRONG_SECRET = "GITHUB_WEBHOOK_SECRET is not the secret in the App's settings: our server answered 401"  # noqa: S105
MEND_SECRET = "set GITHUB_WEBHOOK_SECRET to the secret at {page}, or the secret there to yours"  # noqa: S105


def unreachable(url: str, github: str = "https://api.github.com") -> str:
    """Why the GitHub with this API cannot reach the address, "" where nothing speaks against it. Asks nobody.

    A server of one's own reaches what is in its network, and one on this machine all that is here.
    """
    host, theirs = _host(url), _host(github)
    if not host:
        return "it names no host"
    if _here(theirs):
        return ""
    if any(host == each or host.endswith(f".{each}") for each in EXAMPLES):
        return "it is the example of app.yml"
    if not (theirs == "api.github.com" or theirs.endswith(".ghe.com")):
        return f"{host} is this machine itself, and GitHub is another" if _here(host) else ""
    if host in LOCAL or host.endswith(LOCAL_ENDS) or _private(host):
        return f"{host} is a name or an address of this machine or of a private network"
    return ""


def deliveries_check(answers: Sequence[tuple[int, float]], *, now: float, page: str) -> Check:
    """`answers` are (status, 0 for none, and when) of the last deliveries, newest first; times since the epoch."""
    if not answers:
        mend = "install the App on a repository and open a pull request; the address has to be this server's"
        trouble = Trouble("GitHub has delivered nothing within its memory of three days", mend=mend)
        return Check(NAME, "no webhook was delivered yet", "warning", (trouble,))
    failed = [status for status, _ in answers if not 200 <= status < 400]
    status, at = answers[0]
    last = f"the last one was answered {_answer(status)} {_ago(now - at)}"
    if not failed:
        return Check(NAME, f"all of the last {len(answers)} were taken; {last}")
    says = f"{len(failed)} of the last {len(answers)} failed; {last}"
    recent = [status for status, _ in answers[:10]]
    failing = len(failed) / len(answers) > FAILING or not 200 <= status < 400
    trouble = _why(Counter(failed), page)
    if recent and all(each == 401 for each in recent):
        return Check(NAME, says, "problem", (trouble,))
    return Check(NAME, says, "warning" if failing else "ok", (trouble,) if failing else ())


def _why(failed: Counter[int], page: str) -> Trouble:
    """By the most frequent answer."""
    status, count = failed.most_common(1)[0]
    lost = "what is not delivered is asked for again later, or found by a look at the open pull requests"
    if status == 401:
        return Trouble(f"{WRONG_SECRET} {count}x", "no webhook is taken", MEND_SECRET.format(page=page))
    if status == 0:
        mend = "the server must run and be reachable from GitHub at that address, past firewall and proxy"
        return Trouble(f"nobody answered {count}x", lost, mend)
    if status == 404:
        return Trouble(f"404 {count}x", lost, "the address must end in /api/github/webhooks")
    if status == 503:
        return Trouble(f"503 {count}x: we could not store them", lost, "see the checks of the database and disk")
    return Trouble(f"{_answer(status)} {count}x", lost, "look at the answers in the App's settings, under Advanced")


def _answer(status: int) -> str:
    return str(status) if status else "by nobody"


def _ago(seconds: float) -> str:
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if (count := int(seconds // size)) > 0:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower().rstrip(".")


def _here(host: str) -> bool:
    return host in LOCAL or host.endswith(".localhost") or host == "::1" or host.startswith("127.")


def _private(host: str) -> bool:
    """An address of IPv4 or IPv6 that no router passes on."""
    if ":" in host:
        return host == "::1" or host.startswith(("fc", "fd", "fe8", "fe9", "fea", "feb"))
    parts = host.split(".")
    if len(parts) != 4 or not all(part.isdecimal() and len(part) <= 3 for part in parts):
        return "." not in host  # a bare name is one of this network
    first, second = int(parts[0]), int(parts[1])
    return first in {0, 10, 127} or (first, second) in {(169, 254), (192, 168)} or (first == 172 and 16 <= second < 32)
