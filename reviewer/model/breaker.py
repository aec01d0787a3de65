"""Stands in front of one model: when half of a minute's requests failed, none is sent until probes have succeeded."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

import structlog

# Of the breakers that are kept, this one opens on a rate of errors within a time, closes by probes, takes a clock, and
# serves threads and event loops alike; the others (pybreaker, purgatory, circuitbreaker) count failures in a row, which
# one success among a hundred failures starts anew. It depends on nothing.
from interlock import CircuitBreaker, CircuitOpenError, Config, CoreEventListener, State, WindowType

from reviewer.core.errors import ModelError
from reviewer.model.failures import Failure

T = TypeVar("T")

WINDOW = 60  # seconds
RATE = 0.5  # of the requests in the window
FEWEST = 10  # requests that a rate is made of: the tries of one unlucky call are none
FIRST_REST, LONGEST_REST = 30.0, 300.0  # seconds until it is probed; doubles with each round of probes that failed
PROBES = 2  # one after the other

_CONFIG = Config(
    failure_rate_threshold=RATE,
    minimum_number_of_calls=FEWEST,
    window_type=WindowType.TIME_BASED,
    window_size=WINDOW,
    permitted_calls_in_half_open=PROBES,
    wait_duration_in_open=FIRST_REST,
    wait_duration_backoff_multiplier=2.0,
    wait_duration_in_open_max=LONGEST_REST,
    slow_call_duration_threshold=math.inf,  # a model that thinks for a minute is not ill
)

_log = structlog.stdlib.get_logger(__name__)


class Unsent(BaseException):
    """Nothing was asked of the model, which says nothing of its health. No Exception: interlock would count it."""

    def __init__(self, error: ModelError) -> None:
        super().__init__()
        self.error = error


class Breaker:
    """One for each model and process. `clock` gives monotonic seconds, never negative."""

    def __init__(self, model: str, *, clock: Callable[[], float]) -> None:
        self._model = model
        self._clock = clock
        self._watch = _Watch(clock)
        self._circuit = CircuitBreaker(
            name=model, config=_CONFIG, clock=_Clock(clock), classifier=self._watch, listener=self._watch
        )

    @property
    def open(self) -> bool:
        return self._circuit.state is State.OPEN

    @property
    def circuit(self) -> Literal["closed", "half_open", "open"]:
        """`half_open` while it is probed."""
        state = self._circuit.state
        return "half_open" if state is State.HALF_OPEN else "open" if state is State.OPEN else "closed"

    async def run(self, request: Callable[[], Awaitable[T]]) -> T:
        """What `request` returns. Raises ModelError at once, without a request, while the model is left alone.

        `request` may raise Unsent; its error is raised then.
        """
        try:
            return await self._circuit.call_async(request)
        except CircuitOpenError as refused:
            raise self.refusal(refused.retry_after) from None
        except Unsent as unsent:
            raise unsent.error from None

    def refusal(self, wait: float | None = None) -> ModelError:
        ago = self._clock() - self._watch.since
        when = "it is being tried again now" if wait is None else f"it is tried again in {math.ceil(wait)} s"
        sentence = (
            f"The model {self._model} has been left alone for {ago:.0f} s, because at least half of its requests "
            f"failed within a minute; {when}. The last failure: {self._watch.last}"
        )
        return ModelError(sentence, retryable=True, code="circuit_open", remedy="another")


class _Watch(CoreEventListener):
    """Says what counts as a failure, and remembers the last one and since when the model is left alone."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.since = 0.0
        self.last = ""

    def is_failure(self, *, result: object, exception: Exception | None) -> bool:  # noqa: ARG002 - interlock's words
        """What may pass: a refusal of one request, or an answer that cannot be used, says nothing of the next one."""
        failed = isinstance(result, Failure) and result.kind == "retry"
        if isinstance(result, Failure) and failed:
            self.last = result.sentence
        return failed

    def on_state_change(self, *, name: str, old: State, new: State) -> None:
        if (old, new) == (State.CLOSED, State.OPEN):
            self.since = self._clock()
        _log.warning("model.circuit", model=name, old=old.value, new=new.value, last=self.last)


@dataclass(frozen=True, slots=True)
class _Clock:
    """Our clock in interlock's shape."""

    read: Callable[[], float]

    def monotonic(self) -> float:
        return self.read()
