"""Models by name: any repository may name one, and all together they cost one set of connections."""

from __future__ import annotations

import asyncio
from pathlib import Path

from asker import review
from world_servers import serving

from reviewer.model.client import OpenAIModel
from reviewer.models import AT_MOST, Models
from reviewer.standin.model import StandInModel


def test_every_name_shares_the_connections(tmp_path: Path) -> None:
    """However many are named: no more than a few are kept, one that was let go still answers, one close closes all."""
    with serving() as servers:
        servers.model.app = StandInModel().app
        models = Models(servers.settings(tmp_path))

        async def story() -> None:
            first = models.named("m0")
            named = [models.named(f"m{number}") for number in range(AT_MOST * 2)]
            assert named[0] is first
            assert models.named("m31") is named[31]
            assert models.named("m0") is not first
            assert len(models._operators._models) == AT_MOST
            assert [answer.model for answer in await asyncio.gather(*(each.call(review()) for each in named))]
            clients = {
                id(each._requests.client()): each._requests.client() for each in named if isinstance(each, OpenAIModel)
            }
            assert len(clients) == 1
            await models.aclose()
            assert [client.is_closed() for client in clients.values()] == [True]

        asyncio.run(story())
