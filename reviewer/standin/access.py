"""Lets the App in by its signed JWT and an installation by its token, and refuses as GitHub does."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from reviewer.standin.calls import Endpoint, Refusal, not_found
from reviewer.standin.records import Installation, Token
from reviewer.standin.state import State

_LONGEST = 600  # seconds that a JWT may be good for
_SKEW = 60  # GitHub advises to date a JWT a minute back; its own tolerance is of this order
_LEVELS = {"read": 1, "write": 2, "admin": 3}


def admit(hub: State, endpoint: Endpoint, authorization: str) -> Token | None:
    """The installation token behind a request; None for the App and for nobody. Raises Refusal."""
    scheme, _, credential = authorization.partition(" ")
    credential = credential.strip() if scheme.lower() in {"bearer", "token"} else ""
    if endpoint.who == "anyone":
        return None
    if not credential:
        raise Refusal(401, "Requires authentication")
    if endpoint.who == "app":
        check_jwt(hub, credential)
        return None
    token = hub.tokens.get(credential)
    if token is None or token.expires <= hub.clock() or token.installation.id not in hub.installations:
        raise Refusal(401, "Bad credentials")
    if token.installation.suspended:
        raise Refusal(403, "This installation has been suspended")
    if endpoint.needs and not may(token, endpoint.needs):
        accepted = "; ".join(need.replace(":", "=") for need in endpoint.needs.split("|"))
        headers = {"x-accepted-github-permissions": accepted}
        raise Refusal(403, "Resource not accessible by integration", headers=headers)
    return token


def may(token: Token, needs: str) -> bool:
    """What the owner takes away is gone from older tokens too; what he adds, only newer ones have."""
    return granted(token.permissions, needs) and granted(token.installation.permissions, needs)


def count_write(hub: State, installation: Installation) -> None:
    """Raises Refusal when the installation writes more than GitHub's secondary limits allow."""
    now, writes = hub.clock(), installation.writes
    for seconds, most in ((60, hub.limits.writes_minute), (3_600, hub.limits.writes_hour)):
        if sum(when > now - seconds for when in writes) >= most:
            words = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
            raise Refusal(403, words, headers={"retry-after": "60"})
    writes.append(now)


def granted(permissions: dict[str, str], needs: str) -> bool:
    """`needs` lists alternatives: "issues:write|pull_requests:write"."""
    return any(
        _LEVELS.get(permissions.get(name, ""), 0) >= _LEVELS[level]
        for name, _, level in (need.partition(":") for need in needs.split("|"))
    )


def check_jwt(hub: State, credential: str) -> None:
    """Raises Refusal unless it is an RS256 JWT of this App that is good now and for at most ten minutes."""
    try:
        head, claims, signed, signature = _parts(credential)
    except (ValueError, binascii.Error):
        raise Refusal(401, "A JSON web token could not be decoded") from None
    key = load_pem_private_key(hub.private_key_pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    try:
        key.public_key().verify(signature, signed, padding.PKCS1v15(), SHA256())
    except InvalidSignature:
        raise Refusal(401, "A JSON web token could not be decoded") from None
    if head.get("alg") != "RS256":
        raise Refusal(401, "A JSON web token could not be decoded")
    _check_claims(hub, claims)


def _check_claims(hub: State, claims: dict[str, Any]) -> None:
    now, issued, expires = hub.clock(), claims.get("iat"), claims.get("exp")
    if str(claims.get("iss")) not in {str(hub.app_id), hub.client_id}:
        raise Refusal(404, "Integration not found")
    if not isinstance(issued, int | float) or issued > now + _SKEW:
        raise Refusal(
            401,
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
        )
    if not isinstance(expires, int | float) or expires <= now:
        raise Refusal(
            401,
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the "
            "assertion expires",
        )
    if expires > now + _LONGEST or expires - issued > _LONGEST + _SKEW:
        raise Refusal(401, "'Expiration time' claim ('exp') is too far in the future")


def _parts(credential: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    head, claims, signature = credential.split(".")
    decoded = [json.loads(_unpad(part)) for part in (head, claims)]
    if not all(isinstance(part, dict) for part in decoded):
        raise ValueError(credential)
    return decoded[0], decoded[1], f"{head}.{claims}".encode(), _unpad(signature)


def _unpad(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def new_token(hub: State, installation_id: int, body: dict[str, Any]) -> Token:
    """An installation token, narrowed to the repositories and permissions that the body names."""
    installation = hub.installations.get(installation_id)
    if installation is None:
        raise not_found()
    if installation.suspended:
        raise Refusal(403, "This installation has been suspended")
    permissions = body.get("permissions") or dict(installation.permissions)
    known = all(level in _LEVELS for level in permissions.values())
    if not known or not all(granted(installation.permissions, ":".join(pair)) for pair in permissions.items()):
        raise Refusal(422, "The permissions requested are not granted to this installation.")
    return hub.issue_token(
        installation, repositories=_narrowed(hub, installation, body), permissions={**permissions, "metadata": "read"}
    )


def _narrowed(hub: State, installation: Installation, body: dict[str, Any]) -> frozenset[str] | None:
    names, ids = body.get("repositories") or (), body.get("repository_ids") or ()
    if not names and not ids:
        return None if installation.repositories is None else frozenset(installation.repositories)
    found = {
        each.name
        for each in hub.repositories.values()
        if installation.covers(each.full_name) and (each.name in names or each.id in ids)
    }
    if len(found) < len(set(names) | set(ids)):
        raise Refusal(
            422,
            "There is at least one repository that does not exist or is not accessible to the parent installation.",
        )
    return frozenset(found)
