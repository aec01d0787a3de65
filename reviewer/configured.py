"""Reads what configures a repository: the organisation's file, what files extend, and its own on the base branch."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from reviewer.core.config import ConfigProblem, Layer, Layered, layered, only_allowed, proposal, read_layer
from reviewer.core.errors import GitHubError, OutsideError
from reviewer.core.guidelines import CONFIG_PATHS
from reviewer.core.types import Diff, PullRequest
from reviewer.core.types.secret import PLACEHOLDER
from reviewer.ports import Configs, File, KeptConfig, Secrets
from reviewer.redacting import clean
from reviewer.run import Run
from reviewer.together import beside

HOME = ".github"  # the repository of an organisation whose configuration is for all of them
HEAD = "HEAD"  # of the default branch
MOST_EXTENDED = 3  # repositories in one chain: each is a request
_DEFAULTS = "Without it the defaults count, and what the organisation has set."
_NOTHING = "Nothing of it counts."
_LAST_GOOD = "Until it is mended, what it said when it could last be read counts."

Found = Mapping[str, File | None]


Files = Callable[
    [Mapping[str, tuple[str, Sequence[str]]]], Awaitable[Mapping[str, Found | None]]
]  # as of `ports.GitHub`


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose configuration is read, and with what."""

    repository: str
    installation: int
    files: Files
    store: Configs
    secrets: Secrets
    models: Sequence[str] = ()  # that may be named, as of `only_allowed`


def reader_of(this: Run) -> Reader:
    job, tools = this.job, this.tools
    files, models = this.github.files, tools.allowed_models
    return Reader(job.repository, job.installation, files, tools.store, tools.secrets, models)


@dataclass(frozen=True, slots=True)
class Configured:
    """What counts, and the texts of the other files that were read along with it."""

    known: Layered
    texts: dict[str, str | None]


async def read_configured(reader: Reader, ref: str, also: Sequence[str] = ()) -> Configured:
    """The configuration on the branch `ref`: the defaults, the organisation's, what is extended, the repository's own.

    `also` are paths on the same branch. One request, and one more for each repository that is extended.
    """
    own, home = reader.repository, f"{reader.repository.partition('/')[0]}/{HOME}"
    wanted: dict[str, tuple[str, Sequence[str]]] = {own: (ref, [*CONFIG_PATHS, *also])}
    if not _same(own, home):
        wanted[home] = (HEAD, CONFIG_PATHS)
    found = await reader.files(wanted)
    here = found.get(own) or {}
    shared = found.get(home) if home in wanted else None
    known = {home.lower(): shared} if home in wanted else {}
    layer = await _layer(reader, own, ref, here)
    chain, problems = await _extended(reader, own, layer, known)
    layers = [*chain, replace(layer, problems=(*layer.problems, *problems))]
    if shared is not None and not any(each.name.lower().startswith(f"{home.lower()}:") for each in chain):
        base = await _layer(reader, home, HEAD, shared)
        below, more = await _extended(reader, home, base, {})
        layers = [*below, replace(base, problems=(*base.problems, *more)), *layers]
    return Configured(layered(layers), {path: file.text if file else None for path, file in here.items()})


async def proposed(this: Run, pull: PullRequest, diff: Diff) -> tuple[str, ...]:
    """What is to be told where the pull request itself changes the configuration: read on its head, never used.

    One request where it does.
    """
    touched = {path for file in diff.files for path in (file.path, file.old_path)}
    changed = [path for path in CONFIG_PATHS if path in touched]
    if not changed:
        return ()
    own = this.job.repository
    try:
        found = (await this.github.files({own: (pull.head_sha, CONFIG_PATHS)})).get(own) or {}
    except GitHubError as error:
        return (f"This pull request changes {changed[0]}, which could not be looked at: {error}",)
    path = next((path for path in CONFIG_PATHS if found.get(path)), "")
    file = found.get(path)
    layer = await _read(file, path, this.tools.allowed_models) if file else None
    return proposal(layer, path if path in changed else changed[0])


async def _extended(
    reader: Reader, start: str, layer: Layer, known: Mapping[str, Found | None]
) -> tuple[list[Layer], list[ConfigProblem]]:
    """What `layer`, of the repository `start`, is built on, the farthest first; and what of it is left out."""
    chain: list[Layer] = []
    seen = [start.lower()]
    while target := layer.config.extends:
        wrong = ""
        if target.lower() in seen:
            wrong = "comes round in a circle, which ends here."
        elif len(chain) == MOST_EXTENDED:
            wrong = f"is one too many: at most {MOST_EXTENDED} repositories extend each other. It is left out."
        else:
            seen.append(target.lower())
            if target.lower() in known:
                found = known[target.lower()]
            else:
                found = (await reader.files({target: (HEAD, CONFIG_PATHS)})).get(target)
            if found is None:
                wrong = "cannot be read: it is not there, or the App is not installed on it. It is left out."
            elif all(found.get(path) is None for path in CONFIG_PATHS):
                wrong = f"has no {CONFIG_PATHS[0]} on its default branch: nothing comes from it."
        if wrong:
            said = f"`extends`: `{target}` {wrong}"
            return chain, [ConfigProblem(layer.at("extends"), "extends", said, layer.name)]
        layer = await _layer(reader, target, HEAD, found or {})
        chain.insert(0, layer)
    return chain, []


async def _layer(reader: Reader, repository: str, ref: str, found: Found) -> Layer:
    """What the file says, or said when it could last be read on that branch."""
    store, installation = reader.store, reader.installation
    own = _same(repository, reader.repository)
    prefix = "" if own else f"{repository}:"
    path, file = next(((path, file) for path in CONFIG_PATHS if (file := found.get(path))), ("", File("")))
    layer = await _read(file, f"{prefix}{path}", reader.models)
    kept = await store.kept_config(installation, repository, ref)
    if layer.usable:
        with suppress(OutsideError):  # nobody could look for secrets: then nothing may rest
            await store.keep_config(installation, repository, ref, await _to_keep(reader, path, file.text or "", kept))
        return layer
    was = f"{prefix}{kept.path} (as it was)" if kept and kept.path else ""
    good = await _read(File(kept.text), was, reader.models) if kept and was else layer
    if not good.usable:
        return layer.failed(_DEFAULTS if own else _NOTHING)
    return replace(good, problems=layer.failed(_LAST_GOOD).problems)


async def _read(file: File, name: str, models: Sequence[str]) -> Layer:
    """In a thread: who writes the file, on a head anybody, decides how long that takes."""
    return only_allowed(await beside(lambda: read_layer(file.text, name=name, problem=file.problem)), models)


async def _to_keep(reader: Reader, path: str, text: str, kept: KeptConfig | None) -> KeptConfig:
    """Secrets are looked for once in each text. What stands for one must be a word: it has to be YAML as before."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    if kept and (kept.path, kept.digest) == (path, digest):
        return kept
    [cleaned] = await clean([text], reader.secrets) if text else [""]
    return KeptConfig(path, PLACEHOLDER.sub("SECRET", cleaned), digest)


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower()
