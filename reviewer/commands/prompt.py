"""`reviewer prompt`: the exact messages of a local review, and what they weigh."""

from __future__ import annotations

import json
from pathlib import Path

from reviewer import resources
from reviewer.core.budget import cost
from reviewer.core.chunks import pack
from reviewer.core.render.words import many
from reviewer.core.types import Tool, Usage
from reviewer.examine import BATCH_BUDGET, make_plan
from reviewer.local import Unasked, question_of, subject_of
from reviewer.printing import complain, say
from reviewer.question import prompt_for
from reviewer.settings import Settings
from reviewer.tokens import O200k


def prompt_command(settings: Settings, range_: str | None, *, repo: Path, diff: Path | None) -> int:
    """Print every message of every call, with its exact token counts. Needs no key."""
    subject = subject_of(repo, range_, diff)
    tokens = O200k()
    name = subject.config.model.name or settings.model
    question = question_of(subject, Unasked(name), resources.prompt_files()["review"])
    plan = make_plan(subject.diff, subject.config, lambda: tokens)
    batches = pack(plan.chunks, budget=BATCH_BUDGET)
    total = 0
    for number, batch in enumerate(batches, 1):
        made = prompt_for(batch, question)
        parts = {"system": made.system, "user": made.user, "function": _function(made.tool)}
        counts = {part: tokens.count(text) for part, text in parts.items()}
        total += sum(counts.values())
        say(f"=== call {number} of {len(batches)}: {name}, prompt {made.version}, {sum(counts.values()):,} tokens")
        for part, text in parts.items():
            say(f"--- {part}: {counts[part]:,} tokens\n{text}")
    money = cost(Usage(input=total), model=name, prices=resources.prices())
    price = "" if money is None else f", ${money:.4f} for the input alone"
    asked = f"{many(len(batches), 'call')}, {many(len(plan.chunks), 'chunk')}, {total:,} input tokens{price}"
    say(f"=== {asked}; nothing was sent" if batches else "Nothing to review: nothing would be sent.")
    for problem in subject.problems:
        complain(problem)
    return 0


def _function(tool: Tool) -> str:
    return json.dumps({"name": tool.name, "description": tool.description, "parameters": tool.schema})
