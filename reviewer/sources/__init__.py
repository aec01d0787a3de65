"""Where findings come from beside the model: each module has a name and a `find`."""

from reviewer.ports import Source
from reviewer.sources.hostile import HostileText
from reviewer.sources.secrets import CommittedSecrets

SOURCES: tuple[Source, ...] = (CommittedSecrets(), HostileText())

__all__ = ["SOURCES"]
