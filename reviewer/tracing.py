"""Sends traces to an OpenTelemetry collector, with the GenAI conventions' names (the only importer of opentelemetry).

A process without an endpoint imports nothing of it. Spans go out in batches from a thread of their own, and what the
collector does not take in time is dropped: a review neither waits for it nor hears of it.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import unquote, urlsplit

import structlog

from reviewer import __version__
from reviewer.core.errors import ModelError
from reviewer.core.types import Answer, Job, Prompt, Usage
from reviewer.ports.keys import is_local
from reviewer.ports.trace import UNTRACED, Untraced
from reviewer.unreached import MEND, distrusts

if TYPE_CHECKING:
    import requests
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, SpanKind

Facts = Mapping[str, str | int | float]


class _Way(TypedDict, total=False):
    session: requests.Session
    certificate_file: str | None


CERTIFICATES = ("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE", "REQUESTS_CA_BUNDLE")
SEND_WITHIN = 5.0  # seconds for one batch, its tries included
FLUSH_WITHIN = 3.0  # seconds that an orderly stop gives what is left
SELDOM = 300.0  # seconds between two lines of the log about a collector that is away
SENDERS = ("opentelemetry.exporter.otlp.proto.http.trace_exporter", "opentelemetry.sdk._shared_internal")

_log = structlog.stdlib.get_logger(__name__)


class Tracing:
    """Satisfies `ports.Trace`. Made by `tracing`."""

    def __init__(self, provider: TracerProvider, system: Facts) -> None:
        from opentelemetry.trace import SpanKind  # noqa: PLC0415 - nobody pays for it who does not use it

        self._provider, self._system = provider, system
        self._tracer = provider.get_tracer("reviewer", __version__)
        self._kinds = SpanKind

    @contextmanager
    def job(self, job: Job, run: str) -> Iterator[None]:
        facts: dict[str, str | int | float] = {
            "reviewer.delivery": job.delivery,
            "reviewer.run": run,
            "reviewer.repository": job.repository,
            "reviewer.trigger": job.trigger,
        }
        if job.number:
            facts["vcs.change.id"] = str(job.number)
        if job.head:
            facts["vcs.ref.head.revision"] = job.head
        with self._span(f"job {job.kind}", self._kinds.CONSUMER, facts):
            yield

    @contextmanager
    def chat(self, model: str, prompt: Prompt) -> Iterator[Callable[[Answer], object]]:
        facts = {
            **self._asked("chat", model),
            "gen_ai.request.max_tokens": prompt.max_output,
            "gen_ai.output.type": "json",
            "gen_ai.prompt.name": prompt.version,
            "reviewer.purpose": prompt.tool.name,
        }
        if prompt.temperature is not None:
            facts["gen_ai.request.temperature"] = prompt.temperature
        if prompt.seed is not None:
            facts["gen_ai.request.seed"] = prompt.seed
        with self._span(f"chat {model}", self._kinds.CLIENT, facts) as span:
            yield lambda answer: _answered(span, answer)

    @contextmanager
    def embedding(self, model: str) -> Iterator[Callable[[Usage], object]]:
        with self._span(f"embeddings {model}", self._kinds.CLIENT, self._asked("embeddings", model)) as span:
            yield lambda usage: span.set_attribute("gen_ai.usage.input_tokens", usage.input)

    def close(self) -> None:
        """Send what is left, within a few seconds. For a thread."""
        # The SDK would wait for half a minute where nobody answers; what it still tries then dies with the process.
        closing = threading.Thread(target=self._provider.shutdown, name="reviewer-traces", daemon=True)
        closing.start()
        closing.join(FLUSH_WITHIN)

    def _asked(self, operation: str, model: str) -> dict[str, str | int | float]:
        return {"gen_ai.operation.name": operation, "gen_ai.request.model": model, **self._system}

    @contextmanager
    def _span(self, name: str, kind: SpanKind, facts: Facts) -> Iterator[Span]:
        """Of what is raised only the kind is kept: its sentence may repeat what was sent."""
        from opentelemetry.trace import StatusCode  # noqa: PLC0415

        with self._tracer.start_as_current_span(
            name, kind=kind, attributes=facts, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield span
            except BaseException as error:
                code = error.code if isinstance(error, ModelError) else ""
                span.set_attribute("error.type", code or type(error).__name__)
                span.set_status(StatusCode.ERROR)
                raise


def _answered(span: Span, answer: Answer) -> None:
    usage = answer.usage
    span.set_attributes(
        {
            "gen_ai.response.model": answer.model,
            "gen_ai.usage.input_tokens": usage.input,
            "gen_ai.usage.cache_read.input_tokens": usage.cached,
            "gen_ai.usage.output_tokens": usage.output,
            "gen_ai.usage.reasoning.output_tokens": usage.reasoning,
            "reviewer.request_id": answer.request_id,
        }
    )
    if answer.fault:
        span.set_attribute("error.type", answer.fault)


def tracing(
    endpoint: str | None,
    *,
    headers: str = "",
    service: str = "reviewer",
    model_server: str = "",
    azure: bool = False,
) -> Tracing | Untraced:
    """Traces to `endpoint` (the whole address, with its path), or nowhere.

    `headers` are `name=value` with commas between them, as in the variable. `model_server` is the model's address.
    """
    if not endpoint:
        return UNTRACED
    try:
        provider = _provider(endpoint, headers, service)
    except Exception as error:  # noqa: BLE001 - a variable of the SDK's own that it cannot use
        _log.warning("traces.off", reason=f"{type(error).__name__}: {error}")
        return UNTRACED
    return Tracing(provider, _system(model_server, azure=azure))


def _provider(endpoint: str, headers: str, service: str) -> TracerProvider:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    for logger in map(logging.getLogger, SENDERS):
        if not any(isinstance(each, _Seldom) for each in logger.filters):
            logger.addFilter(_Seldom(SELDOM))
    exporter = OTLPSpanExporter(
        endpoint=endpoint, headers=_headers(headers) or None, timeout=SEND_WITHIN, **_way(endpoint)
    )
    resource = Resource.create({"service.name": service, "service.version": __version__})
    # Ours alone, not the process's: libraries that look for a global one are not traced behind our back. At the
    # process's end it would wait for half a minute where nobody answers; `close` does not.
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def _way(endpoint: str) -> _Way:
    """The SDK's own, by the environment; to a collector on this machine one that asks no proxy."""
    if not is_local(endpoint):
        return {}
    import requests  # noqa: PLC0415 - the SDK's own transport

    session = requests.Session()
    session.trust_env = False
    return {"session": session, "certificate_file": next(filter(None, map(os.environ.get, CERTIFICATES)), None)}


def _headers(text: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in text.split(",") if "=" in pair)
    return {name.strip().lower(): unquote(value.strip()) for name, _, value in pairs}


def _system(model_server: str, *, azure: bool) -> Facts:
    """Which dialect the model's server speaks, and where it is."""
    parts = urlsplit(model_server or "https://api.openai.com")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    name = "azure.ai.openai" if azure else "openai"
    return {"gen_ai.provider.name": name, "server.address": parts.hostname or "", "server.port": port}


class _Seldom(logging.Filter):
    """Lets a line through now and then: a collector that is away for a night is not a thousand lines."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._seconds, self._clock, self._next = seconds, clock, float("-inf")

    def filter(self, record: logging.LogRecord) -> bool:
        if self._clock() < self._next:
            return False
        self._next = self._clock() + self._seconds
        if distrusts(said := record.getMessage()):
            record.msg, record.args = f"{said} ({MEND})", ()
        return True
