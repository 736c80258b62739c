"""The way back from a JSON document: its submissions as the records that they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.model import CriterionResult, Diagnosis, Report, Status, SubmissionResult, SubmissionStatus
from grader.report.document import SCHEMA

__all__ = ["DocumentError", "report_of", "result_of"]

_NOTHING = type(None)


class DocumentError(ValueError):
    """A document is not what ``document`` makes; the text says what is wrong with it."""


def report_of(document: object) -> Report:
    """Return the report that ``document`` was made of; lone surrogates stay the escapes that they became.

    Raises ``DocumentError`` where it is of another schema, or a field is missing or of another kind.
    """
    whole = _table(document)
    schema = whole.get("schema")
    if schema != SCHEMA:
        raise DocumentError(f"its schema is {schema!r}, and this kit reads {SCHEMA}")
    return Report(
        _field(whole, "kit", str),
        _field(whole, "seed", int),
        _field(whole, "max_score", float, int),
        tuple(result_of(entry) for entry in _field(whole, "submissions", list)),
    )


def result_of(fields: object) -> SubmissionResult:
    """Return the result that ``submission_fields`` made ``fields`` of.

    Raises ``DocumentError`` where a field is missing or of another kind.
    """
    entry = _table(fields)
    return SubmissionResult(
        _field(entry, "id", str),
        _field(entry, "path", str),
        _field(entry, "sha256", str),
        _member(SubmissionStatus, entry),
        _field(entry, "score", float, int, _NOTHING),
        _field(entry, "max_score", float, int),
        isolation=tuple(map(_text, _field(entry, "isolation", list))),
        criteria=tuple(map(_criterion, _field(entry, "criteria", list))),
        diagnoses=tuple(map(_diagnosis, _field(entry, "diagnoses", list))),
        output=_field(entry, "output", str),
        message=_field(entry, "message", str),
    )


def _criterion(fields: object) -> CriterionResult:
    entry = _table(fields)
    return CriterionResult(
        _field(entry, "id", str),
        _field(entry, "title", str),
        _field(entry, "points", float, int),
        _field(entry, "max_points", float, int),
        _member(Status, entry),
        _field(entry, "message", str),
        _field(entry, "counterexample", dict, _NOTHING),
    )


def _diagnosis(fields: object) -> Diagnosis:
    entry = _table(fields)
    return Diagnosis(
        _field(entry, "id", str),
        _field(entry, "method", str),
        _field(entry, "line", int, _NOTHING),
        _field(entry, "message", str),
    )


def _table(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise DocumentError(f"there is {_kind(value)} where an object should be")
    return value


def _field(table: Mapping[str, Any], name: str, *kinds: type) -> Any:
    if name not in table:
        raise DocumentError(f"the field '{name}' is missing")
    value = table[name]
    if not isinstance(value, kinds) or isinstance(value, bool):
        raise DocumentError(f"the field '{name}' is {_kind(value)}")
    return value


def _member(statuses: Any, table: Mapping[str, Any]) -> Any:
    value = _field(table, "status", str)
    try:
        return statuses(value)
    except ValueError:
        raise DocumentError(f"there is no status '{value}'") from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise DocumentError(f"there is {_kind(value)} in place of a text")
    return value


def _kind(value: object) -> str:
    names: dict[type, str] = {
        dict: "an object", list: "a list", str: "a text", int: "a number", float: "a number",
        bool: "true or false", _NOTHING: "null",
    }  # fmt: skip
    return names.get(type(value), type(value).__name__)
