"""The model over real HTTP on loopback: what is asked, what is read, and what every kind of failure becomes."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from reviewer import resources
from reviewer.core.errors import ModelError, UsageError
from reviewer.core.findings import parse_report, parse_verdicts
from reviewer.core.prompts import confirm_prompt, parse_prompt, review_prompt
from reviewer.core.types import Answer, Batch, Chunk, Finding, HunkId, Placed, Prompt, Severity, Usage
from reviewer.model import build_model, responses
from reviewer.model.failures import retry_after
from reviewer.model.keys import Keys
from reviewer.model.loose import object_in_text
from reviewer.standin.model import StandInModel
from reviewer.standin.model_rules import refusal_of
from reviewer.standin.model_shapes import Fault, FaultKind
from reviewer.standin.server import serve

Api = Literal["responses", "chat"]
BOTH: list[Api] = ["responses", "chat"]

HIT = {
    "path": "src/refund.py",
    "line": 40,
    "end_line": None,
    "quote": "if cents > order.paid:",
    "severity": "critical",
    "category": "logic",
    "confidence": 0.9,
    "title": "Refunds can exceed what was paid",
    "body": "Two refunds of 60 on 100 both pass.",
    "suggestion": None,
}
ELSEWHERE = HIT | {"path": "src/other.py", "title": "Never asked about"}
GONE = HIT | {"quote": "if cents >= order.paid:", "title": "Not in this diff"}


def review(**settings: Any) -> Prompt:
    chunk = Chunk(
        "src/refund.py", "k", "@@ src/refund.py\n40+    if cents > order.paid:\n", 9, (HunkId("src/refund.py", 0),), ()
    )
    return review_prompt(parse_prompt(resources.prompts()["review"]), batch=Batch((chunk,)), **settings)


def confirmation() -> Prompt:
    finding = Finding("src/refund.py", 40, None, HIT["quote"], Severity.CRITICAL, "logic", 0.9, "one", "b")  # type: ignore[arg-type]
    other = Finding("src/refund.py", 41, None, "x", Severity.HIGH, "logic", 0.9, "two", "b")
    claims = [("id-1", Placed(finding, None)), ("id-2", Placed(other, None))]
    return confirm_prompt(parse_prompt(resources.prompts()["confirm"]), findings=claims, code="1+x\n")


class Naps:
    """A sleep that only remembers how long it should have been."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


class Asker:
    """A model on a stand-in, with what there is to look at afterwards."""

    def __init__(self, url: str, **settings: Any) -> None:
        self.naps = Naps()
        defaults: dict[str, Any] = {
            "keys": ["sk-one"],
            "base_url": f"{url}/v1",
            "sleep": self.naps,
            "chance": lambda: 1.0,
        }
        self.model = build_model("gpt-x", **(defaults | settings))

    def ask(self, *prompts: Prompt) -> list[Answer]:
        async def all_of_them() -> list[Answer]:
            try:
                return [await self.model.call(prompt) for prompt in prompts]
            finally:
                await self.model.aclose()

        return asyncio.run(all_of_them())

    def fails(self, prompt: Prompt) -> ModelError:
        with pytest.raises(ModelError) as caught:
            self.ask(prompt)
        return caught.value


class Switch:
    """One server for the whole file, in front of whatever app a test brings: starting one takes longer than a call."""

    def __init__(self) -> None:
        self.app: ASGIApp = Starlette()
        self.url = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


SWITCH = Switch()


@pytest.fixture(scope="module", autouse=True)
def _served() -> Iterator[None]:
    with serve(SWITCH) as SWITCH.url:
        yield


@contextmanager
def asking(standin: StandInModel, **settings: Any) -> Iterator[Asker]:
    SWITCH.app = standin.app
    yield Asker(SWITCH.url, **settings)


def standin(*faults: FaultKind | Fault | None, **settings: Any) -> StandInModel:
    scripted = [Fault(fault) if isinstance(fault, str) else fault for fault in faults]
    return StandInModel([HIT, ELSEWHERE, GONE], {"two": False}, faults=scripted, **settings)


