"""The App on GitHub: credentials, clock, permissions, events, installations, webhook."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress

from reviewer import __version__, resources
from reviewer.core.errors import GitHubError
from reviewer.core.health import (
    AppFacts,
    Check,
    Gap,
    Hook,
    Installed,
    Trouble,
    Wanted,
    deliveries_check,
    event_gaps,
    excess,
    permission_gaps,
    unreachable,
    wanted_of,
)
from reviewer.core.render.words import many
from reviewer.doctor.bounded import Limits
from reviewer.github import GitHubApp
from reviewer.github.standing import Standing
from reviewer.settings import Settings

SHOWN = 5  # installations with something to mend that are named; of the rest, their number
COUNTED = 20  # installations of which the repositories are counted: a token and a request for each
REQUIRED = (
    "whether the check `reviewer` is required for a merge is not shown to the App: only then does it block; see "
    "{}/OWNER/REPOSITORY/settings/rules"
)
ACCEPT = "its owner accepts it at {page}"


class Looking:
    """One look at the App."""

    def __init__(self, settings: Settings, limits: Limits) -> None:
        self._settings, self._limits = settings, limits
        self._github: GitHubApp | None = None

    async def aclose(self) -> None:
        if self._github:
            with suppress(Exception):
                await asyncio.wait_for(self._github.aclose(), 1)

    async def checks(self) -> list[Check]:
        settings = self._settings
        if missing := settings.missing_credentials():
            return [_no_credentials(missing)]
        key = settings.private_key
        assert key
        self._github = GitHubApp(
            settings.app_id,
            key.get_secret_value(),
            settings.github_api_url,
            pauses=(),
            user_agent=f"reviewer/{__version__}",
        )
        standing = self._github.standing()
        try:
            async with asyncio.timeout(self._limits.github * 0.6):  # so that what else was found is told
                app = await standing.app()
        except GitHubError as error:
            return [_refused(error, standing), *_clock(standing)]
        except TimeoutError:
            says = f"GitHub ({settings.github_api_url}) gave no answer within {self._limits.github * 0.6:g} s"
            return [Check("credentials", says, "problem", outside=True)]
        good = Check("credentials", f'GitHub knows App {app.number or settings.app_id} as "{app.name}"')
        rest = await asyncio.gather(
            _of_installations(standing, app), _of_hook(standing, app, settings), _of_deliveries(standing, app)
        )
        return [good, *_clock(standing), *grants(app), *(check for each in rest for check in each)]


def wanted() -> Wanted:
    return wanted_of(resources.app_manifest())


def _no_credentials(missing: Sequence[str]) -> Check:
    verb = "is" if len(missing) == 1 else "are"
    trouble = Trouble(
        "this is no GitHub App yet",
        "everything on GitHub; `reviewer review` and `reviewer demo` work without",
        "run `reviewer serve` and open the address of /setup that it prints",
    )
    return Check("credentials", f"{', '.join(missing)} {verb} not set", "problem", (trouble,))


def _refused(error: GitHubError, standing: Standing) -> Check:
    outside = error.retryable and error.status not in {401, 200}
    if standing.clock_off[1] and error.status == 401:
        says = "GitHub refuses them, since this machine's clock is wrong"
        return Check("credentials", says, "problem", (Trouble("see the check of the clock", "everything"),))
    if error.status == 404:
        mend = "check GITHUB_APP_ID, and GITHUB_API_URL for GitHub Enterprise Server"
        return Check("credentials", "GitHub knows no App with this id", "problem", (Trouble("", "everything", mend),))
    if error.status == 401:
        mend = (
            "GITHUB_PRIVATE_KEY has to be a key of the App of GITHUB_APP_ID: make a new one on the App's settings "
            "page, under Private keys"
        )
        return Check(
            "credentials", "GitHub does not accept the private key", "problem", (Trouble("", "everything", mend),)
        )
    return Check("credentials", str(error).rstrip("."), "problem", outside=outside)


def _clock(standing: Standing) -> list[Check]:
    seconds, wrong = standing.clock_off
    if seconds is None:
        return []
    if not wrong:
        return [Check("clock", f"within {max(1, round(abs(seconds)))} s of GitHub's")]
    trouble = Trouble("", "GitHub refuses what is signed by it", "switch NTP on, as by `timedatectl set-ntp true`")
    return [Check("clock", wrong, "problem", (trouble,))]


def grants(app: AppFacts) -> list[Check]:
    """The App's own permissions and events."""
    want, page = wanted(), f"{app.page}/permissions"
    gaps, events = permission_gaps(want.permissions, app.permissions), event_gaps(want.events, app.events)
    ask = f"grant it at {page} (then each installation's owner has to accept it)"
    extra = excess(want.permissions, app.permissions)
    says = f"{len(gaps)} of app.yml not granted" if gaps else "those of app.yml are granted"
    first = Check("permissions", says, "problem" if gaps else "ok", _troubles(gaps, ask), extra)
    says = f"{len(events)} of app.yml not subscribed to" if events else "those of app.yml are subscribed to"
    tick = f"tick it at {page}, under 'Subscribe to events'"
    return [first, Check("events", says, "problem" if events else "ok", _troubles(events, tick))]


