"""Embeddings over real HTTP on loopback: what is asked, what is read, and how two texts compare by them."""

from __future__ import annotations

import asyncio
import base64
import math
import struct
from typing import Any

import pytest
from asker import SWITCH, asking, served, standin
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reviewer.core.errors import ModelError
from reviewer.core.types import Usage
from reviewer.model import build_model
from reviewer.model.embeddings import AT_ONCE, LONGEST, MOST
from reviewer.model.packed import Near, alike, pack
from reviewer.models import Models
from reviewer.settings import load
from reviewer.standin.model import StandInModel
from reviewer.standin.model_embeddings import embedding

__all__ = ["served"]

SMALL = "text-embedding-3-small"
SAID = [
    "A refund can exceed what was paid.",
    "Refunds may exceed the amount that was paid.",
    "The query is built of input.",
]

coordinates = st.lists(st.floats(-1, 1, allow_nan=False), min_size=16, max_size=16).filter(
    lambda v: math.hypot(*v) > 0.1
)


def embedded(server: StandInModel, *texts: str, name: str = SMALL, **means: Any) -> tuple[list[bytes], Usage]:
    with asking(server, **means) as asker:

        async def story() -> tuple[list[bytes], Usage]:
            try:
                found = await asker.model.embeddings(name).embed(texts)
                return list(found.vectors), found.usage
            finally:
                await asker.model.aclose()

        return asyncio.run(story())


def sent(server: StandInModel) -> list[dict[str, Any]]:
    return [{key: value for key, value in each.body.items() if key != "input"} for each in server.requests]


def read(body: object) -> list[bytes]:
    """What is made of an answer to two texts that a server thought up."""

    async def endpoint(_: Request) -> Response:
        return JSONResponse(body)

    async def story() -> list[bytes]:
        model = build_model("gpt-x", keys=["sk"], base_url=f"{SWITCH.url}/v1")
        try:
            return list((await model.embeddings(SMALL).embed(["one", "two"])).vectors)
        finally:
            await model.aclose()

    SWITCH.app = Starlette(routes=[Route("/v1/embeddings", endpoint, methods=["POST"])])
    return asyncio.run(story())