@pytest.mark.parametrize("api", BOTH)
def test_a_review_comes_back_with_its_usage(api: Api) -> None:
    """Only the recorded findings that the diff talks about; tokens as the server counted them."""
    server = standin()
    with asking(server, api=api, clock=iter([10.0, 12.5]).__next__) as asker:
        (answer,) = asker.ask(review())
    assert [finding.title for finding in parse_report(answer.arguments).findings] == [HIT["title"]]
    sent = len(json.dumps(server.requests[0].body, ensure_ascii=False)) // 4
    assert answer.usage == Usage(input=sent, output=answer.usage.output, calls=1)
    assert answer.usage.output > 20
    assert (answer.model, answer.fault, answer.request_id, answer.seconds) == ("gpt-x", "", "req_1", 2.5)


@pytest.mark.parametrize("api", BOTH)
def test_a_confirmation_comes_back_by_id(api: Api) -> None:
    with asking(standin(), api=api) as asker:
        (answer,) = asker.ask(confirmation())
    assert parse_verdicts(answer.arguments) == {"id-1": (True, "as recorded"), "id-2": (False, "as recorded")}


@pytest.mark.parametrize("api", BOTH)
def test_the_request_keeps_the_platforms_rules(api: Api) -> None:
    """The function forced, one call, not stored, the output limited, the cache keyed to the repository."""
    server = standin()
    with asking(server, api=api) as asker:
        asker.ask(
            review(cache_key="7/octo/shop", temperature=0.1), review(effort="high", temperature=0.1, cache_key="k" * 65)
        )
    first, second = (request.body for request in server.requests)
    assert (first["model"], first["parallel_tool_calls"], first["prompt_cache_key"]) == ("gpt-x", False, "7/octo/shop")
    assert len(second["prompt_cache_key"]) == 64
    if api == "responses":
        assert (first["store"], first["max_output_tokens"]) == (False, 16_000)
        assert first["tool_choice"] == {"type": "function", "name": "report_findings"}
        assert first["tools"][0]["strict"] is True
        assert "reasoning" not in first
        assert second["reasoning"] == {"effort": "high"}
    else:
        assert first["max_tokens"] == 16_000
        assert first["tool_choice"] == {"type": "function", "function": {"name": "report_findings"}}
        assert first["tools"][0]["function"]["strict"] is True
        assert "reasoning_effort" not in first
        assert second["reasoning_effort"] == "high"
    assert (first["temperature"], "temperature" in second) == (0.1, False)


@pytest.mark.parametrize("api", BOTH)
def test_an_effort_of_none_may_have_a_temperature(api: Api) -> None:
    server = standin()
    with asking(server, api=api) as asker:
        asker.ask(review(effort="none", temperature=0.0))
    assert server.requests[0].body["temperature"] == 0.0


@pytest.mark.parametrize("api", BOTH)
@pytest.mark.parametrize(("kind", "fault"), [("text", "text"), ("truncated", "truncated"), ("refusal", "refused")])
def test_what_is_no_proper_answer_is_named(api: Api, kind: FaultKind, fault: str) -> None:
    """No retry here: the line decides whether to ask again."""
    server = standin(kind)
    with asking(server, api=api) as asker:
        (answer,) = asker.ask(review())
    assert (answer.fault, len(server.requests)) == (fault, 1)
    assert answer.usage.input > 0
    assert bool(answer.arguments) is (kind == "truncated")
    assert bool(answer.text) is (kind != "truncated")


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


@pytest.mark.parametrize("api", BOTH)
@pytest.mark.parametrize("kind", ["rate_limit", "server_error", "overloaded", "malformed", "failed"])
def test_what_passes_is_waited_for(api: Api, kind: FaultKind) -> None:
    """Two failures and then an answer: one policy, with growing waits."""
    server = standin(kind, kind)
    with asking(server, api=api) as asker:
        (answer,) = asker.ask(review())
    assert (answer.fault, len(server.requests), asker.naps.seconds) == ("", 3, [1.0, 2.0])


