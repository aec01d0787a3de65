"""Reads what the model answers, leniently but strictly by the schema: findings, verdicts, answers to people."""

from reviewer.core.findings.replies import Reply, kept_reply, parse_reply, trimmed_reply
from reviewer.core.findings.report import parse_report
from reviewer.core.findings.trim import trimmed, trimmed_verdicts
from reviewer.core.findings.verdicts import parse_verdicts, whole_verdicts

__all__ = [
    "Reply",
    "kept_reply",
    "parse_reply",
    "parse_report",
    "parse_verdicts",
    "trimmed",
    "trimmed_reply",
    "trimmed_verdicts",
    "whole_verdicts",
]
