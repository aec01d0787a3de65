"""How a run compares texts: by the vectors of the embedding model where there is one that serves, else by their words.

A vector is paid for once: it is kept by the digest of model and text. The bars of a model are found once, on labelled
cases that travel with the program and are nobody's data. Whatever fails, the run goes on with the lexical meaning.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from hashlib import sha256
from typing import Any

from reviewer.core.errors import OutsideError
from reviewer.core.meaning import LEXICAL_MEANING, Alike, Bars, Meaning
from reviewer.core.meaning.calibrate import calibrated, score
from reviewer.core.meaning.cases import Case, cases_of, texts_of
from reviewer.core.types import Spent
from reviewer.ports import Answers, Cases, Entry, Vectors
from reviewer.together import beside

PATIENCE = 10.0  # seconds for all of it: a review does not wait for better words
AT_ONCE = 256  # texts that are embedded, and kept, before the next are
WEEK = 7 * 86_400.0  # seconds
NOBODY = 0  # the installation of what is nobody's
USEFUL = 0.9  # of the rewordings that the words know: the cases are those that the words' own bars were chosen on


@dataclass(frozen=True, slots=True)
class Labelled:
    """Satisfies `Cases`, with the scenes that the bars of the words were chosen on."""

    name: str
    cases: tuple[Case, ...]

    @classmethod
    def of(cls, scenes: Iterable[Mapping[str, Any]]) -> Labelled:
        """Raises UsageError for a scene that is not as `core.meaning.cases` has it."""
        known = list(scenes)
        return cls(sha256(json.dumps(known, sort_keys=True).encode()).hexdigest(), cases_of(known))

    @property
    def texts(self) -> tuple[str, ...]:
        return texts_of(self.cases)

    def bars(self, vectors: Mapping[str, bytes], alike: Alike) -> Bars | None:
        by_words = {text: LEXICAL_MEANING.vector(text) for text in self.texts}
        found, known = self._tried(vectors, alike)
        _, least = self._tried(by_words, LEXICAL_MEANING.alike)
        return found if known >= USEFUL * least else None

    def _tried(self, vectors: Mapping[str, bytes], alike: Alike) -> tuple[Bars, int]:
        """The best bars, and how many rewordings are known by them."""

        def like(a: str, b: str) -> float:
            return alike(vectors[a], vectors[b])

        bars = calibrated(self.cases, like)
        return bars, score(self.cases, like, bars).known


@dataclass(frozen=True, slots=True)
class Chosen:
    """The meaning for a run, what it cost to get it, and a sentence where it is not the one that was asked for."""

    meaning: Meaning = LEXICAL_MEANING
    spent: Spent = field(default_factory=Spent)
    note: str = ""


async def meaning_for(
    texts: Sequence[str],
    *,
    vectors: Vectors | None,
    store: Answers,
    cases: Callable[[], Cases],
    installation: int,
    repository: str,
    patience: float = PATIENCE,
    now: Callable[[], float] = time.time,
) -> Chosen:
    """The meaning that can compare the `texts`, and others not: those are like nothing. Never raises, never waits long.

    The texts go to the model's provider as they are: secrets have been cut out of them.
    """
    if vectors is None or not any(text.strip() for text in texts):
        return Chosen()
    desk = _Desk(vectors, store, installation, repository, week=int(now() // WEEK))
    known: dict[str, bytes] = {}
    try:
        async with asyncio.timeout(patience):
            judged = cases()
            bars = None
            if not await desk.is_useless(judged):
                known = await desk.looked_up(texts)
                bars = await desk.bars(judged, size=max(map(len, known.values())))
    except OutsideError as error:
        return Chosen(spent=desk.spent, note=_instead(str(error).rstrip(".")))
    except TimeoutError:
        return Chosen(spent=desk.spent, note=_instead(f"the embeddings took more than {patience:g} s"))
    if bars is None:
        return Chosen(spent=desk.spent, note=_instead(f"{vectors.name} does not tell findings apart"))
    name = f"embedding {vectors.name}"
    meaning = Meaning(name, lambda text: known.get(text, b""), vectors.alike, bars, vectors.keep)
    return Chosen(meaning, desk.spent)


def _instead(reason: str) -> str:
    return f"Findings were compared by their words alone: {reason}."


@dataclass(slots=True)
class _Desk:
    """Looks up and asks, on one run's behalf."""

    vectors: Vectors
    store: Answers
    installation: int
    repository: str
    week: int  # since the epoch
    spent: Spent = field(default_factory=Spent)

    async def looked_up(self, texts: Sequence[str]) -> dict[str, bytes]:
        """A vector for each text, all of one size; the missing ones are asked for and kept."""
        wanted = [text for text in dict.fromkeys(texts) if text.strip()]
        keys = {text: self._key("vector", text) for text in wanted}
        kept = await self.store.answers(self.installation, list(keys.values()))
        known = {text: vector for text, key in keys.items() if (vector := _unwritten(kept.get(key, "")))}
        known |= await self._asked([text for text in wanted if text not in known], keys)
        if len(set(map(len, known.values()))) > 1:  # the model behind the name is another one now
            known = await self._asked(wanted, keys)
        return known

    async def bars(self, cases: Cases, *, size: int) -> Bars | None:
        """Those that were found for this model and vectors of so many bytes; else they are found now."""
        key = self._key("bars", f"{cases.name} {size} {' '.join(each.name for each in fields(Bars))}")
        written = (await self.store.answers(NOBODY, [key])).get(key, "")
        if not written:
            written = json.dumps(await self._found(cases))
            await self._keep_for_all(key, written)
        said = json.loads(written)
        if said is None:
            await self._keep_for_all(self._useless(cases), written)
        return None if said is None else Bars(**said)

    async def is_useless(self, cases: Cases) -> bool:
        """Whether the model was found this week to tell nothing apart: then nothing needs to be embedded.

        The size of its vectors is not known here, so it is looked at again each week: it may be another model by then.
        """
        key = self._useless(cases)
        return key in await self.store.answers(NOBODY, [key])

    def _useless(self, cases: Cases) -> str:
        return self._key("useless", f"{cases.name} {self.week}")

    async def _found(self, cases: Cases) -> dict[str, float] | None:
        known: dict[str, bytes] = {}
        for some in _parts([text for text in dict.fromkeys(cases.texts) if text.strip()]):
            known |= await self._embedded(some)
        bars = await beside(lambda: cases.bars(known, self.vectors.alike))
        return None if bars is None else asdict(bars)

    async def _keep_for_all(self, key: str, written: str) -> None:
        await self.store.keep_answers(NOBODY, {key: Entry(written, "vector", model=self.vectors.name)})

    async def _asked(self, texts: Sequence[str], keys: Mapping[str, str]) -> dict[str, bytes]:
        known: dict[str, bytes] = {}
        for some in _parts(texts):
            found = await self._embedded(some)
            entries = {
                keys[text]: Entry(_written(vector), "vector", self.repository, self.vectors.name)
                for text, vector in found.items()
            }
            await self.store.keep_answers(self.installation, entries)
            known |= found
        return known

    async def _embedded(self, texts: Sequence[str]) -> dict[str, bytes]:
        found = await self.vectors.embed(texts)
        self.spent += Spent({self.vectors.name: found.usage})
        return dict(zip(texts, found.vectors, strict=True))

    def _key(self, kind: str, text: str) -> str:
        of = f"{kind} {self.vectors.name} {self.vectors.form} {text}"
        return sha256(of.encode("utf-8", "surrogatepass")).hexdigest()


def _parts(texts: Sequence[str]) -> list[Sequence[str]]:
    return [texts[start : start + AT_ONCE] for start in range(0, len(texts), AT_ONCE)]


def _written(vector: bytes) -> str:
    return json.dumps(base64.b64encode(vector).decode())


def _unwritten(kept: str) -> bytes:
    """Empty where nothing was kept."""
    return base64.b64decode(json.loads(kept)) if kept else b""