@pytest.mark.parametrize("kind", ["rate_limit", "server_error", "overloaded", "malformed", "failed"])
def test_patience_ends_after_three_tries(kind: FaultKind) -> None:
    server = standin(*[kind] * 5)
    with asking(server) as asker:
        error = asker.fails(review())
    assert (error.retryable, len(server.requests)) == (True, 3)
    assert "try again later" in str(error)


@pytest.mark.parametrize(("asked", "waited"), [(7, 7.0), (300, 60.0)])
def test_retry_after_is_obeyed_up_to_a_minute(asked: int, waited: float) -> None:
    with asking(standin(Fault("rate_limit", asked))) as asker:
        asker.ask(review())
    assert asker.naps.seconds == [waited]


@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "soon"}, 1.0),
        ({"retry-after": "-5"}, 1.0),
    ],
)
def test_retry_after_has_several_forms(headers: dict[str, str], waited: float) -> None:
    answers = iter([JSONResponse({"error": {}}, 429, headers)])
    with serving(lambda _: next(answers, JSONResponse(PLAIN))) as asker:
        asker.ask(review())
    assert asker.naps.seconds == [waited]


def test_a_date_to_retry_after_counts_from_the_answers_own() -> None:
    """So no clock of ours has to be right."""
    date, later = "Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:28:30 GMT"
    assert retry_after({"retry-after": later, "date": date}) == 30.0
    assert retry_after({"retry-after": date, "date": later}) == 0.0
    assert retry_after({"retry-after": later}) is None
    assert retry_after({"retry-after": later, "date": "Wed, 21 Oct 2026 07:28:00"}) is None


@pytest.mark.parametrize("api", BOTH)
@pytest.mark.parametrize(
    ("kind", "code", "sentence"),
    [
        ("context_length", "context_length_exceeded", "too long for gpt-x: set REVIEWER_MODEL"),
        ("content_filter", "content_filter", "content filter refused"),
        ("unknown_model", "model_not_found", "no model gpt-x at this server: set REVIEWER_MODEL"),
    ],
)
def test_what_no_retry_mends_fails_at_once(api: Api, kind: FaultKind, code: str, sentence: str) -> None:
    server = standin(kind)
    with asking(server, api=api) as asker:
        error = asker.fails(review())
    assert (error.retryable, error.code, len(server.requests)) == (False, code, 1)
    assert sentence in str(error)


def test_keys_are_used_in_turn() -> None:
    server = standin()
    with asking(server, keys=["sk-one", "sk-two"]) as asker:
        asker.ask(*[review()] * 4)
    assert [request.key for request in server.requests] == ["sk-one", "sk-two", "sk-one", "sk-two"]


@pytest.mark.parametrize("kind", ["bad_key", "insufficient_quota"])
def test_a_refused_key_is_set_aside(kind: str) -> None:
    """The next key is tried at once, without a wait, and the refused one is not asked again."""
    server = standin(refused_keys={"sk-two": kind})
    with asking(server, keys=["sk-one", "sk-two", "sk-three"]) as asker:
        answers = asker.ask(*[review()] * 4)
    asked = [request.key for request in server.requests]
    assert ([answer.fault for answer in answers], asked.count("sk-two"), asker.naps.seconds) == ([""] * 4, 1, [])


@pytest.mark.parametrize("kind", ["bad_key", "insufficient_quota"])
def test_when_every_key_is_refused_the_operator_hears_of_it(kind: str) -> None:
    """The sentence names the variable and no key; quota is a 429 that no retry mends."""
    server = standin(refused_keys={"sk-one": kind, "sk-two": kind})
    with asking(server, keys=["sk-one", "sk-two"]) as asker:
        error = asker.fails(review())
    assert (error.retryable, error.code, len(server.requests), asker.naps.seconds) == (False, "keys_refused", 2, [])
    assert "OPENAI_API_KEY" in str(error)
    assert "sk-" not in str(error)


