"""Webhook deliveries: what each asks for."""

from reviewer.core.events.deliveries import EVENTS, job_of
from reviewer.core.events.parts import NO_INSTALLATION, Event, Number, Part, Sha, job

__all__ = ["EVENTS", "NO_INSTALLATION", "Event", "Number", "Part", "Sha", "job", "job_of"]
