"""The report as one JSON document, in the format of schema 1."""

from __future__ import annotations

import json
from typing import Any

from grader.model import CriterionResult, Diagnosis, Report, SubmissionResult

__all__ = ["SCHEMA", "document", "render_json", "submission_fields"]

SCHEMA = 1
"""The version of the format: it grows when a field changes its meaning or goes, not when one is added."""


def document(report: Report) -> dict[str, Any]:
    """Return the report as dictionaries, lists and plain values, its fields in a fixed order.

    What submissions wrote stands in it as it was, control characters and all: whoever shows it must make it
    harmless. Only lone surrogates, which are no Unicode text, are replaced by their escapes.
    """
    whole = {
        "schema": SCHEMA,
        "kit": report.kit,
        "seed": report.seed,
        "max_score": report.max_score,
        "submissions": [submission_fields(result) for result in report.submissions],
    }
    valid: dict[str, Any] = _valid(whole)
    return valid


def render_json(report: Report) -> str:
    """Return the report as JSON in ASCII characters alone, with a line end after it."""
    return json.dumps(document(report), indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def submission_fields(result: SubmissionResult) -> dict[str, Any]:
    """Return one submission's part of the document, with every text as it was."""
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
        "diagnoses": [_diagnosis(diagnosis) for diagnosis in result.diagnoses],
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


def _diagnosis(diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        "id": diagnosis.id,
        "method": diagnosis.method,
        "line": diagnosis.line,
        "message": diagnosis.message,
    }


def _valid(value: Any) -> Any:
    """Return ``value`` with every text in it valid Unicode."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_valid(key): _valid(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_valid(item) for item in value]
    return value