def test_a_mended_key_works_again_without_a_restart() -> None:
    server = standin(refused_keys={"sk-one": "insufficient_quota"})
    with asking(server) as asker:
        asker.fails(review())
        server.refused_keys.clear()
        assert asker.ask(review())[0].fault == ""


def test_a_key_set_aside_comes_back_when_none_is_left() -> None:
    keys = Keys(["a", "b"])
    keys.set_aside("a")
    assert [keys.next(), keys.next(), keys.next({"b"}), keys.next({"a", "b"})] == ["b", "b", "a", None]
    keys.set_aside("b")
    assert {keys.next(), keys.next()} == {"a", "b"}
    assert "a" not in repr(Keys(["a-secret"])).removeprefix("<Keys: ").replace("set aside", "")


def test_a_slow_server_is_given_up() -> None:
    """A read timeout is retryable; so is a server that is not there."""
    with asking(standin(*[Fault("slow", 5.0)] * 2), read_timeout=0.05, tries=2) as asker:
        error = asker.fails(review())
    assert (error.retryable, error.code) == (True, "timeout")
    error = Asker("http://127.0.0.1:9").fails(review())
    assert (error.retryable, error.code) == (True, "connection")
    assert "OPENAI_BASE_URL" in str(error)


def test_one_try_has_an_end_whatever_the_server_does() -> None:
    with asking(standin(Fault("slow", 5.0)), total_timeout=0.05, tries=1) as asker:
        assert asker.fails(review()).code == "timeout"


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


def test_a_refused_request_repeats_the_providers_words_without_secrets() -> None:
    message = "Unsupported value for key sk-abcdefgh12345678: 'effort' \n must be low."
    body = {"error": {"message": message, "code": "unsupported_value", "param": "reasoning.effort"}}
    with serving(lambda _: JSONResponse(body, 400)) as asker:
        error = asker.fails(review())
    assert error.retryable is False
    assert str(error).endswith("(400 unsupported_value: Unsupported value for key …: 'effort' must be low.).")


@contextmanager
def serving(answer: Callable[[Request], Response], **settings: Any) -> Iterator[Asker]:
    """A server that answers whatever it likes."""

    async def endpoint(request: Request) -> Response:
        return answer(request)

    paths = ["/v1/responses", "/v1/chat/completions"]
    SWITCH.app = Starlette(routes=[Route(path, endpoint, methods=["POST"]) for path in paths])
    yield Asker(SWITCH.url, **settings)


