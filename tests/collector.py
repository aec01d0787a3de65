"""An OpenTelemetry collector on loopback: takes OTLP over HTTP and shows the spans that came."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass
class Span:
    name: str
    kind: int
    failed: bool
    id: bytes
    parent: bytes
    trace: bytes
    facts: dict[str, Any]
    events: int


@dataclass
class Collector:
    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    path: str = ""
    status: int = 200

    @property
    def requests(self) -> list[ExportTraceServiceRequest]:
        return [ExportTraceServiceRequest.FromString(body) for body in self.bodies]

    @property
    def resource(self) -> dict[str, Any]:
        return _facts(self.requests[0].resource_spans[0].resource.attributes)

    @property
    def spans(self) -> dict[str, Span]:
        """By name."""
        return {
            span.name: Span(
                span.name,
                span.kind,
                span.status.code == 2,
                span.span_id,
                span.parent_span_id,
                span.trace_id,
                _facts(span.attributes),
                len(span.events),
            )
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        }


def _facts(attributes: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}


@contextmanager
def collecting() -> Iterator[Collector]:
    here = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            here.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            here.headers, here.path = {name.lower(): value for name, value in self.headers.items()}, self.path
            self.send_response(here.status)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    here.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield here
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
