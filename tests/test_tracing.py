"""A job is a trace with a span for each call of the model, in the names that collectors know, without a word of it."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from typing import Any

import pytest
from collector import Collector, collecting
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes, vcs_attributes

from reviewer import tracing as module
from reviewer.core.errors import ModelError
from reviewer.core.types import Answer, Job, Prompt, Tool, Usage
from reviewer.ports.trace import Trace, Untraced
from reviewer.settings import load
from reviewer.tracing import Tracing, tracing

JOB = Job("review", 1, "acme/shop", 7, "a" * 40, "pull_request.opened", "d-1")
PROMPT = Prompt(
    system="SYSTEM-WORDS",
    user="USER-WORDS",
    tool=Tool("report_findings", "", {}),
    version="review@3",
    max_output=4_000,
    temperature=0.0,
    seed=7,
)
ANSWER = Answer(
    '{"findings": "ANSWER-WORDS"}', Usage(120, 40, 30, 10, 1), "gpt-x-2026-01-01", text="MORE-WORDS", request_id="req_1"
)


def traced(collector: Collector, **more: Any) -> Tracing:
    made = tracing(f"{collector.url}/v1/traces", **more)
    assert isinstance(made, Tracing)
    return made


def test_a_job_is_a_trace() -> None:
    """Its calls hang below it, also from tasks of their own, and say what they asked and what it took."""
    with collecting() as collector:
        trace = traced(collector, headers="Authorization=Bearer%20x, a=b", service="shop-reviewer")

        async def call() -> None:
            with trace.chat("gpt-x", PROMPT) as answered:
                await asyncio.sleep(0)
                answered(ANSWER)

        async def job() -> None:
            with trace.job(JOB, "run-1"):
                await asyncio.gather(call())
                with trace.embedding("embed-x") as told:
                    told(Usage(input=11, calls=1))

        asyncio.run(job())
        trace.close()
    spans = collector.spans
    assert set(spans) == {"job review", "chat gpt-x", "embeddings embed-x"}
    root, chat = spans["job review"], spans["chat gpt-x"]
    assert (chat.parent, chat.trace, root.parent) == (root.id, root.trace, b"")
    assert (root.kind, chat.kind) == (5, 3)  # consumer, client
    assert root.facts == {
        "reviewer.delivery": "d-1",
        "reviewer.run": "run-1",
        "reviewer.repository": "acme/shop",
        "reviewer.trigger": "pull_request.opened",
        "vcs.change.id": "7",
        "vcs.ref.head.revision": "a" * 40,
    }
    assert chat.facts == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-x",
        "gen_ai.request.max_tokens": 4_000,
        "gen_ai.request.temperature": 0.0,
        "gen_ai.request.seed": 7,
        "gen_ai.output.type": "json",
        "gen_ai.prompt.name": "review@3",
        "gen_ai.response.model": "gpt-x-2026-01-01",
        "gen_ai.usage.input_tokens": 120,
        "gen_ai.usage.cache_read.input_tokens": 40,
        "gen_ai.usage.output_tokens": 30,
        "gen_ai.usage.reasoning.output_tokens": 10,
        "server.address": "api.openai.com",
        "server.port": 443,
        "reviewer.purpose": "report_findings",
        "reviewer.request_id": "req_1",
    }
    assert spans["embeddings embed-x"].facts["gen_ai.usage.input_tokens"] == 11
    assert collector.resource["service.name"] == "shop-reviewer"
    assert (collector.path, collector.headers["authorization"], collector.headers["a"]) == (
        "/v1/traces",
        "Bearer x",
        "b",
    )
    assert b"WORDS" not in b"".join(collector.bodies)


def test_the_names_are_those_of_the_conventions() -> None:
    """Of the version that is installed: a name that moves is seen here."""
    known = {
        value
        for room in (gen_ai_attributes, vcs_attributes)
        for name, value in vars(room).items()
        if name.startswith(("GEN_AI", "VCS")) and isinstance(value, str)
    }
    with collecting() as collector:
        trace = traced(collector)
        with trace.job(JOB, "run-1"), trace.chat("gpt-x", PROMPT) as answered:
            answered(ANSWER)
        trace.close()
        used = {name for span in collector.spans.values() for name in span.facts}
    assert {name for name in used if name.startswith(("gen_ai.", "vcs."))} <= known
    assert len(used & known) > 12


def test_azure_is_another_provider() -> None:
    """The dialect is told by a name that the conventions have."""
    with collecting() as collector:
        trace = traced(collector, model_server="https://acme.openai.azure.com", azure=True)
        with trace.chat("gpt-x", PROMPT):
            pass
        trace.close()
    facts = collector.spans["chat gpt-x"].facts
    assert (facts["gen_ai.provider.name"], facts["server.address"]) == ("azure.ai.openai", "acme.openai.azure.com")


def test_what_fails_says_how_and_no_more() -> None:
    """The error goes on to whoever called; its sentence may repeat what was sent, so only its code is kept."""
    with collecting() as collector:
        trace = traced(collector, model_server="http://127.0.0.1:11434/v1")
        with (
            pytest.raises(ModelError, match="SECRET"),
            trace.job(JOB, "run-1"),
            trace.chat("gpt-x", PROMPT),
        ):
            raise ModelError("It said SECRET-WORDS", code="context_length_exceeded")
        trace.close()
    chat, job = collector.spans["chat gpt-x"], collector.spans["job review"]
    assert (chat.failed, chat.facts["error.type"], chat.events) == (True, "context_length_exceeded", 0)
    assert (job.failed, job.facts["error.type"]) == (True, "context_length_exceeded")
    assert (chat.facts["server.address"], chat.facts["server.port"]) == ("127.0.0.1", 11434)
    assert b"WORDS" not in b"".join(collector.bodies)


@pytest.mark.parametrize("kind", ["gone", "silent", "failing"])
def test_a_collector_that_is_away_is_in_nobody_s_way(
    kind: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A thousand spans wait for nothing, a stop has an end, and the log hears of it once."""
    monkeypatch.setattr(module, "FLUSH_WITHIN", 0.2)
    monkeypatch.setattr(module, "SEND_WITHIN", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent, collecting() as failing:
        failing.status = 503
        port = silent.getsockname()[1]
        address = {"gone": "http://127.0.0.1:9", "silent": f"http://127.0.0.1:{port}", "failing": failing.url}[kind]
        trace = tracing(f"{address}/v1/traces")
        for _ in range(1_000):
            with trace.chat("gpt-x", PROMPT) as answered:
                answered(ANSWER)
        assert isinstance(trace, Tracing)
        trace.close()
    assert len([each for each in caplog.records if each.name.startswith("opentelemetry.exporter")]) <= 1


def test_off_it_costs_nothing() -> None:
    """Without an endpoint not even the import of the library is paid for."""
    asked = "import sys; from reviewer.tracing import tracing; tracing(None); print('opentelemetry' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    untraced: Trace = tracing(None)
    assert isinstance(untraced, Untraced)
    with untraced.job(JOB, "run-1"), untraced.chat("gpt-x", PROMPT) as answered, untraced.embedding("e") as told:
        answered(ANSWER)
        told(Usage())


def test_the_endpoint_is_that_of_the_variables() -> None:
    """The general one gets the path of traces, the one for traces is taken as it is and goes first."""
    general = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318/"}
    assert load({}).traces_endpoint is None
    assert load(general).traces_endpoint == "http://collector:4318/v1/traces"
    own = {**general, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://traces.example.com/in"}
    assert load(own).traces_endpoint == "https://traces.example.com/in"
    hidden = load({**general, "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer xyz12345"})
    assert "xyz12345" not in repr(hidden)
    assert "authorization=Bearer xyz12345" in hidden.secrets()