PLAIN = {"output": [{"type": "function_call", "name": "report_findings", "arguments": '{"findings": []}'}]}


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
        ("chat", {"choices": [{"message": {"content": "no"}, "finish_reason": "content_filter"}]}, "", "refused"),
        ("chat", {"choices": [{"message": None}], "usage": {"prompt_tokens": "3"}}, "", "text"),
    ],
)  # fmt: skip
def test_bodies_of_compatible_servers_are_read(api: Api, body: dict[str, Any], arguments: str, fault: str) -> None:
    """What is missing or of the wrong kind counts as absent; nothing raises."""
    with serving(lambda _: JSONResponse(body), api=api) as asker:
        (answer,) = asker.ask(review())
    assert (answer.arguments, answer.fault, answer.model, answer.usage) == (arguments, fault, "gpt-x", Usage(calls=1))


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{}", b'{"output": null}', b'"x"', b"\xff\xfe", b"[" * 100_000])
def test_a_body_without_an_answer_is_retryable(body: bytes) -> None:
    with serving(lambda _: Response(body, media_type="application/json"), tries=1) as asker:
        error = asker.fails(review())
    assert (error.retryable, error.code) == (True, "malformed")


@pytest.mark.parametrize(
    ("error", "retryable"),
    [
        ({"code": 502, "message": "upstream"}, True),
        ({"code": "rate_limit_exceeded"}, True),
        ({"code": 402, "message": "pay"}, False),
        ({"code": "invalid_prompt", "message": "no"}, False),
    ],
)
def test_an_error_inside_a_200_is_an_error(error: dict[str, Any], retryable: bool) -> None:
    """Routers answer 200 and say in the body that the model behind them failed."""
    with serving(lambda _: JSONResponse({"error": error}), api="chat", tries=1) as asker:
        assert asker.fails(review()).retryable is retryable


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


@pytest.mark.parametrize(
    "settings",
    [{}, {"keys": [" "]}, {"azure_endpoint": "https://x"}, {"keys": ["sk-\u201cx\u201d"]}, {"keys": ["sk 1"]}],
)
def test_without_a_usable_key_the_user_hears_what_to_set(settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="OPENAI_API_KEY"):
        build_model("gpt-x", **settings)


def test_calls_run_side_by_side_and_on_several_loops() -> None:
    """Eight calls on one connection pool take the time of one; a second event loop gets its own pool."""
    server = standin(latency=0.2)

    async def eight(asker: Asker) -> list[Answer]:
        try:
            return await asyncio.gather(*[asker.model.call(review()) for _ in range(8)])
        finally:
            await asker.model.aclose()

    with asking(server) as asker:
        work: list[Coroutine[Any, Any, list[Answer]]] = [eight(asker), eight(asker)]
        answers = [answer for part in work for answer in asyncio.run(part)]
    assert [answer.fault for answer in answers] == [""] * 16


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"store": True}, "store"),
        ({"tool_choice": {"type": "function", "name": "other"}}, "Tool choice 'other' not found"),
        ({"tool_choice": {"type": "function", "function": {"name": "report_findings"}}}, "tool_choice.name"),
        ({"temperature": 1, "reasoning": {"effort": "low"}}, "'temperature' is not supported"),
        ({"max_tokens": 3}, "Unknown parameter: 'max_tokens'"),
        ({"max_output_tokens": 3}, "max_output_tokens"),
        ({"tools": [{"type": "function", "function": {"name": "report_findings"}}]}, "not found in 'tools'"),
        (
            {"tools": [{"type": "function", "name": "report_findings", "strict": True, "parameters": {}}]},
            "the root must",
        ),
        ({"prompt_cache_key": "k" * 65}, "prompt_cache_key"),
        ({"input": ""}, "input"),
    ],
)
def test_the_stand_in_refuses_what_openai_refuses(change: dict[str, Any], message: str) -> None:
    """Else the tests above would prove nothing about the request."""
    body = responses.request(review(), model="gpt-x", cache_key="")
    assert refusal_of(body, api="responses", demand_store_false=True) is None
    refusal = refusal_of(body | change, api="responses", demand_store_false=True)
    assert refusal is not None
    assert message in refusal.message


def test_the_stand_in_refuses_by_status() -> None:
    with asking(standin(refused_fields=frozenset({"instructions"}))) as asker:
        error = asker.fails(review())
    assert (error.retryable, error.code) == (False, "unsupported_parameter")


def test_recorded_answers_come_from_a_file(tmp_path: Any) -> None:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps({"findings": [HIT], "verdicts": {"one": False}}))
    server = StandInModel.from_file(file)
    assert server.told("report_findings", "src/refund.py if cents > order.paid:") == {"findings": [HIT]}
    assert server.told("confirm_findings", '[{"id": "a", "title": "one"}]')["verdicts"][0]["holds"] is False
    file.write_text(json.dumps([HIT]))
    assert StandInModel.from_file(file).findings == [HIT]


def test_an_object_in_text_has_to_be_the_functions_own() -> None:
    tool = review().tool
    assert object_in_text('an {"example": 1} and {"findings": "x"', tool) == ""
    assert object_in_text('{"a": ' * 5_000, tool) == ""


def test_openai_is_imported_only_when_a_model_is_built() -> None:
    """`reviewer --help` stays quick."""
    code = "import sys, reviewer.model; sys.exit('openai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
