"""What GitHub refuses about a manifest for a new App, and the codes that it gives for those that it takes."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

LONGEST_NAME = 34
HOUR = 3_600.0  # seconds that a code works
LEVELS = {"read", "write", "admin"}
PERMISSIONS = {
    *("actions", "administration", "checks", "contents", "deployments", "environments", "issues", "members"),
    *("merge_queues", "metadata", "packages", "pages", "pull_requests", "secrets", "security_events", "statuses"),
    *("workflows", "organization_administration", "organization_hooks"),
}
NEEDS = {  # the permission without which an event cannot be had
    "check_run": "checks",
    "check_suite": "checks",
    "issue_comment": "issues",
    "issues": "issues",
    "merge_group": "merge_queues",
    "pull_request": "pull_requests",
    "pull_request_review": "pull_requests",
    "pull_request_review_comment": "pull_requests",
    "pull_request_review_thread": "pull_requests",
    "push": "contents",
    "status": "statuses",
}


@dataclass
class Manifests:
    """`codes` are those that can still be turned into credentials: until when, and for which App."""

    codes: dict[str, tuple[float, dict[str, Any]]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)  # that are taken

    def made(self, manifest: dict[str, Any], state: str, *, now: float) -> str:
        """The App is registered; where the browser goes with its code."""
        code = secrets.token_hex(20)
        self.names.add(manifest["name"].lower())
        self.codes[code] = (now + HOUR, manifest)
        query = urlencode({"code": code, **({"state": state} if state else {})})
        glue = "&" if urlsplit(manifest["redirect_url"]).query else "?"
        return f"{manifest['redirect_url']}{glue}{query}"

    def taken(self, code: str, *, now: float) -> dict[str, Any] | None:
        """The manifest behind a code, which is used up; None for one that is not good (any more)."""
        until, manifest = self.codes.pop(code, (0.0, {}))
        return manifest if until > now else None


def read(text: str, manifests: Manifests) -> tuple[dict[str, Any], list[str]]:
    """The manifest, and what GitHub says is wrong with it."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}, ["Manifest is not valid JSON"]
    if not isinstance(found, dict):
        return {}, ["Manifest must be an object"]
    return found, [*_wrong_words(found, manifests), *_wrong_grants(found)]


def _wrong_words(found: dict[str, Any], manifests: Manifests) -> list[str]:
    name, hook = found.get("name"), found.get("hook_attributes") or {}
    wrong = []
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        wrong.append(f"Name must have 1 to {LONGEST_NAME} characters")
    elif name.lower() in manifests.names:
        wrong.append("Name is already taken")
    addresses = {"Homepage URL": found.get("url"), "Redirect URL": found.get("redirect_url")}
    addresses["Hook URL"] = hook.get("url") if isinstance(hook, dict) else None
    return wrong + [f"{what} must be a valid URL" for what, url in addresses.items() if not _is_address(url)]


def _is_address(url: object) -> bool:
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
    except ValueError:
        return False
    return parts is not None and parts.scheme in {"http", "https"} and bool(parts.hostname)


def _wrong_grants(found: dict[str, Any]) -> list[str]:
    granted, events = found.get("default_permissions") or {}, found.get("default_events") or []
    if not isinstance(granted, dict) or not isinstance(events, list):
        return ["Default permissions must be an object, default events a list"]
    wrong = [f"Default permission {name!r} is not one of GitHub's" for name in granted if name not in PERMISSIONS] + [
        f"Default permission {name!r} cannot be {level!r}" for name, level in granted.items() if level not in LEVELS
    ]
    unknown = [event for event in events if event not in NEEDS]
    missing = [event for event in events if event in NEEDS and NEEDS[event] not in granted]
    wrong += [f"Default events are not supported: {event}" for event in unknown]
    return wrong + [f"Default events are not supported by permissions: {event}" for event in missing]