def test_each_text_gets_its_vector() -> None:
    """In their order, 289 bytes each; a blank text costs nothing, is no fault, and is like nothing."""
    server = standin()
    vectors, usage = embedded(server, SAID[0], " \n", *SAID[1:])
    assert list(map(len, vectors)) == [289, 0, 289, 289]
    assert alike(vectors[0], vectors[2]) > 0.4
    assert alike(vectors[0], vectors[3]) < 0.2
    assert alike(vectors[0], vectors[1]) == 0.0
    assert usage == Usage(input=sum(len(text) // 4 for text in SAID), calls=1)
    assert server.requests[0].body["input"] == SAID
    assert embedded(server, "", " ") == ([b"", b""], Usage())


def test_what_is_asked_for() -> None:
    """Fewer dimensions of the models that shorten, and of no other: that is refused."""
    server = standin()
    for name in (SMALL, "nomic-embed-text"):
        embedded(server, *SAID, name=name)
    assert sent(server) == [
        {"model": SMALL, "dimensions": 256, "encoding_format": "base64"},
        {"model": "nomic-embed-text", "encoding_format": "base64"},
    ]


def test_texts_go_together() -> None:
    """As many and as much as a request takes; a text is cut where a model would refuse it, and not within a letter."""
    server = standin()
    vectors, usage = embedded(server, *(f"text {number}" for number in range(AT_ONCE + 1)))
    assert (len(vectors), usage.calls) == (AT_ONCE + 1, 2)
    assert all(vectors)
    del server.requests[:]
    embedded(server, *("\N{BULLET}" * LONGEST for _ in range(MOST // LONGEST + 1)), "\ud800 half a pair")
    inputs = [request.body["input"] for request in server.requests]
    assert [sum(len(text.encode()) for text in texts) <= MOST for texts in inputs] == [True, True]
    assert {text for texts in inputs for text in texts} == {"\N{BULLET}" * (LONGEST // 3), "? half a pair"}


def test_a_server_that_refuses_a_field() -> None:
    """It gets the request without it at once, and from then on."""
    server = standin(refused_fields=frozenset({"dimensions"}))
    with asking(server) as asker:

        async def story() -> list[list[bytes]]:
            model = asker.model.embeddings(SMALL)
            try:
                return [list((await model.embed(SAID)).vectors) for _ in range(2)]
            finally:
                await asker.model.aclose()

        first, second = asyncio.run(story())
    assert first == second
    assert [request.get("dimensions") for request in sent(server)] == [256, None, None]


def test_a_server_that_takes_less_at_once() -> None:
    """Then the texts go in halves, and of one that is too long its beginning; of a short one it is told."""
    server = standin("context_length", None, "context_length")
    vectors, usage = embedded(server, *SAID)
    assert (vectors, usage.calls) == (embedded(standin(), *SAID)[0], 3)
    assert [len(request.body["input"]) for request in server.requests] == [3, 1, 2, 1, 1]
    server = standin("context_length")
    assert embedded(server, "word " * 200)[0] == embedded(standin(), "word " * 100)[0]
    with pytest.raises(ModelError, match=f"too long for {SMALL}: set REVIEWER_EMBEDDING_MODEL"):
        embedded(standin("context_length"), SAID[0])


def test_failures_are_soon_and_say_what_to_mend() -> None:
    """One try, for there is another way to compare; a refused key is no reason to fail while there is another."""
    server = standin("server_error", "server_error")
    with pytest.raises(ModelError, match="answered 500: try again later"):
        embedded(server, *SAID)
    assert len(server.requests) == 1
    with pytest.raises(ModelError, match=f"There is no model {SMALL} at this server: set REVIEWER_EMBEDDING_MODEL"):
        embedded(standin("unknown_model"), *SAID)
    server = standin(refused_keys={"sk-one": "bad_key"})
    assert embedded(server, *SAID, keys=["sk-one", "sk-two"])[1].calls == 1
    assert [request.key for request in server.requests] == ["sk-one", "sk-two"]


@pytest.mark.parametrize(
    "data",
    [
        [],
        "none",
        [{"embedding": [1.0, 0.0]}],
        [{"embedding": [1.0, 0.0]}, {"embedding": [0.0, 0.0]}],
        [{"embedding": [1.0, 0.0]}, {"embedding": ["a", "b"]}],
        [{"embedding": [1.0, 0.0]}, {"embedding": [1.0]}],
        [{"embedding": [1.0, 0.0], "index": 1}, {"embedding": [1.0, 0.0], "index": 1}],
        [{"embedding": "not base64!"}, {"embedding": "AAAA"}],
        [{"embedding": base64.b64encode(struct.pack("<2f", math.nan, 1)).decode()}] * 2,
        [{}, None],
    ],
)
def test_an_answer_that_is_none(data: object) -> None:
    """Whatever a server says instead of one vector for each text is told in a sentence."""
    with pytest.raises(ModelError, match="is no valid JSON"):
        read({"data": data})


def test_azure() -> None:
    """Its two surfaces have paths of their own."""
    for version, path in (("", "/openai/v1/embeddings"), ("2026-06-01", f"/openai/deployments/{SMALL}/embeddings")):
        server = standin()
        means = {"azure_endpoint": SWITCH.url, "azure_key": "a-key", "azure_version": version}
        assert embedded(server, *SAID, **means)[1].calls == 1
        assert server.requests[0].path == path


def test_a_server_that_knows_no_base64() -> None:
    """It sends lists of numbers, perhaps without their places, and counts nothing."""
    assert read({"data": [{"embedding": [1, 0.5]}, {"embedding": [0, -2]}]}) == [pack([1.0, 0.5]), pack([0.0, -2.0])]
    assert embedded(standin(), *SAID)[0] == [pack(embedding(text, 256)) for text in SAID]
    by_place = [{"embedding": [0, -2], "index": 1}, {"embedding": [1, 0.5], "index": 0}]
    assert read({"data": by_place}) == [pack([1.0, 0.5]), pack([0.0, -2.0])]


@settings(max_examples=50)
@given(coordinates, coordinates)
def test_likeness_is_the_cosine(a: list[float], b: list[float]) -> None:
    """In a byte a dimension it is exact enough for any bar, and the same either way round."""
    cosine = sum(x * y for x, y in zip(a, b, strict=True)) / (math.hypot(*a) * math.hypot(*b))
    assert alike(pack(a), pack(b)) == pytest.approx(cosine, abs=0.02)
    assert alike(pack(a), pack(b)) == alike(pack(b), pack(a))
    assert alike(pack(a), pack(a)) == pytest.approx(1.0)


def test_likeness_of_what_is_far_apart() -> None:
    """Of wide vectors the signs say it: near enough to know that it is far."""
    wide = [pack(embedding(text, 256)) for text in SAID]
    assert alike(wide[0], wide[2]) < 0.3
    opposite = pack([-value for value in embedding(SAID[0], 256)])
    assert alike(wide[0], opposite) == pytest.approx(-1.0)


def test_those_near_are_found_among_many() -> None:
    """The same as one comparison after the other says, the likest first; what is empty is like nothing."""
    kept = [pack(embedding(f"{text} {number}", 256)) for text in SAID for number in range(40)] + [b""]
    asked = pack(embedding(SAID[1], 256))
    one_by_one = [(place, alike(asked, each)) for place, each in enumerate(kept)]
    for least in (0.3, 0.5, 0.9):
        expected = sorted((pair for pair in one_by_one if pair[1] >= least), key=lambda pair: (-pair[1], pair[0]))
        assert Near(kept).like(asked, least=least) == expected != []
    assert Near(kept).like(b"", least=0.1) == []
    assert [place for place, _ in Near([pack([1.0, 0.0]), pack([0.0, 1.0])]).like(pack([1.0, 0.1]), least=0.5)] == [0]


def test_vectors_that_cannot_be_compared() -> None:
    """Of two models, of another version, or no vector at all."""
    for other in (pack([1.0, 0.5, 0.2]), b"\x07" + pack([1.0, 0.5])[1:]):
        with pytest.raises(ValueError, match="make them anew"):
            alike(pack([1.0, 0.5]), other)
    for nothing in ([], [0.0], [math.inf, 1.0]):
        with pytest.raises(ValueError, match="no vector"):
            pack(nothing)


def test_the_configured_model() -> None:
    """None where the operator named none or set no provider up; else one, over the connections of the others."""
    server = {"OPENAI_API_KEY": "sk-one", "OPENAI_BASE_URL": f"{SWITCH.url}/v1"}
    named = {"REVIEWER_EMBEDDING_MODEL": SMALL}
    assert Models(load(server)).vectors() is None
    assert Models(load(named)).vectors() is None
    SWITCH.app = standin().app

    async def story() -> None:
        models = Models(load(server | named))
        vectors = models.vectors()
        assert vectors is not None
        assert vectors is models.vectors()
        assert (vectors.name, len((await vectors.embed(SAID)).vectors)) == (SMALL, 3)
        await models.aclose()

    asyncio.run(story())
