"""Azure and compatible servers: their paths, their habits, and what they leave out."""

from __future__ import annotations

from typing import Any

import pytest
from asker import BOTH, HIT, PLAIN, SWITCH, Api, asking, review, served, serving, standin
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from reviewer.core.findings import parse_report
from reviewer.core.types import Usage
from reviewer.model.loose import object_in_text
from reviewer.standin.model_shapes import FaultKind

__all__ = ["served"]


@pytest.mark.parametrize("api", BOTH)
@pytest.mark.parametrize("kind", ["json_in_text", "dict_arguments"])
def test_the_right_object_in_the_wrong_place_is_taken(api: Api, kind: FaultKind) -> None:
    with asking(standin(kind), api=api) as asker:
        (answer,) = asker.ask(review())
    assert answer.fault == ""
    assert [finding.title for finding in parse_report(answer.arguments).findings] == [HIT["title"]]


@pytest.mark.parametrize("api", BOTH)
def test_a_server_that_counts_nothing_costs_nothing(api: Api) -> None:
    with asking(standin("no_usage"), api=api) as asker:
        (answer,) = asker.ask(review())
    assert (answer.usage, answer.fault) == (Usage(calls=1), "")


def test_a_chat_server_that_refuses_a_field_gets_the_other_one() -> None:
    """Compatible servers know max_tokens, reasoning models at OpenAI only max_completion_tokens. Asked once, kept."""
    server = standin(refused_fields=frozenset({"max_tokens", "prompt_cache_key"}))
    with asking(server, api="chat") as asker:
        answers = asker.ask(review(cache_key="k"), review(cache_key="k"))
    limits = [
        [key for key in request.body if key in {"max_tokens", "max_completion_tokens", "prompt_cache_key"}]
        for request in server.requests
    ]
    assert [answer.fault for answer in answers] == ["", ""]
    assert limits[-2:] == [["max_completion_tokens"]] * 2
    assert len(limits) == 4


@pytest.mark.parametrize(
    ("refusal", "choice", "strict"),
    [
        ({"error": {"message": "Invalid tool_choice type: 'object'. Supported: none, auto, required"}}, "required", True),
        ({"detail": [{"loc": ["body", "tools", 0, "function", "strict"], "msg": "Extra inputs are not permitted"}]}, {}, None),
    ],
)  # fmt: skip
def test_a_chat_server_that_refuses_how_the_function_is_forced(refusal: Any, choice: Any, strict: bool | None) -> None:
    """It is asked once more with what it may know; the function stays the only one, and has to be called."""
    asked: list[dict[str, Any]] = []

    async def endpoint(request: Request) -> JSONResponse:
        asked.append(await request.json())
        if len(asked) == 1:
            return JSONResponse(refusal, 400)
        function = {"name": "report_findings", "arguments": {"findings": []}}
        return JSONResponse({"choices": [{"message": {"tool_calls": [{"function": function}]}, "finish_reason": None}]})

    with serving(lambda _: JSONResponse({}), api="chat") as asker:
        SWITCH.app = Starlette(routes=[Route("/v1/chat/completions", endpoint, methods=["POST"])])
        (answer,) = asker.ask(review())
    assert answer.fault == ""
    assert asked[1]["tool_choice"] == (choice or asked[0]["tool_choice"])
    assert asked[1]["tools"][0]["function"].get("strict") is strict


