"""A repository's own configuration: its keys and defaults, the reader that says what is wrong, its JSON schema."""

from __future__ import annotations

from reviewer.core.config.globs import matches
from reviewer.core.config.parse import ConfigProblem, config_schema, parse_config
from reviewer.core.config.values import (
    Config,
    GateConfig,
    ModelConfig,
    PathInstructions,
    ReviewConfig,
    instructions_for,
)

__all__ = [
    "Config",
    "ConfigProblem",
    "GateConfig",
    "ModelConfig",
    "PathInstructions",
    "ReviewConfig",
    "config_schema",
    "instructions_for",
    "matches",
    "parse_config",
]
