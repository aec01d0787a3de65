"""The model over real HTTP on loopback: what is asked, and what is read."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Coroutine
from typing import Any

import pytest
from asker import BOTH, HIT, Api, Asker, Naps, asking, confirmation, review, served, standin

from reviewer.core.errors import UsageError
from reviewer.core.findings import parse_report, parse_verdicts
from reviewer.core.types import Answer, Usage
from reviewer.model import build_model
from reviewer.standin.model_shapes import FaultKind

__all__ = ["served"]


@pytest.mark.parametrize("api", BOTH)
def test_a_review_comes_back_with_its_usage(api: Api) -> None:
    """Only the recorded findings that the diff talks about; tokens as the server counted them."""
    server = standin()
    with asking(server, api=api) as asker:
        (answer,) = asker.ask(review())
    assert [finding.title for finding in parse_report(answer.arguments).findings] == [HIT["title"]]
    sent = len(json.dumps(server.requests[0].body, ensure_ascii=False)) // 4
    assert answer.usage == Usage(input=sent, output=answer.usage.output, calls=1)
    assert answer.usage.output > 20
    assert (answer.model, answer.fault, answer.request_id) == ("gpt-x", "", "req_1")


def test_a_call_takes_as_long_as_its_last_try() -> None:
    """The last try is what the model took; tries that failed and the waits between them are what it waited for."""
    naps = Naps()
    with asking(standin("server_error", "server_error"), sleep=naps, clock=lambda: sum(naps.seconds)) as asker:
        [answer] = asker.ask(review())
        assert (answer.seconds, answer.waited) == (0.0, 3.0)


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


@pytest.mark.parametrize(
    "settings",
    [{}, {"keys": [" "]}, {"azure_key": "k"}, {"keys": ["sk-\u201cx\u201d"]}, {"keys": ["sk 1"]}],
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


def test_openai_is_imported_only_when_a_model_is_built() -> None:
    """`reviewer --help` stays quick."""
    code = "import sys, reviewer.model; sys.exit('openai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