@pytest.mark.parametrize(
    ("api", "body", "arguments", "fault"),
    [
        ("responses", PLAIN, '{"findings": []}', ""),
        ("responses", {"output": []}, "", "text"),
        ("responses", {"output": [None, 3, {"type": "message", "content": None}], "usage": []}, "", "text"),
        ("responses", {"output": [], "status": "incomplete", "incomplete_details": {"reason": "content_filter"}}, "", "refused"),
        ("responses", {"output": [{"type": "message", "content": [{"type": "output_text", "text": '<think>{"findings": [1]}</think>{"name": "report_findings", "arguments": {"findings": []}}'}]}]}, '{"findings": []}', ""),
        ("responses", {"output": [PLAIN["output"][0], PLAIN["output"][0]]}, '{"findings": []}\n{"findings": []}', ""),
        ("responses", {"status": "incomplete", "output": [{"type": "message", "content": [{"text": 'Sure: {"findings": [{"path'}]}]}, '{"findings": [{"path', "truncated"),
        ("chat", {"choices": [{"message": {"content": [{"type": "text", "text": '{"findings": []}'}]}}]}, '{"findings": []}', ""),
        ("chat", {"choices": [{"message": {"function_call": {"name": "report_findings", "arguments": "{}"}}}]}, "{}", ""),
        ("chat", {"choices": [{"message": {"tool_calls": [{"function": {"name": "functions.report_findings", "arguments": "{}"}}]}}]}, "{}", ""),
        ("chat", {"choices": [{"message": {"tool_calls": [{"function": {"name": "report_findings", "arguments": []}}]}}]}, "[]", ""),
        ("chat", {"choices": [{"message": {"function_call": {"arguments": '{"findings": [{"path'}}, "finish_reason": "max_tokens"}]}, '{"findings": [{"path', "truncated"),
        ("chat", {"choices": [{"message": {"content": "", "reasoning_content": '{"findings": []}'}, "finish_reason": "stop"}]}, "", "text"),
        ("chat", {"choices": [{"message": {"content": "no"}, "finish_reason": "content_filter"}]}, "", "refused"),
        ("chat", {"choices": [{"message": None}], "usage": {"prompt_tokens": "3"}}, "", "text"),
    ],
)  # fmt: skip
def test_bodies_of_compatible_servers_are_read(api: Api, body: dict[str, Any], arguments: str, fault: str) -> None:
    """What is missing or of the wrong kind counts as absent; nothing raises."""
    with serving(lambda _: JSONResponse(body), api=api) as asker:
        (answer,) = asker.ask(review())
    assert (answer.arguments, answer.fault, answer.model, answer.usage) == (arguments, fault, "gpt-x", Usage(calls=1))


def test_all_usage_is_read() -> None:
    usage = {
        "input_tokens": 9,
        "input_tokens_details": {"cached_tokens": 4},
        "output_tokens": 7,
        "output_tokens_details": {"reasoning_tokens": 5},
    }
    chat = {
        "prompt_tokens": 9,
        "prompt_tokens_details": {"cached_tokens": 4},
        "completion_tokens": 7,
        "completion_tokens_details": {"reasoning_tokens": 5},
    }
    with serving(lambda _: JSONResponse(PLAIN | {"usage": usage})) as asker:
        assert asker.ask(review())[0].usage == Usage(9, 4, 7, 5, 1)
    with serving(lambda _: JSONResponse({"choices": [{}], "usage": chat}), api="chat") as asker:
        assert asker.ask(review())[0].usage == Usage(9, 4, 7, 5, 1)


@pytest.mark.parametrize(
    ("api", "version", "path"),
    [
        ("responses", None, "/openai/v1/responses"),
        ("responses", "2025-04-01-preview", "/openai/responses"),
        ("chat", "2025-04-01-preview", "/openai/deployments/gpt-x/chat/completions"),
        ("chat", "v1", "/openai/v1/chat/completions"),
    ],
)
def test_azure_is_reached_on_its_own_paths(api: Api, version: str | None, path: str) -> None:
    server = standin(refused_keys={"gone": "bad_key"})
    settings = {"api": api, "azure_endpoint": f"{SWITCH.url}/", "azure_version": version, "base_url": None, "keys": ()}
    with asking(server, azure_key="az-key", **settings) as asker:
        assert asker.ask(review())[0].fault == ""
    with asking(server, azure_key="gone", **settings) as asker:
        error = asker.fails(review())
    assert (server.requests[0].path, server.requests[0].key) == (path, "az-key")
    assert "AZURE_OPENAI_API_KEY" in str(error)


def test_a_server_of_ones_own_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the environment is not looked into: the address and the key come by argument."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    server = standin()
    with asking(server, keys=()) as asker:
        asker.ask(review())
    assert server.requests[0].key == "none"


def test_an_object_in_text_has_to_be_the_functions_own() -> None:
    tool = review().tool
    assert object_in_text('an {"example": 1} and {"findings": "x"', tool) == ""
    assert object_in_text('{"a": ' * 5_000, tool) == ""


def test_a_server_on_this_machine_is_asked_past_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy could reach it; a company's proxy settings must not break a local model."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with asking(standin()) as asker:
        (answer,) = asker.ask(review())
    assert answer.fault == ""
