"""What every kind of failure of a model server becomes: another key, a wait, or a sentence for the operator."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from asker import BOTH, PLAIN, Api, Asker, asking, review, served, serving, standin
from starlette.responses import JSONResponse, Response

from reviewer.model import build_model
from reviewer.model.failures import retry_after
from reviewer.model.keys import ASIDE, Keys
from reviewer.standin.model_shapes import Fault, FaultKind

__all__ = ["served"]


@pytest.mark.parametrize("api", BOTH)
@pytest.mark.parametrize("kind", ["rate_limit", "server_error", "overloaded", "malformed", "failed"])
def test_what_passes_is_waited_for(api: Api, kind: FaultKind) -> None:
    """Two failures and then an answer: one policy, with growing waits."""
    server = standin(kind, kind)
    with asking(server, api=api) as asker:
        (answer,) = asker.ask(review())
    assert (answer.fault, len(server.requests), asker.naps.seconds) == ("", 3, [1.0, 2.0])


@pytest.mark.parametrize("kind", ["server_error", "overloaded", "malformed", "failed"])
def test_patience_ends_after_three_tries(kind: FaultKind) -> None:
    server = standin(*[kind] * 5)
    with asking(server) as asker:
        error = asker.fails(review())
    assert (error.retryable, len(server.requests)) == (True, 3)
    assert "try again later" in str(error)


def test_too_many_requests_are_a_matter_of_time() -> None:
    """A 429 without a header is waited for until patience ends, where others were let in within the last minute."""
    server = standin(None, *[Fault("rate_limit")] * 20)
    with asking(server, patience=60) as asker:
        asker.ask(review())
        error = asker.fails(review())
    assert (error.retryable, error.code, error.remedy) == (True, "rate_limited", "another")
    assert "leave no room within 60 s" in str(error)


def test_a_server_that_lets_nobody_in_is_not_waited_for() -> None:
    """Where it has answered nobody for longer than limits last, three refusals are enough: another model may help."""
    server = standin(*[Fault("rate_limit")] * 20)
    with asking(server, patience=200) as asker:
        error = asker.fails(review())
    assert (error.retryable, error.code, len(server.requests)) == (True, "rate_limit_exceeded", 3)


def test_a_server_that_says_at_once_for_ever_is_not_asked_at_once_for_ever() -> None:
    zero = JSONResponse({"error": {}}, 429, {"retry-after": "0"})
    with serving(lambda _: zero, patience=50) as asker:
        assert asker.fails(review()).code == "429"
    assert len(asker.naps.seconds) <= 10


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
        ({"retry-after": "1e9"}, 1.0),
        ({"retry-after": "99999999999"}, 1.0),
        ({"retry-after": "99999"}, 60.0),
        ({"retry-after-ms": "-1", "retry-after": "3"}, 3.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 30.0),
        ({"x-rate-limit-reset-tokens": "5"}, 5.0),
        ({"x-ratelimit-limit-tokens": "0", "x-ratelimit-remaining-tokens": "0"}, 1.0),
        ({"x-ratelimit-limit-tokens": "-1", "x-ratelimit-remaining-tokens": "-1"}, 1.0),
    ],
)
def test_retry_after_has_several_forms(headers: dict[str, str], waited: float) -> None:
    answers = iter([JSONResponse({"error": {}}, 429, headers)])
    with serving(lambda _: next(answers, JSONResponse(PLAIN))) as asker:
        asker.ask(review())
    assert asker.naps.seconds == [waited]


def test_who_turns_us_away_for_a_while_is_waited_for() -> None:
    answers = iter([Response(status_code=503, headers={"retry-after": "4"})])
    with serving(lambda _: next(answers, JSONResponse(PLAIN))) as asker:
        asker.ask(review())
    assert asker.naps.seconds == [4.0]


def test_a_date_to_retry_after_counts_from_the_answers_own() -> None:
    """So no clock of ours has to be right."""
    date, later = "Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:28:30 GMT"
    assert retry_after({"retry-after": later, "date": date}) == 30.0
    assert retry_after({"retry-after": date, "date": later}) == 0.0
    assert retry_after({"retry-after": later}) is None
    assert retry_after({"retry-after": later, "date": "Wed, 21 Oct 2026 07:28:00"}) is None


@pytest.mark.parametrize("api", BOTH)
@pytest.mark.parametrize(
    ("kind", "code", "remedy", "sentence"),
    [
        ("context_length", "context_length_exceeded", "smaller", "too long for gpt-x: set REVIEWER_MODEL"),
        ("content_filter", "content_filter", "smaller", "content filter refused"),
        ("unknown_model", "model_not_found", "another", "no model gpt-x at this server: set REVIEWER_MODEL"),
    ],
)
def test_what_no_retry_mends_fails_at_once(api: Api, kind: FaultKind, code: str, remedy: str, sentence: str) -> None:
    """Each with what helps all the same: less in one request, or another model."""
    server = standin(kind)
    with asking(server, api=api) as asker:
        error = asker.fails(review())
    assert (error.retryable, error.code, error.remedy, len(server.requests)) == (False, code, remedy, 1)
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
    assert [keys.in_turn(refused) for refused in ((), {"b"}, {"a", "b"})] == [["b"], ["a"], []]
    keys.set_aside("b")
    assert sorted(keys.in_turn()) == ["a", "b"]
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


def test_a_refused_request_repeats_the_providers_words_without_secrets() -> None:
    message = "Unsupported value for key sk-abcdefgh12345678: 'effort' \n must be low."
    body = {"error": {"message": message, "code": "unsupported_value", "param": "reasoning.effort"}}
    with serving(lambda _: JSONResponse(body, 400)) as asker:
        error = asker.fails(review())
    assert error.retryable is False
    assert str(error).endswith("(400 unsupported_value: Unsupported value for key …: 'effort' must be low.).")


@pytest.mark.parametrize("status", [400, 200])
def test_a_key_of_any_looks_is_cut_out(status: int) -> None:
    """A compatible server's key may be a short word, and its error may repeat it, also where the words are cut off."""
    words = {"message": f"{'x ' * 98}token hunter2 is not for this", "code": "no_hunter2", "param": "tools"}
    with serving(lambda _: JSONResponse({"error": words}, status), keys=["hunter2"], tries=1) as asker:
        error = asker.fails(review())
    assert "unter" not in str(error)
    assert error.code == "no_…"


