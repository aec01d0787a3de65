"""What people do on the stand-in's pages: they install the App, and press the buttons of its check."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from reviewer.standin.events import press_action
from reviewer.standin.records import CheckRun, Pull, Repository
from reviewer.standin.state import State
from reviewer.standin.webhooks import deliver

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


def routes(hub: State) -> list[Route]:
    async def install(request: Request) -> Response:
        return _install(hub, request)

    async def press(request: Request) -> Response:
        form = parse_qs((await request.body()).decode("ascii", "replace"))
        return await run_in_threadpool(_press, hub, request, {name: values[0] for name, values in form.items()})

    return [
        Route("/apps/{slug}/installations/new", install, methods=["GET", "POST"]),
        Route("/{owner}/{repo}/pull/{number:int}/press", press, methods=["POST"]),
    ]


def _install(hub: State, request: Request) -> Response:
    """On all repositories of all accounts: there are few, and nobody else's."""
    if request.path_params["slug"] != hub.slug:
        return _told("There is no App of this name.", 404)
    done = request.method == "POST"
    if done and _foreign(request):
        return _told("Another site's page may not install Apps.", 403)
    names = sorted(repository.full_name for repository in hub.repositories.values())
    for account in sorted({name.partition("/")[0] for name in names}) if done else ():
        hub.install(account)
    html = _template().render(app=hub.app_name, names=names, done=done)
    return HTMLResponse(html, headers={"content-security-policy": _POLICY})


def _press(hub: State, request: Request, form: dict[str, str]) -> Response:
    """The webhook is sent before the page is shown again; whoever may write presses."""
    where = request.path_params
    repository = hub.repositories.get(f"{where['owner']}/{where['repo']}".lower())
    pull = repository.pulls.get(where["number"]) if repository else None
    if repository is None or pull is None:
        return _told("There is no such pull request.", 404)
    if _foreign(request):
        return _told("Another site's page may not press this button.", 403)
    run = _run(hub, pull, form.get("check", ""))
    if run is None:
        return _told("The check is not there any more: look at the pull request again.", 422)
    try:
        event = press_action(hub, run, form.get("identifier", ""), user=_presser(repository))
    except ValueError as error:
        return _told(str(error), 422)
    sent = deliver(hub, event)
    if not 200 <= sent.status < 300:
        return _told(f"The App did not take the webhook: {sent.status or 'nobody answered'}.", 502)
    return RedirectResponse(f"/{repository.full_name}/pull/{pull.number}#check-{run.id}", status_code=303)


def _run(hub: State, pull: Pull, number: str) -> CheckRun | None:
    return next((run for run in hub.check_runs(pull.head_sha) if str(run.id) == number), None)


def _presser(repository: Repository) -> str:
    writers = (login for login, role in repository.roles.items() if role in {"admin", "maintain", "write"})
    return next(writers, repository.owner)


def _foreign(request: Request) -> bool:
    return request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}


def _told(said: str, status: int) -> Response:
    return PlainTextResponse(said, status_code=status, headers={"content-security-policy": _POLICY})


@cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.lstrip_blocks = True
    return environment.get_template("install.html")