def lagging(app: AppFacts, each: Installed) -> tuple[Gap, ...]:
    """What the App has and this installation's owner has not accepted."""
    want = wanted()
    own = {gap.says for gap in permission_gaps(want.permissions, app.permissions)}
    gaps = [gap for gap in permission_gaps(want.permissions, each.permissions) if gap.says not in own]
    subscribed = [event for event in want.events if event in app.events]
    return (*gaps, *event_gaps(subscribed, each.events))


async def _of_installations(standing: Standing, app: AppFacts) -> list[Check]:
    try:
        found = await standing.installations()
    except GitHubError as error:
        return [Check("installations", str(error).rstrip("."), "problem", outside=True)]
    if not found:
        trouble = Trouble("", "nothing is reviewed", f"install it at {app.page}/installations")
        return [Check("installations", "the App is installed nowhere", "warning", (trouble,))]
    live = [each for each in found if not each.suspended]
    counts = await asyncio.gather(*(_count(standing, each.id) for each in live[:COUNTED]))
    more = "" if len(live) <= COUNTED else " or more"
    noun = "repository" if sum(counts) == 1 else "repositories"
    says = f"{many(len(found), 'installation')} with {sum(counts):,} {noun}{more}"
    troubles = installation_troubles(app, found)
    return [Check("installations", says, "warning" if troubles else "ok", troubles, (REQUIRED.format(standing.site),))]


def installation_troubles(app: AppFacts, found: Sequence[Installed]) -> tuple[Trouble, ...]:
    troubles: list[Trouble] = []
    for each in found:
        if each.suspended:
            mend = f"its owner lifts it at {each.page}"
            troubles.append(Trouble(f"{each.account} has suspended it", "nothing is reviewed there", mend))
            continue
        accept = ACCEPT.format(page=f"{each.page}/permissions/update")
        troubles += [Trouble(f"{each.account}: {gap.says}", gap.disables, accept) for gap in lagging(app, each)]
    shown = troubles[:SHOWN]
    if left := len(troubles) - len(shown):
        shown.append(Trouble(f"and {left:,} more of this kind", mend=f"see {app.page}/installations"))
    return tuple(shown)


async def _count(standing: Standing, installation: int) -> int:
    try:
        return await standing.repositories(installation)
    except GitHubError:
        return 0


async def _of_hook(standing: Standing, app: AppFacts, settings: Settings) -> list[Check]:
    try:
        return [hook_check(await standing.hook(), app, settings)]
    except GitHubError as error:
        return [Check("webhook", str(error).rstrip("."), "warning", outside=True)]


def hook_check(hook: Hook, app: AppFacts, settings: Settings) -> Check:
    proxy = settings.webhook_proxy_url or ""  # the channel that brings webhooks to a machine that GitHub cannot reach
    at = f"change it at {app.page}"
    if not hook.url:
        return Check("webhook", "the App has no webhook", "problem", (Trouble("", "no event reaches us", at),))
    troubles = []
    why = unreachable(hook.url, settings.github_api_url)
    if why:
        mend = f"{at} to one that GitHub can reach; on a machine of your own set WEBHOOK_PROXY_URL to a channel"
        troubles.append(Trouble(f"GitHub cannot reach it: {why}", "no event reaches us", f"{mend} like smee.io's"))
    elif proxy and hook.url.rstrip("/") != proxy.rstrip("/"):
        says = "WEBHOOK_PROXY_URL names another address than the App's webhook"
        troubles.append(Trouble(says, "what comes by that channel is not for this App", at))
    if hook.content_type != "json":
        troubles.append(Trouble(f"it sends {hook.content_type}", "no event can be read", f"{at}: application/json"))
    grade = "problem" if troubles else "ok"
    if not hook.verified:
        troubles.append(Trouble("GitHub does not check its certificate", mend=f"{at}: 'Enable SSL verification'"))
        grade = "problem" if grade == "problem" else "warning"
    return Check("webhook", hook.url, grade, tuple(troubles))  # type: ignore[arg-type]


async def _of_deliveries(standing: Standing, app: AppFacts) -> list[Check]:
    try:
        answers = await standing.answers()
    except GitHubError as error:
        return [Check("deliveries", str(error).rstrip("."), "warning", outside=True)]
    return [deliveries_check(answers, now=time.time(), page=app.page)]


def _troubles(gaps: Sequence[Gap], mend: str) -> tuple[Trouble, ...]:
    return tuple(Trouble(gap.says, gap.disables, mend) for gap in gaps)
