"""Ends a local review early: calls under way are given up, none is begun, and what was answered is kept."""

from __future__ import annotations

import asyncio

from reviewer.core.errors import ModelError, Superseded
from reviewer.core.types import Answer, Lost, Prompt
from reviewer.ports import Model


class Stop:
    """Whether somebody wants the review to end. To be made on the loop that it runs on."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()
        self.begun = False  # a model was asked: there may be answers to keep

    def __call__(self) -> None:
        self._asked.set()

    async def wanted(self) -> None:
        """Raises Superseded once it is to end."""
        if self._asked.is_set():
            raise Superseded("interrupted")

    async def heed(self, prompt: Prompt, model: Model) -> Answer:
        """The model's answer. Raises ModelError when it is not waited for any longer."""
        self.begun = True
        call = asyncio.ensure_future(model.call(prompt))
        asked = asyncio.ensure_future(self._asked.wait())
        try:
            await asyncio.wait({call, asked}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            raise asyncio.CancelledError(await _given_up(call)) from None
        finally:
            asked.cancel()
        if call.done():
            return call.result()
        raise ModelError("the review was interrupted", code="cancelled", lost=await _given_up(call))


class Stoppable:
    """Satisfies `ports.Model`."""

    def __init__(self, model: Model, stop: Stop) -> None:
        self.name = model.name
        self._model, self._stop = model, stop

    async def call(self, prompt: Prompt) -> Answer:
        return await self._stop.heed(prompt, self._model)


async def _given_up(call: asyncio.Future[Answer]) -> Lost:
    """What it took all the same."""
    call.cancel()
    try:
        answer = await call
    except asyncio.CancelledError as cancelled:
        return next((each for each in cancelled.args if isinstance(each, Lost)), Lost(1))
    except ModelError as error:
        return error.lost
    return answer.lost + Lost(0, answer.usage)
