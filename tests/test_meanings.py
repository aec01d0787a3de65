"""Which meaning a run gets: an embedding model's where it serves, each text paid for once, else the words'."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import pytest
from asker import SWITCH, served, standin
from house import ROOT

from reviewer.core.errors import ModelError, OutsideError
from reviewer.core.meaning import LEXICAL_MEANING, Alike, Bars
from reviewer.core.meaning.calibrate import score
from reviewer.core.types import Embedded, Spent, Usage
from reviewer.meanings import WEEK, Chosen, Labelled, meaning_for
from reviewer.model import build_model
from reviewer.model.packed import Near, alike, pack
from reviewer.ports.model import Vectors
from reviewer.ports.store import Entry

__all__ = ["served"]

NAME = "text-embedding-3-small"
SAID = [
    "A refund can exceed what was paid.",
    "Refunds may exceed the amount that was paid.",
    "The query is built of input.",
]


@dataclass
class Kept:
    """Satisfies `ports.Answers` in memory."""

    entries: dict[tuple[int, str], Entry] = field(default_factory=dict)
    down: bool = False

    async def answers(self, installation: int, keys: Sequence[str]) -> dict[str, str]:
        if self.down:
            raise OutsideError("the database is away")
        return {key: self.entries[installation, key].text for key in keys if (installation, key) in self.entries}

    async def keep_answers(self, installation: int, entries: Mapping[str, Entry]) -> None:
        self.entries |= {(installation, key): entry for key, entry in entries.items()}

    async def reserve(
        self, installation: int, keys: Sequence[str], holder: str, seconds: float, scope: str = ""
    ) -> frozenset[str]:
        raise NotImplementedError

    async def release(self, installation: int, keys: Sequence[str], holder: str) -> None:
        raise NotImplementedError

    async def release_all(self, installation: int, holder: str, scope: str = "") -> None:
        raise NotImplementedError

    async def holds(self, installation: int, scope: str) -> bool:
        raise NotImplementedError


@dataclass
class Numbers:
    """An embedding model that gives a text its length and its first letter."""

    name: str = "numbers"
    form: int = 1
    asked: list[list[str]] = field(default_factory=list)
    wide: int = 2
    broken: bool = False
    slow: float = 0.0

    async def embed(self, texts: Sequence[str]) -> Embedded:
        self.asked.append(list(texts))
        await asyncio.sleep(self.slow)
        if self.broken:
            raise ModelError("The model server answered 500: try again later.")
        vectors = [pack([len(text), ord(text[0]), *[1.0] * (self.wide - 2)]) for text in texts]
        return Embedded(vectors, Usage(len(texts), calls=1))

    def alike(self, a: bytes, b: bytes) -> float:
        return alike(a, b)

    def keep(self, vectors: Iterable[bytes]) -> Near:
        return Near(vectors)


@dataclass(frozen=True)
class Three:
    """Two texts that mean the same, and one that does not; `useless`: no bar tells them apart."""

    texts: tuple[str, ...] = tuple(SAID)
    name: str = "three"
    useless: bool = False

    def bars(self, vectors: Mapping[str, bytes], alike: Alike) -> Bars | None:
        first, second, other = (vectors[text] for text in self.texts)
        bar = (alike(first, second) + alike(first, other)) / 2
        return None if self.useless else Bars(spot=bar)


def chosen(
    vectors: Vectors | None,
    *texts: str,
    kept: Kept,
    cases: Three | None = None,
    patience: float = 10.0,
    week: int = 0,
) -> Chosen:
    return asyncio.run(
        meaning_for(
            texts,
            vectors=vectors,
            store=kept,
            cases=lambda: cases or Three(),
            installation=7,
            repository="octo/shop",
            patience=patience,
            now=lambda: week * WEEK,
        )
    )


def test_without_a_model_the_words_are_compared() -> None:
    """Nothing is asked then, nor where there is no text."""
    model = Numbers()
    assert chosen(None, *SAID, kept=Kept()) == Chosen(LEXICAL_MEANING)
    assert chosen(model, "", " \n", kept=Kept()) == Chosen(LEXICAL_MEANING)
    assert model.asked == []


def test_a_text_is_paid_for_once() -> None:
    """In this run, and in the next one of the repository's installation; the bars are found once for everybody."""
    model, kept = Numbers(), Kept()
    first = chosen(model, "one", "two", "one", kept=kept)
    assert first.spent == Spent({"numbers": Usage(2 + 3, calls=2)})
    assert (first.meaning.name, first.note) == ("embedding numbers", "")
    second = chosen(model, "two", "three", kept=kept)
    assert model.asked == [["one", "two"], SAID, ["three"]]
    assert second.spent.total.calls == 1
    assert second.meaning.bars == first.meaning.bars != LEXICAL_MEANING.bars
    assert second.meaning.vector("two") == first.meaning.vector("two") == pack([3, ord("t")])
    assert {(where, entry.kind, entry.scope) for (where, _), entry in kept.entries.items()} == {
        (7, "vector", "octo/shop"),
        (0, "vector", ""),
    }


