"""What the operator chose, from the environment."""

from reviewer.settings.load import Settings, load

__all__ = ["Settings", "load"]
