"""The report as one JSON document, in the format of schema 1."""

from __future__ import annotations

import json
from typing import Any

from grader.model import CriterionResult, Report, SubmissionResult

__all__ = ["document", "render_json"]

SCHEMA = 1


def document(report: Report) -> dict[str, Any]:
    """Return the report as dictionaries and lists, its fields in a fixed order."""
    return {
        "schema": SCHEMA,
        "kit": report.kit,
        "seed": report.seed,
        "max_score": report.max_score,
        "submissions": [_submission(result) for result in report.submissions],
    }


def render_json(report: Report) -> str:
    """Return the report as JSON text of ASCII characters alone, with a newline at its end."""
    return json.dumps(document(report), indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def _submission(result: SubmissionResult) -> dict[str, Any]:
    return {
        "id": result.id,
        "path": result.path,
        "sha256": result.sha256,
        "status": str(result.status),
        "score": result.score,
        "max_score": result.max_score,
        "message": result.message,
        "isolation": list(result.isolation),
        "criteria": [_criterion(criterion) for criterion in result.criteria],
        "diagnoses": [
            {
                "id": diagnosis.id,
                "method": diagnosis.method,
                "line": diagnosis.line,
                "message": diagnosis.message,
            }
            for diagnosis in result.diagnoses
        ],
        "output": result.output,
    }


def _criterion(criterion: CriterionResult) -> dict[str, Any]:
    return {
        "id": criterion.id,
        "title": criterion.title,
        "points": criterion.points,
        "max_points": criterion.max_points,
        "status": str(criterion.status),
        "message": criterion.message,
        "counterexample": None if criterion.counterexample is None else dict(criterion.counterexample),
    }
