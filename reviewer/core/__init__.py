"""The pure part: no await, no clock, no randomness, no environment, no network, no files."""
