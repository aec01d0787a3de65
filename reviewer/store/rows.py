"""How a finished run is written into its row."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from reviewer.core.types import Placed
from reviewer.ports import RunRecord


def row_of(record: RunRecord, created: int) -> dict[str, Any]:
    return {
        "installation": record.job.installation,
        "run": record.run,
        "repository": record.job.repository,
        "number": record.job.number,
        "trigger": record.job.trigger,
        "head": record.head,
        "conclusion": record.conclusion,
        "title": record.title,
        "findings": json.dumps([_finding(placed) for placed in record.findings]),
        "usage": json.dumps(asdict(record.usage)),
        "cost": str(record.cost),
        "model": record.model,
        "prompt_version": record.prompt_version,
        "seconds": record.seconds,
        "created": int(record.ended) or created,
        "problem": record.problem,
        "shown": record.shown,
        "check_id": record.check,
        "blocking": json.dumps(dict(record.blocking)),
    }


def _finding(placed: Placed) -> dict[str, Any]:
    """What may rest of a finding: where it stands and what it is called, but neither its quote, code nor fix."""
    return {
        "path": placed.finding.path,
        "line": placed.anchor.line if placed.anchor else placed.finding.line,
        "severity": placed.finding.severity.word,
        "confidence": placed.finding.confidence,
        "source": placed.finding.source,
        "category": placed.finding.category,
        "title": placed.finding.title,
        "fingerprint": placed.fingerprint,
        "confirmed": placed.confirmed,
        "placed": placed.anchor is not None,
    }
