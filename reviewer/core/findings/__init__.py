"""Reads what the model answered: the findings of `report_findings`, the verdicts of `confirm_findings`."""

from reviewer.core.findings.report import parse_report
from reviewer.core.findings.trim import trimmed, trimmed_verdicts
from reviewer.core.findings.verdicts import parse_verdicts, whole_verdicts

__all__ = ["parse_report", "parse_verdicts", "trimmed", "trimmed_verdicts", "whole_verdicts"]