def test_a_text_that_nobody_asked_about_is_like_nothing() -> None:
    """What is compared with it is said."""
    meaning = chosen(Numbers(), "one", kept=Kept()).meaning
    assert meaning.vector("other") == b""
    assert meaning.alike(meaning.vector("other"), meaning.vector("one")) == 0.0


@pytest.mark.parametrize("trouble", ["broken", "slow", "database"])
def test_no_review_fails_or_waits_for_it(trouble: str) -> None:
    """The words serve for this run, and a sentence says why."""
    model, kept = Numbers(broken=trouble == "broken", slow=60.0 * (trouble == "slow")), Kept(down=trouble == "database")
    found = chosen(model, *SAID, kept=kept, patience=0.05)
    assert found.meaning is LEXICAL_MEANING
    reasons = {
        "broken": "The model server answered 500: try again later.",
        "slow": "the embeddings took more than 0.05 s.",
        "database": "the database is away.",
    }
    assert found.note == f"Findings were compared by their words alone: {reasons[trouble]}"


def test_a_model_that_is_of_no_use() -> None:
    """It is found out once, and then nothing is embedded; other cases may show otherwise, and another model that
    stands behind the name is noticed within a week by the size of its vectors.
    """
    model, kept, useless = Numbers(), Kept(), Three(useless=True)
    for text in ("one", "two", "three"):
        found = chosen(model, text, kept=kept, cases=useless)
        assert (found.meaning, found.note.split(": ")[1]) == (LEXICAL_MEANING, "numbers does not tell findings apart.")
    assert model.asked == [["one"], SAID]
    for text in ("four", "five"):
        assert chosen(model, text, kept=kept, cases=useless, week=1).meaning is LEXICAL_MEANING
    assert model.asked == [["one"], SAID, ["four"]]
    assert chosen(model, "one", kept=kept, cases=Three(name="more")).meaning.name == "embedding numbers"
    assert chosen(Numbers(wide=5), "one", "six", kept=kept, week=2).meaning.name == "embedding numbers"


def test_another_model_behind_the_name() -> None:
    """Its vectors are of another size: those that were kept are made anew, and the bars found anew."""
    kept = Kept()
    chosen(Numbers(), "one", kept=kept)
    model = Numbers(wide=5)
    meaning = chosen(model, "one", "two", kept=kept).meaning
    assert model.asked == [["two"], ["one", "two"], SAID]
    assert len(meaning.vector("one")) == len(meaning.vector("two")) == 7
    assert chosen(Numbers(form=2), "one", kept=kept).spent.total.calls == 2


def scenes() -> list[Any]:
    return [
        scene
        for name in ("compiled", "javascript", "others", "python")
        for scene in json.loads((ROOT / "fixtures" / "dedupe" / f"{name}.json").read_text(encoding="utf-8"))
    ]


def test_the_bars_of_a_model_over_http() -> None:
    """Found on the labelled cases with the stand-in's vectors: no two issues are one, most rewordings are known."""
    server, kept, cases = standin(), Kept(), Labelled.of(scenes())
    SWITCH.app = server.app

    async def story() -> tuple[Chosen, Chosen]:
        model = build_model("gpt-x", keys=["sk"], base_url=f"{SWITCH.url}/v1")
        vectors = model.embeddings(NAME)
        try:
            given: dict[str, Any] = {"vectors": vectors, "store": kept, "cases": lambda: cases, "installation": 7}
            return (
                await meaning_for([*SAID, *cases.texts], repository="octo/shop", **given),
                await meaning_for(SAID, repository="octo/shop", **given),
            )
        finally:
            await model.aclose()

    first, second = asyncio.run(story())
    assert (first.note, second.note, second.spent, len(server.requests)) == ("", "", Spent(), 2)
    meaning = first.meaning
    found = score(cases.cases, lambda a, b: meaning.alike(meaning.vector(a), meaning.vector(b)), meaning.bars)
    assert found.wrong == 0
    assert found.known >= 0.8 * found.rewordings
    assert second.meaning.bars == meaning.bars
    assert 0.0 <= meaning.bars.agreed < meaning.bars.line < meaning.bars.exchanged < 1.0


def test_a_model_that_knows_no_rewording() -> None:
    """Fewer than the words know: it is of no use, whatever bars it has."""
    cases = Labelled.of(scenes())
    chance = {text: pack([byte - 127.5 for byte in sha256(text.encode()).digest()]) for text in cases.texts}
    assert cases.bars(chance, alike) is None
    assert cases.bars(dict.fromkeys(cases.texts, pack([1.0, 2.0])), alike) is None
