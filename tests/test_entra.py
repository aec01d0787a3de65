"""Azure OpenAI without a key: each request carries the token that Microsoft Entra ID gives."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from asker import PLAIN, SWITCH, Asker, review, served
from azure.core.credentials import AccessToken
from azure.identity import CredentialUnavailableError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reviewer.core.errors import ModelError
from reviewer.model import build_model
from reviewer.model.client import OpenAIModel
from reviewer.model.entra import bearer_of
from reviewer.model.provider import entra
from reviewer.models import Models
from reviewer.settings import load

__all__ = ["served"]


class Identity:
    """A credential that gives numbered tokens, each good for so many seconds."""

    def __init__(self, *, lasts: float = 3_600.0, known: bool = True) -> None:
        self.lasts, self.known = lasts, known
        self.scopes: list[str] = []

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        if not self.known:
            raise CredentialUnavailableError("who are you?")
        self.scopes += scopes
        return AccessToken(f"token-{len(self.scopes)}", int(time.time() + self.lasts))


class Azure:
    """The resource on loopback; keeps the path and the credentials of each request."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.refuses = refuses
        self.seen: list[tuple[str, str | None, str | None]] = []
        SWITCH.app = Starlette(routes=[Route("/{path:path}", self.answer, methods=["POST"])])

    async def answer(self, request: Request) -> Response:
        headers = request.headers
        self.seen.append((request.url.path, headers.get("authorization"), headers.get("api-key")))
        return JSONResponse({"error": {"code": "401"}}, 401) if self.refuses else JSONResponse(PLAIN)


def asker(identity: Identity, version: str | None = None) -> Asker:
    made = Asker(SWITCH.url)
    provider = entra(SWITCH.url, bearer_of(SWITCH.url, identity), version)
    made.model = OpenAIModel("gpt-x", api="responses", provider=provider, pace=made.model._requests.pace)
    return made


@pytest.mark.parametrize(
    ("version", "path"), [(None, "/openai/v1/responses"), ("2025-04-01-preview", "/openai/responses")]
)
def test_the_token_goes_where_a_key_would(version: str | None, path: str) -> None:
    """As a bearer, on both surfaces, and no `api-key` beside it; one token serves until it ends."""
    azure, identity = Azure(), Identity()
    asker(identity, version).ask(review(), review())
    assert azure.seen == [(path, "Bearer token-1", None)] * 2
    assert identity.scopes == ["https://cognitiveservices.azure.com/.default"]


def test_a_token_that_ends_is_renewed() -> None:
    azure = Azure()
    asker(Identity(lasts=-1)).ask(review(), review())
    assert [bearer for _, bearer, _ in azure.seen] == ["Bearer token-1", "Bearer token-2"]


@pytest.mark.parametrize(
    ("host", "cloud"),
    [("x.openai.azure.us", "azure.us"), ("x.openai.azure.cn", "azure.cn"), ("x.example", "azure.com")],
)
def test_each_cloud_has_tokens_of_its_own(host: str, cloud: str) -> None:
    identity = Identity()
    assert asyncio.run(bearer_of(f"https://{host}", identity)()) == "token-1"
    assert identity.scopes == [f"https://cognitiveservices.{cloud}/.default"]


def test_who_has_no_identity_hears_what_to_do() -> None:
    """One sentence, at the call; nothing is sent."""
    azure = Azure()
    error = asker(Identity(known=False)).fails(review())
    assert (error.code, azure.seen) == ("entra", [])
    assert str(error).startswith("Microsoft Entra ID gives no token for Azure OpenAI: set AZURE_OPENAI_API_KEY, or ")


def test_an_identity_without_the_role_is_told_so() -> None:
    azure = Azure(refuses=True)
    error = asker(Identity()).fails(review())
    assert (error.code, len(azure.seen)) == ("keys_refused", 1)
    assert "Cognitive Services OpenAI User" in str(error)


def test_the_endpoint_alone_means_entra(tmp_path: Path) -> None:
    """It is not taken for OpenAI with a key that is set as well; with its own key it needs no identity."""
    endpoint = {"AZURE_OPENAI_ENDPOINT": "https://x.openai.azure.com"}
    alone = Models(load(endpoint | {"OPENAI_API_KEY": "sk-x"})).named("gpt-x")
    keyed = Models(load(endpoint | {"AZURE_OPENAI_API_KEY": "az"})).named("gpt-x")
    assert [model._requests.provider.keyless for model in (alone, keyed)] == [True, False]  # type: ignore[attr-defined]
    assert not build_model("gpt-x", keys=["sk-x"])._requests.provider.keyless
    with pytest.raises(ModelError):
        Models(load({})).named("gpt-x")
