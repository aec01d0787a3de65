"""A stand-in for OpenAI on loopback: it answers from recorded answers, and refuses what OpenAI refuses."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reviewer.standin.model_embeddings import embedding_refusals, embeddings_body
from reviewer.standin.model_rules import forced_function, refusal_of
from reviewer.standin.model_shapes import ERRORS, Fault, Spoken, chat_body, error_body, responses_body


@dataclass(slots=True)
class Recorded:
    """A request as it came in; times are monotonic seconds, `answered` 0 until the whole answer was sent."""

    path: str
    key: str
    body: dict[str, Any]
    begun: float = 0.0
    answered: float = 0.0

    def sent(self) -> None:
        self.answered = time.monotonic()


class StandInModel:
    """Hand `app` to a server.

    `findings` are in the shape of `report_findings`: those come back whose path and quote occur in the request.
    `verdicts` are by a claim's title or quote, a boolean or `{"holds": …, "reason": …}`; what is not named holds.
    `faults` are done one a request, in order (None: answer properly); `refused_keys` are key -> fault kind.
    `faults_on` are done to each request that names the model or holds the text which the fault is given for.
    `count` counts tokens. Texts to embed get vectors by their words.
    """

    def __init__(
        self,
        findings: Iterable[Mapping[str, Any]] = (),
        verdicts: Mapping[str, Any] | None = None,
        *,
        faults: Sequence[Fault | None] = (),
        faults_on: Mapping[str, Fault] | None = None,
        refused_keys: Mapping[str, str] | None = None,
        refused_fields: frozenset[str] = frozenset(),
        latency: float = 0.0,
        demand_store_false: bool = True,
        count: Callable[[str], int] = lambda text: len(text) // 4,
    ) -> None:
        self.findings = [dict(finding) for finding in findings]
        self.verdicts = dict(verdicts or {})
        self.faults = list(faults)
        self.faults_on = dict(faults_on or {})
        self.refused_keys = dict(refused_keys or {})
        self.refused_fields = refused_fields
        self.latency = latency
        self.demand_store_false = demand_store_false
        self.requests: list[Recorded] = []
        self._count = count
        answers = [
            Route(f"{root}{path}", endpoint, methods=["POST"])
            for root in ("/v1", "/openai/v1", "/openai", "/openai/deployments/{deployment}")  # the last three: Azure
            for path, endpoint in (
                ("/responses", self._responses),
                ("/chat/completions", self._chat),
                ("/embeddings", self._embeddings),
            )
        ]
        self.app = Starlette(routes=[*answers, Route("/v1/models", self._models)])

    @classmethod
    def from_file(cls, path: Path, **settings: Any) -> StandInModel:  # noqa: ANN401 - the constructor's own settings
        """Recorded answers: `{"findings": […], "verdicts": {…}}`, or a bare list of findings."""
        recorded = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(recorded, list):
            recorded = {"findings": recorded}
        return cls(recorded.get("findings", ()), recorded.get("verdicts"), **settings)

    async def _models(self, _: Request) -> Response:
        return JSONResponse({"object": "list", "data": [{"id": "stand-in", "object": "model", "owned_by": "nobody"}]})

    async def _responses(self, request: Request) -> Response:
        return await self._answer(request, "responses")

    async def _chat(self, request: Request) -> Response:
        return await self._answer(request, "chat")

    async def _embeddings(self, request: Request) -> Response:
        return await self._answer(request, "embeddings")

    async def _answer(self, request: Request, api: str) -> Response:
        key = request.headers.get("api-key") or request.headers.get("authorization", "").removeprefix("Bearer ")
        try:
            body = json.loads(await request.body())
        except ValueError:
            return JSONResponse(error_body("We could not parse the JSON body of your request."), 400)
        record = Recorded(request.url.path, key, body, begun=time.monotonic())
        self.requests.append(record)
        number = len(self.requests)
        await asyncio.sleep(self.latency)
        if not key or key in self.refused_keys:
            wrong = Fault("bad_key") if not key else Fault(self.refused_keys[key])  # type: ignore[arg-type]
            return _fault_response(wrong, number)
        refusal = self._refusal(body, api)
        if refusal is not None:
            return refusal
        fault = self._fault(body)
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        if fault is not None and (fault.kind in ERRORS or fault.kind == "overloaded"):
            return _fault_response(fault, number)
        response = _response(self._body(body, api, number, fault), number, fault)
        response.background = BackgroundTask(record.sent)
        return response

    def _body(self, body: Mapping[str, Any], api: str, number: int, fault: Fault | None) -> dict[str, Any]:
        if api == "embeddings":
            return embeddings_body(body, self._count)
        spoken = self._spoken(body, api, number, fault)
        return responses_body(spoken) if api == "responses" else chat_body(spoken)

    def _fault(self, body: Mapping[str, Any]) -> Fault | None:
        text = _user_text(body)
        always = (fault for told, fault in self.faults_on.items() if told == body.get("model") or told in text)
        return next(always, None) or (self.faults.pop(0) if self.faults else None)

    def _refusal(self, body: Mapping[str, Any], api: str) -> Response | None:
        for name in self.refused_fields & body.keys():
            message = f"Unsupported parameter: '{name}' is not supported with this model."
            return JSONResponse(error_body(message, param=name, code="unsupported_parameter"), 400)
        if api == "embeddings":
            refusal = next(embedding_refusals(body, self._count), None)
        else:
            refusal = refusal_of(body, api=api, demand_store_false=self.demand_store_false)
        if refusal is None:
            return None
        return JSONResponse(error_body(refusal.message, param=refusal.param, code=refusal.code), 400)

    def _spoken(self, body: Mapping[str, Any], api: str, number: int, fault: Fault | None) -> Spoken:
        kind = fault.kind if fault else ""
        function = forced_function(body, api)
        shape = self.told(function, _user_text(body))
        arguments: str | dict[str, Any] | None = json.dumps(shape)
        text = refusal = ""
        if kind == "text":
            arguments, text = None, "I looked at the change and it seems fine to me."
        elif kind == "refusal":
            arguments, refusal = None, "I cannot help with that."
        elif kind == "truncated":
            arguments = str(arguments)[:-12]
        elif kind == "json_in_text":
            arguments, text = None, f"Here it is:\n```json\n{arguments}\n```"
        elif kind == "bad_arguments":
            arguments = str(arguments)[:-1]
        elif kind == "dict_arguments":
            arguments = shape
        return Spoken(
            number,
            str(body["model"]),
            function,
            arguments,
            text,
            refusal,
            cut_off=kind == "truncated",
            input_tokens=self._count(json.dumps(body, ensure_ascii=False)),
            output_tokens=self._count(json.dumps(arguments, ensure_ascii=False) + text + refusal),
        )

    def told(self, function: str, text: str) -> dict[str, Any]:
        """What the recorded answers say to a request with this user's text."""
        if function == "confirm_findings":
            return {"verdicts": [self._verdict(claim) for claim in claims_in(text)]}
        return {"findings": [f for f in self.findings if f["path"] in text and f["quote"].strip() in text]}

    def _verdict(self, claim: Mapping[str, Any]) -> dict[str, Any]:
        names = (str(claim.get("title", "")), str(claim.get("quote", "")))
        told = next((self.verdicts[name] for name in names if name in self.verdicts), True)
        verdict = told if isinstance(told, Mapping) else {"holds": told, "reason": "as recorded"}
        return {"id": claim["id"], **verdict}