def test_a_key_set_aside_is_tried_again_after_a_while() -> None:
    """Also while another one works; it is the one refused call that finds out whether it was mended."""
    now = [0.0]
    keys = Keys(["a", "b"], clock=lambda: now[0])
    keys.set_aside("a")
    now[0] = ASIDE - 1
    assert keys.in_turn() == ["b"]
    now[0] = ASIDE
    assert sorted(keys.in_turn()) == ["a", "b"]
    keys.set_aside("a")
    assert keys.in_turn() == ["b"]


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


@pytest.mark.parametrize(
    ("status", "error", "retryable", "remedy"),
    [
        (408, {}, True, "another"),
        (409, {}, True, "another"),
        (429, {"code": "rate_limit_exceeded", "type": "tokens"}, True, "another"),
        (500, {"message": "insufficient_quota context_length_exceeded content_filter"}, True, "another"),
        (502, {}, True, "another"),
        (529, {}, True, "another"),
        (403, {}, False, "another"),
        (403, {"code": "model_not_found"}, False, "another"),
        (404, {"code": "DeploymentNotFound"}, False, "another"),
        (404, {}, False, "another"),
        (400, {"code": "model_not_found"}, False, "another"),
        (400, {"code": "invalid_value", "param": "model"}, False, "another"),
        (400, {"code": "unsupported_value", "param": "reasoning.effort"}, False, "another"),
        (503, {"code": "model_not_found"}, False, "another"),
        (400, {"code": 400, "type": "exceed_context_size_error"}, False, "smaller"),
        (413, {}, False, "smaller"),
        (400, {"code": "invalid_prompt"}, False, "smaller"),
        (400, {"code": "invalid_value", "param": "tools"}, False, ""),
        (401, {"code": "invalid_api_key"}, False, ""),
        (402, {}, False, ""),
        (403, {"code": "insufficient_quota"}, False, ""),
        (429, {"type": "insufficient_quota"}, False, ""),
        (429, {"code": "billing_hard_limit_reached"}, False, ""),
    ],
)
def test_a_refusal_is_known_by_its_code(status: int, error: dict[str, Any], retryable: bool, remedy: str) -> None:
    """Status, code and type decide, never the message; what concerns the account is helped by no other model."""
    with serving(lambda _: JSONResponse({"error": {"message": "…", **error}}, status), tries=1) as asker:
        told = asker.fails(review())
    assert (told.retryable, told.remedy) == (retryable, remedy)


def test_calls_that_were_refused_together_come_back_apart() -> None:
    """What the server asks for is waited for, and up to a quarter more; our own waits lie between half and whole."""
    for chance, waits in ((0.0, [2.5, 0.5]), (1.0, [2.0, 1.0])):
        with asking(standin(Fault("rate_limit", 2), "server_error"), chance=lambda chance=chance: chance) as asker:
            asker.ask(review())
        assert asker.naps.seconds == waits


def test_connecting_and_reading_have_their_own_limits() -> None:
    """A server that is not there is known at once; a model may think for minutes."""
    model = build_model("gpt-x", keys=["sk-one"], connect_timeout=3.0, read_timeout=90.0)

    async def limits() -> Any:
        return model._requests.client().timeout

    timeout = asyncio.run(limits())
    assert (timeout.connect, timeout.read) == (3.0, 90.0)
