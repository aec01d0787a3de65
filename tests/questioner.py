"""A pull request to ask about: the one to talk on, with a diff, a thread of a finding, and a model that was recorded."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from examiner import Quarter
from planted import outlined
from talker import TOLD, Hub, Shelf, Talker

from reviewer import resources
from reviewer.core.diff import parse_diff
from reviewer.core.errors import ModelError, ReviewerError
from reviewer.core.prompts import Split
from reviewer.core.types import Amount, Answer, Diff, Prompt, PullRequest, Spent, Usage
from reviewer.memory import MemoryAnswers
from reviewer.ports import Limits, Place, Reserved, Spending, Spoken, Talked, Words
from reviewer.ports.trace import UNTRACED

ROOT = 20  # the comment with the finding
DIFF = """\
diff --git a/shop.py b/shop.py
--- a/shop.py
+++ b/shop.py
@@ -1,2 +1,3 @@
 def total(items):
-    return sum(items)
+    x = 1
+    return sum(items) / len(items)
diff --git a/mail.py b/mail.py
new file mode 100644
--- /dev/null
+++ b/mail.py
@@ -0,0 +1,2 @@
+def send(users):
+    return [deliver(user) for user in users]
"""


def told(**arguments: Any) -> str:
    """What the model answers to a question or a reply."""
    return json.dumps({"reason": "", "convinced": False, "answer": "", **arguments})


class Recorded:
    """A model that says what it was told to; without, there is none."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.said: list[str | ReviewerError] = []
        self.asked: list[Prompt] = []

    async def call(self, prompt: Prompt) -> Answer:
        self.asked.append(prompt)
        said = self.said.pop(0)
        if isinstance(said, ReviewerError):
            raise said
        return Answer(said, Usage(calls=1), self.name)


class Threaded(Hub):
    """`words` are in the thread of the finding; the file's text at the head is there when it is set."""

    def __init__(self) -> None:
        super().__init__()
        self.told = (replace(TOLD, comment=ROOT),)
        self.words = [Words(ROOT, "rev[bot]", ours=True, body="Wrong <!-- reviewer:finding=a-b-c -->")]
        self.comments[ROOT, True] = Spoken(
            Place(1, ROOT, inline=True), "rev[bot]", bot=True, body=self.words[0].body, root=ROOT
        )
        self.shop, self.changed = "", DIFF
        self.moved: ReviewerError | None = None

    async def talked(self, number: int, root: int) -> Talked:
        assert (number, root) == (1, ROOT)
        return Talked("shop.py", 2, tuple(self.words))

    async def diff(self, _pull: PullRequest) -> Diff:
        if self.moved:
            raise self.moved
        return parse_diff(self.changed)

    async def texts(self, _ref: str, paths: Any, *, sure: bool = True) -> dict[str, str | None]:
        assert not sure
        return {path: self.shop for path in paths if self.shop and path == "shop.py"}


class Library(Shelf):
    """The store with its answers."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = MemoryAnswers()
        self.answers, self.keep_answers = self.memory.answers, self.memory.keep_answers

    async def keep_on_error(self, *_: object) -> None:
        pass

    async def book(self, _call: object, wants: Amount, _limits: object, *, share: float) -> Reserved:
        assert share <= 1
        return Reserved(wants)

    async def settle(self, *_: object) -> None:
        pass

    async def keep_call(self, _call: object) -> None:
        pass


class Questioner(Talker):
    """`model` answers with what it `said`; `no_model` is why there is none."""

    hub: Threaded
    shelf: Library

    def __init__(self) -> None:
        super().__init__()
        self.hub, self.shelf = Threaded(), Library()
        self.model, self.fallback = Recorded("main"), Recorded("other")
        self.no_model: ModelError | None = None
        self.spent = Spent()
        more: dict[str, Any] = {
            "store": self.shelf,
            "model": self._named,
            "fallback": lambda _model, _installation: self.fallback,
            "default_model": "main",
            "tokens": Quarter,
            "outlines": outlined,
            "prompts": resources.prompt_files(),
            "split": Split(),
            "examples": (),
            "limits": Limits(),
            "prices": {},
            "spending": Spending(),
            "trace": UNTRACED,
            "asked": lambda *_: None,
        }
        vars(self._tools).update(more)

    def _named(self, _name: str, _installation: int) -> Recorded:
        if self.no_model:
            raise self.no_model
        return self.model

    def asks(self, question: str, **about: Any) -> str:
        """`/ask`, in the conversation or (`inline`) in the finding's thread; what was said to it."""
        return self.puts(f"/ask {question}", **about)

    def replies(self, body: str, **about: Any) -> str:
        return self.puts(body, inline=True, root=ROOT, **about)

    def puts(self, body: str, **about: Any) -> str:
        """A comment of its own, so that nothing of it was done before; "" where nothing was said to it."""
        self.shelf.kept_steps.clear()
        before = len(self.hub.posts)
        self.follow = self.hears(body, **about)
        return self.said[-1] if len(self.hub.posts) > before else ""

    @property
    def shown(self) -> str:
        return self.model.asked[-1].user
