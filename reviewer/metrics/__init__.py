"""What is counted and measured, for `/metrics` (the only importer of prometheus_client)."""

from reviewer.metrics.metrics import Metrics
from reviewer.metrics.readings import Readings

__all__ = ["Metrics", "Readings"]
