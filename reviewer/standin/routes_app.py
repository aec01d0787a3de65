"""Routes of the App itself: who it is, where it is installed, its tokens, its deliveries, its budget."""

from __future__ import annotations

from starlette.responses import Response

from reviewer.standin import shapes
from reviewer.standin.access import new_token
from reviewer.standin.calls import Call, Endpoint, answer, not_found, paged
from reviewer.standin.git_shapes import delivery
from reviewer.standin.webhooks import redeliver

_HOUR = 3_600


def get_app(call: Call) -> Response:
    return answer(shapes.app(call.hub))


def list_installations(call: Call) -> Response:
    return paged(call, list(call.hub.installations.values()), lambda each: shapes.installation(call.hub, each))


def get_installation(call: Call) -> Response:
    found = call.hub.installations.get(call.number("installation_id"))
    if found is None:
        raise not_found()
    return answer(shapes.installation(call.hub, found))


def repository_installation(call: Call) -> Response:
    found = call.hub.installation_of(f"{call.params['owner']}/{call.params['repo']}")
    if found is None:
        raise not_found()
    return answer(shapes.installation(call.hub, found))


def create_token(call: Call) -> Response:
    token = new_token(call.hub, call.number("installation_id"), call.body)
    return answer(shapes.token(call.hub, token), 201)


def list_repositories(call: Call) -> Response:
    assert call.token is not None
    seen = [each for each in call.hub.repositories.values() if call.token.covers(each.full_name)]
    return paged(call, seen, lambda each: shapes.repository(call.hub, each), under="repositories")


def hook_config(call: Call) -> Response:
    return answer({**call.hub.hook_config, "secret": "********", "url": call.hub.webhook_url})


def list_deliveries(call: Call) -> Response:
    """Newest first; a cursor, not a page number, leads on: the list grows at its head."""
    size = min(max(int(call.query.get("per_page", "30")), 1), 100)
    cursor = call.query.get("cursor", "").removeprefix("v1_")
    before = int(cursor) if cursor.isdecimal() else float("inf")
    left = [each for each in call.hub.deliveries[::-1] if each.id < before]
    last = left[size - 1].id if left[size:] else 0
    more = f'<{call.hub.url}{call.path}?per_page={size}&cursor=v1_{last}>; rel="next"' if last else ""
    return answer([delivery(each) for each in left[:size]], headers={"link": more} if more else None)


def attempt_delivery(call: Call) -> Response:
    number = call.number("delivery_id")
    found = next((each for each in call.hub.deliveries if each.id == number), None)
    if found is None:
        raise not_found()
    redeliver(call.hub, found)
    return answer({}, 202)


def get_user(call: Call) -> Response:
    login = call.params["username"]
    if login not in call.hub.people | {call.hub.bot}:
        raise not_found()
    return answer(shapes.user(call.hub, login))


def rate_limit(call: Call) -> Response:
    limit = call.hub.limits.requests
    used = min(len(call.hub.requests), limit)
    reset = int(call.hub.clock()) // _HOUR * _HOUR + _HOUR
    rate = {"limit": limit, "remaining": limit - used, "reset": reset, "used": used}
    return answer({"resources": {"core": rate, "search": rate, "graphql": rate}, "rate": rate})


ENDPOINTS = (
    Endpoint("GET", "/app", get_app, "app"),
    Endpoint("GET", "/app/installations", list_installations, "app"),
    Endpoint("GET", "/app/installations/{installation_id}", get_installation, "app"),
    Endpoint("POST", "/app/installations/{installation_id}/access_tokens", create_token, "app"),
    Endpoint("GET", "/app/hook/config", hook_config, "app"),
    Endpoint("GET", "/app/hook/deliveries", list_deliveries, "app"),
    Endpoint("POST", "/app/hook/deliveries/{delivery_id}/attempts", attempt_delivery, "app", alone=False),
    Endpoint("GET", "/repos/{owner}/{repo}/installation", repository_installation, "app"),
    Endpoint("GET", "/installation/repositories", list_repositories),
    Endpoint("GET", "/users/{username}", get_user),
    Endpoint("GET", "/rate_limit", rate_limit),
)
