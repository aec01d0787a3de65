"""A repository's own configuration: keys, defaults, what is wrong in a file, files on top of each other, its schema."""

from __future__ import annotations

from reviewer.core.config.allowed import only_allowed
from reviewer.core.config.globs import matches
from reviewer.core.config.layers import Layered, layered, settings_of
from reviewer.core.config.parse import ConfigProblem, Layer, config_schema, parse_config, read_layer
from reviewer.core.config.proposed import proposal
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
    "Layer",
    "Layered",
    "ModelConfig",
    "PathInstructions",
    "ReviewConfig",
    "config_schema",
    "instructions_for",
    "layered",
    "matches",
    "only_allowed",
    "parse_config",
    "proposal",
    "read_layer",
    "settings_of",
]
