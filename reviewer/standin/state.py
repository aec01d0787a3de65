"""The stand-in's memory and its questions: repositories, pulls, what was said, tokens, faults, the request log."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from reviewer.standin.changes import Change, changes
from reviewer.standin.manifests import Manifests
from reviewer.standin.records import (
    EVENTS,
    LEAST_PRIVILEGE,
    CheckRun,
    Delivery,
    Fault,
    Installation,
    IssueComment,
    Limits,
    Pull,
    Repository,
    Review,
    ReviewComment,
    Seen,
    Token,
)
from reviewer.standin.repository import GitRepository

FOREVER = float("inf")


class State:
    """Everything that stands on the forge. Writers hold `lock`; lists are only appended to, so readers need not."""

    def __init__(self, root: Path, clock: Callable[[], float], *, private_key_pem: str = "") -> None:
        self.root = root
        self.clock = clock
        self.url = "http://127.0.0.1"  # where it is served; set once that is known
        self.app_id = 4711
        self.client_id = "Iv23standin4711"
        self.slug = "reviewer"
        self.app_name = "reviewer"
        self.app_permissions = dict(LEAST_PRIVILEGE)
        self.app_events = list(EVENTS)
        self.hook_config: dict[str, Any] = {"content_type": "json", "insecure_ssl": "0"}  # its `url` is `webhook_url`
        self.webhook_secret = "it-is-only-a-stand-in"  # noqa: S105 - it guards nothing
        self.private_key_pem = private_key_pem or make_key()
        self.manifests = Manifests()
        self.limits = Limits()
        self.latency = 0.0  # seconds before each answer
        self.lag = 0.0  # seconds for which lists do not show what was written: they come from a copy
        self.lock = threading.RLock()
        self.repositories: dict[str, Repository] = {}
        self.installations: dict[int, Installation] = {}
        self.tokens: dict[str, Token] = {}
        self.people: set[str] = set()
        self.requests: list[Seen] = []
        self.faults: list[Fault] = []
        self.deliveries: list[Delivery] = []
        self.webhook_url = ""  # where `deliver` posts when it is told nothing else
        self._ids = itertools.count(1_001)
        self._changes: dict[tuple[str, str, str], tuple[Change, ...]] = {}  # what two commits differ in never changes

    # --- building -----------------------------------------------------------------------------------------------

    def add_repository(
        self,
        full_name: str,
        git: GitRepository | None = None,
        *,
        private: bool = True,
        default_branch: str = "main",
        roles: dict[str, str] | None = None,
    ) -> Repository:
        """A repository (its git is made empty when none is given), on which the App gets installed."""
        git = git or GitRepository.create(self.root / f"{full_name}.git")
        repository = Repository(
            self.next_id(), full_name, git, self.clock(), default_branch, private=private, roles=dict(roles or {})
        )
        with self.lock:
            self.repositories[full_name.lower()] = repository
            self.people |= {repository.owner, *repository.roles}
            self.install(repository.owner)
        return repository

    def install(
        self,
        account: str,
        *,
        repositories: set[str] | None = None,
        permissions: dict[str, str] | None = None,
    ) -> Installation:
        """The App's installation on the account, made when there is none."""
        with self.lock:
            for installation in self.installations.values():
                if installation.account == account:
                    return installation
            made = Installation(self.next_id(), account, dict(permissions or LEAST_PRIVILEGE), repositories)
            self.installations[made.id] = made
            return made

    def shown(self, when: float) -> bool:
        """Whether lists show by now what was written then."""
        return when <= self.clock() - self.lag

    def next_id(self) -> int:
        return next(self._ids)

    # --- what stands --------------------------------------------------------------------------------------------

    @property
    def bot(self) -> str:
        return f"{self.slug}[bot]"

    def now(self) -> str:
        return stamp(self.clock())

    def repository(self, full_name: str) -> Repository:
        return self.repositories[full_name.lower()]

    def pull(self, full_name: str, number: int) -> Pull:
        return self.repository(full_name).pulls[number]

    def reviews(self, full_name: str, number: int) -> list[Review]:
        return list(self.pull(full_name, number).reviews)

    def comments(self, full_name: str, number: int) -> list[ReviewComment]:
        """The inline comments, replies too."""
        return list(self.pull(full_name, number).comments)

    def issue_comments(self, full_name: str, number: int) -> list[IssueComment]:
        """The comments of the conversation."""
        return list(self.pull(full_name, number).issue_comments)

    def check_runs(self, sha: str) -> list[CheckRun]:
        """The check runs on a head, oldest first."""
        return [run for repository in self.repositories.values() for run in repository.checks if run.head_sha == sha]

    def installation_of(self, full_name: str) -> Installation | None:
        return next((each for each in self.installations.values() if each.covers(full_name)), None)

    def changes(self, repository: Repository, pull: Pull, head: str = "") -> tuple[Change, ...]:
        """What the pull request changes: from the merge base to its head, or to an earlier commit of it."""
        head = head or pull.head_sha
        base = repository.git.merge_base(pull.base_sha, head) or pull.base_sha
        key = (repository.full_name, base, head)
        if key not in self._changes:
            self._changes[key] = changes(repository.git, base, head)
        return self._changes[key]

    # --- tokens, faults, the log --------------------------------------------------------------------------------

    def issue_token(
        self, installation: Installation, *, repositories: frozenset[str] | None, permissions: dict[str, str]
    ) -> Token:
        """About 520 characters with dots in them, as GitHub's are now."""
        seed = f"{installation.id}.{self.next_id()}".encode()
        parts = (hmac.digest(self.webhook_secret.encode(), seed + bytes([at]), "sha512") for at in range(6))
        noise = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
        expires = self.clock() + self.limits.token_seconds
        token = Token(f"ghs_{noise}", installation, expires, permissions, repositories)
        with self.lock:
            self.tokens[token.value] = token
        return token

    def fail(
        self,
        method: str = "",
        path: str = "",
        *,
        times: float = 1,
        status: int | None = 500,
        headers: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
        delay: float = 0.0,
        after: bool = False,
    ) -> None:
        """Script a failure for requests whose path matches the regular expression.

        `times` may be FOREVER; `status` None with a `delay` is only slow; `after` does the thing, then fails.
        """
        fault = Fault(method.upper(), path, times, status, dict(headers or {}), body, delay, after)
        with self.lock:
            self.faults.append(fault)

    def next_fault(self, method: str, path: str) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if fault.left > 0 and fault.method in {"", method} and re.search(fault.path, path):
                    fault.left -= 1
                    return fault
        return None

    def count(self, method: str = "", path: str = "") -> int:
        """How many logged requests there are with this method and a path that matches the regular expression."""
        return sum(method.upper() in {"", seen.method} and bool(re.search(path, seen.path)) for seen in self.requests)


def stamp(seconds: float) -> str:
    """GitHub's way to write a time."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def make_key() -> str:
    """A throwaway RSA key as PEM (PKCS#1, as GitHub hands them out)."""
    return (
        rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        .decode()
    )


def stable_id(text: str) -> int:
    """An id that is the same on every run, for users and other things named by a word."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) >> 1