def claims_in(text: str) -> list[dict[str, Any]]:
    """The first JSON array in `text` whose entries are all objects with an id."""
    decoder = json.JSONDecoder()
    at = text.find("[")
    while at >= 0:
        try:
            value, _ = decoder.raw_decode(text, at)
        except ValueError:
            value = None
        if isinstance(value, list) and value and all(isinstance(entry, dict) and "id" in entry for entry in value):
            return value
        at = text.find("[", at + 1)
    return []


def _user_text(body: Mapping[str, Any]) -> str:
    messages = body.get("input", body.get("messages"))
    if isinstance(messages, str):
        return messages
    if messages and all(isinstance(message, str) for message in messages):  # texts to embed
        return "\n".join(messages)
    contents = [message.get("content") for message in messages or [] if message.get("role") == "user"]
    parts = [content if isinstance(content, list) else [{"text": content}] for content in contents]
    return "\n".join(str(part.get("text", "")) for group in parts for part in group)


def _fault_response(fault: Fault, number: int) -> Response:
    if fault.kind == "overloaded":
        return Response("<html>overloaded</html>", 503, media_type="text/html")
    status, kind, code, message = ERRORS[fault.kind]
    headers = {"x-request-id": f"req_{number}"}
    if fault.kind == "rate_limit" and fault.seconds:
        headers["retry-after"] = f"{fault.seconds:g}"
    return JSONResponse(error_body(message, kind=kind, code=code), status, headers)


def _response(body: dict[str, Any], number: int, fault: Fault | None) -> Response:
    headers = {"x-request-id": f"req_{number}"}
    kind = fault.kind if fault else ""
    if kind == "no_usage":
        del body["usage"]
    if kind == "failed":
        body |= {"status": "failed", "error": {"code": "server_error", "message": "It broke."}}
    if kind == "malformed":
        text = json.dumps(body)
        return Response(text[: len(text) // 2], 200, headers, "application/json")
    return JSONResponse(body, 200, headers)
