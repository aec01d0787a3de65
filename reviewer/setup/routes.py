"""The doors of the set-up: who brings the token chooses, goes to GitHub, comes back with a code, and finishes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from reviewer.door import Door, seconds
from reviewer.rendering import from_elsewhere
from reviewer.setup import pages
from reviewer.setup.forms import COOKIE, TooMuch, fields_of, here, is_ahead
from reviewer.setup.kit import Kit
from reviewer.setup.progress import Progress
from reviewer.setup.visits import Visit, Visits

PATH = "/setup"

USED = "This token was used already, in another browser or before its cookie was deleted. A restart prints a new one."


class Setup:
    """Open until it is finished, or until the server runs and nobody is at it any more."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._door = Door(kit.token)
        self._progress = Progress(kit)
        # What GitHub tells once is not lost with the hours of a visit.
        self._visits = Visits(kit.now, open_end=lambda: bool(self._progress.unkept))
        self._finished = False

    def routes(self) -> list[Route]:
        return [
            Route(PATH, self.show),
            Route(PATH, self.take, methods=["POST"]),
            Route(f"{PATH}/callback", self.callback),
        ]

    async def show(self, request: Request) -> Response:
        if self._closed:
            return pages.closed()
        token = request.query_params.get("token", "")
        if self._visit(request):
            return _on() if token else await self._page(request)
        if token and is_ahead(request):
            return Response(status_code=503)  # the token is for the person
        return self._let_in(request, token) if token else pages.door("", status=401)

    async def take(self, request: Request) -> Response:
        """A form of ours; `step` says which."""
        if self._closed:
            return pages.closed()
        if from_elsewhere(request.headers):
            return pages.door("Use the form on this page itself.", status=403)
        try:
            fields = await fields_of(request)
        except TooMuch:
            return pages.told("That was too much", "This form is larger than any of ours.", status=413)
        if fields.get("step") == "token":
            return self._let_in(request, fields.get("token", ""))
        visit = self._visit(request)
        if visit is None:
            return pages.door("Your visit here has ended: bring the token again.", status=401)
        steps: dict[str, Callable[[], Awaitable[Response | None]]] = {
            "choose": lambda: self._progress.choose(visit, fields, here(request)),
            "again": lambda: self._progress.again(visit),
            "model": lambda: self._progress.model(visit, fields),
            "finish": self._finish,
        }
        step = steps.get(fields.get("step", ""))
        return (await step() if step else None) or _on()

    async def callback(self, request: Request) -> Response:
        """The way back from GitHub."""
        if self._closed:
            return pages.closed()
        if is_ahead(request):
            return Response(status_code=503)  # the code and the state are for the person
        visit = self._visit(request)
        if visit is None:
            return pages.door(
                "GitHub sent you back, but this browser is not at the set-up (any more): bring the token, and begin "
                "again. An App that GitHub has made meanwhile is not used: delete it there.",
                status=401,
            )
        state, code = (request.query_params.get(name, "") for name in ("state", "code"))
        return await self._progress.come_back(visit, state=state, code=code) or _on()

    async def _page(self, request: Request) -> Response:
        visit = self._visit(request)
        assert visit
        return await self._progress.page(visit, here(request))

    async def _finish(self) -> Response | None:
        if not self._kit.server.running:
            return None
        self._finished = True
        self._visits.end()
        response = pages.finished(has_model=self._kit.server.has_model)
        response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="lax")
        return response

    @property
    def _closed(self) -> bool:
        """Also where another process was set up, and this one found the credentials."""
        return self._finished or (self._kit.server.running and not self._visits.any())

    def _visit(self, request: Request) -> Visit | None:
        return self._visits.of(request.cookies.get(COOKIE, ""))

    def _let_in(self, request: Request, token: str) -> Response:
        """The token, for a cookie: it comes back from GitHub too (so Lax), and opens nothing but this."""
        address = request.client.host if request.client else ""
        wait = self._door.refuses(token, address=address, path=PATH)
        if wait:
            response = pages.door(f"Too many wrong tokens: try again in {seconds(wait)} s.", status=429)
            response.headers["retry-after"] = seconds(wait)
            return response
        if wait is not None:
            return pages.door("This is not the token of this start.", status=403)
        if self._visits.used:
            return pages.door(USED, status=403)
        response = _on()
        response.set_cookie(
            COOKIE,
            self._visits.begin(),
            path=PATH,  # no age: the visit ends here, and one with something to save does not
            httponly=True,
            samesite="lax",
            secure=here(request).startswith("https:"),
        )
        return response


def closed_routes() -> list[Route]:
    """Of a server that has its credentials."""

    async def closed(_request: Request) -> Response:
        return pages.closed()

    return [Route(PATH, closed), Route(PATH, closed, methods=["POST"]), Route(f"{PATH}/callback", closed)]


def _on() -> Response:
    """To the page that comes next, with nothing in its address."""
    return RedirectResponse(PATH, status_code=303, headers={"cache-control": "no-store"})
