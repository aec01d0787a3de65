"""What is told of a configuration that a pull request changes: it does not count before it is merged."""

from __future__ import annotations

from reviewer.core.config.parse import Layer

_MOST_TOLD = 10  # problems of a file that nobody uses yet
_LATER = "It counts once it is merged."


def proposal(layer: Layer | None, changed: str) -> tuple[str, ...]:
    """The notes on the file as it is on the head; None: there is none any more. `changed` is what the diff names."""
    if layer is None:
        return (f"This pull request removes {changed}. Until that is merged, it counts as it is on the base branch.",)
    head = f"This pull request changes {changed}."
    if changed != layer.name:
        return (f"{head} Beside {layer.name} it never counts: the first of the two that is there does.",)
    if not layer.problems:
        return (f"{head} The new version is valid. {_LATER}",)
    told = tuple(f"New {problem}" for problem in layer.problems[:_MOST_TOLD])
    more = len(layer.problems) - len(told)
    wrong = "This is wrong in the new version" + (f", and {more:,} more" if more else "")
    return (f"{head} {wrong}. {_LATER}", *told)
