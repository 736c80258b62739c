"""The report as one JSON document: written, described by its JSON Schema, and read back.

The records of this module are the only description of the format. msgspec makes the schema from them, and checks
documents against them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from grader.languages import speaking
from grader.model import Excerpt, Finding, Message, Place, Report, Status, SubmissionResult
from grader.report.formats import Options
from grader.report.words import cause_of, explained, message_of, title_of, told

__all__ = [
    "SCHEMA",
    "DocumentError",
    "document",
    "render_json",
    "render_jsonl",
    "render_schema",
    "report_of",
    "submission_fields",
]

SCHEMA = 2
"""The version of the format: it grows when a field changes its meaning or goes, not when one is added."""

_ORDER = (
    *("id", "path", "sha256", "status", "score", "max_score", "message", "reasons"),
    *("isolation", "criteria", "diagnoses", "output"),
)
"""The fields of a submission, in the order in which they are written."""
_Points = Annotated[float, Meta(ge=0)]
_INDENT = 2
_EARNS = {
    "if": {"properties": {"status": {"const": "passed"}}},
    "else": {"properties": {"points": {"const": 0}}},
}
"""Only criteria that are passed earn points."""


class DocumentError(ValueError):
    """A document is not a report of this schema; the text says what is wrong, and where in the document."""


class CriterionEntry(Struct, frozen=True):
    """The verdict on one criterion."""

    id: Annotated[str, Meta(description="Its name in the rubric, such as backward.da_prev.")]
    title: Annotated[str, Meta(description="What the criterion demands, in a line.")]
    points: _Points
    max_points: _Points
    status: Annotated[Status, Meta(description="How the criterion ended. Only passed ones earn points.")]
    message: Annotated[str, Meta(description="The finding in words. Partly written by students: escape it.")]
    finding: Annotated[
        Finding | None, Meta(description="What was wrong; null if passed. Partly written by students.")
    ]


class DiagnosisEntry(Struct, frozen=True):
    """A mistake that explains lost criteria."""

    id: Annotated[str, Meta(description="A name of the catalogue of mistakes, not-written or unknown.")]
    method: Annotated[str, Meta(description="The method that holds the mistake.")]
    line: Annotated[int | None, Meta(description="The line that holds it; null if that is not certain.")]
    message: Annotated[str, Meta(description="The mistake in words. Partly written by students: escape it.")]
    cases: Annotated[int, Meta(ge=0, description="In how many cases it reproduces what the submission did.")]
    criteria: Annotated[tuple[str, ...], Meta(description="The lost criteria that it explains.")]
    seen: Annotated[str, Meta(description="What the code computes, in the notation of the task sheet.")]
    due: Annotated[str, Meta(description="What it should compute.")]
    says: Message | None
    place: Place | None
    excerpt: Annotated[Excerpt | None, Meta(description="The lines around the mistake, written by students.")]
    repair: Annotated[str, Meta(description="The repaired line as a diff, only if it was asked for.")]


class SubmissionEntry(Struct, frozen=True, kw_only=True, tag_field="status"):
    """What is known about one submission."""

    id: Annotated[str, Meta(description="Its name within the class. Written by students: escape it.")]
    path: Annotated[str, Meta(description="The file examined. Written by students: escape it.")]
    sha256: Annotated[str, Meta(description="The digest of what was handed in.")]
    max_score: Annotated[float, Meta(gt=0)]
    message: Annotated[
        str,
        Meta(
            description="Why there is no score or a 0, or what was skipped. Partly written by students: escape it."
        ),
    ]
    reasons: Annotated[
        tuple[Message, ...],
        Meta(description="The lines of the message, as data. Partly written by students."),
    ] = ()
    isolation: Annotated[tuple[str, ...], Meta(description="The layers that kept the submission in.")]
    criteria: tuple[Annotated[CriterionEntry, Meta(extra_json_schema=_EARNS)], ...]
    diagnoses: tuple[DiagnosisEntry, ...]
    output: Annotated[
        str,
        Meta(description="What it printed while it was loaded, cut. Written by students: escape it."),
    ]


class GradedEntry(SubmissionEntry, frozen=True, tag="graded"):
    """A submission that was examined."""

    score: _Points


class UnreadableEntry(SubmissionEntry, frozen=True, tag="unreadable"):
    """A submission that cannot be examined, for a reason of its own; it scores 0."""

    score: _Points


class UngradedEntry(SubmissionEntry, frozen=True, tag="ungraded"):
    """A submission that could not be graded because grading failed; it has no score."""

    score: None


_Entry = GradedEntry | UnreadableEntry | UngradedEntry


class ReportDocument(Struct, frozen=True):
    """What ``grade --format json`` writes. Fields may be added; a change of meaning raises the schema's number."""

    schema: Literal[2]
    kit: Annotated[
        str,
        Meta(
            description="The version of perceptron-kit; in parentheses, packages of other versions than expected."
        ),
    ]
    seed: Annotated[int, Meta(ge=0, description="What the exam's examples were drawn from.")]
    language: Annotated[str, Meta(description="The language of all messages and titles, as in BCP 47.")]
    max_score: Annotated[float, Meta(gt=0, description="The points that can be earned.")]
    submissions: tuple[_Entry, ...]


def document(report: Report) -> dict[str, Any]:
    """Return the report as dictionaries, lists and plain values, its fields in a fixed order, in its language.

    It holds what submissions wrote, control characters and all: whoever shows it must make it harmless. Only lone
    surrogates, which are not Unicode text, are replaced by their escapes.
    """
    return {**_head(report), "submissions": list(_submissions(report))}


def _head(report: Report) -> dict[str, Any]:
    """Return the document's fields before those of the submissions."""
    head: dict[str, Any] = _valid(
        {
            "schema": SCHEMA,
            "kit": report.kit,
            "seed": report.seed,
            "language": report.language,
            "max_score": report.max_score,
        }
    )
    return head


def _submissions(report: Report) -> Iterator[dict[str, Any]]:
    """Yield the part of each submission; all parts together need ten times the memory of the results."""
    for result in report.submissions:
        with speaking(report.language):
            fields = submission_fields(result)
        yield _valid(fields)


def submission_fields(result: SubmissionResult) -> dict[str, Any]:
    """Return one submission's part of the document, with every text as it was."""
    fields: dict[str, Any] = msgspec.to_builtins(result)
    for criterion, entry in zip(result.criteria, fields["criteria"], strict=True):
        entry["title"] = title_of(criterion)
        entry["message"] = explained(criterion)
        entry["finding"] = entry.pop("finding")
    for diagnosis, entry in zip(result.diagnoses, fields["diagnoses"], strict=True):
        entry["line"] = None if diagnosis.place is None else diagnosis.place.line
        entry["message"] = f"{cause_of(diagnosis)}\n\n{told(diagnosis)}"
    fields["message"] = message_of(result)
    return {name: fields[name] for name in _ORDER}


def report_of(document: object) -> Report:
    """Return the report that ``document`` was made of; lone surrogates stay the escapes that they became.

    Raises ``DocumentError`` for another schema, and for a field that is missing or of another type.
    """
    schema = document.get("schema") if isinstance(document, dict) else None
    if isinstance(schema, int) and schema != SCHEMA:
        raise DocumentError(f"its schema is {schema}, and this kit reads {SCHEMA}; grade again to get one")
    _checked(document, ReportDocument)
    report: Report = _checked(document, Report)
    return report


def render_json(report: Report, _options: Options) -> str:
    """Return the report as JSON in ASCII characters alone, with a line end after it."""
    begin, end = json.dumps({**_head(report), "submissions": []}, indent=_INDENT, allow_nan=False).rsplit(
        "]", 1
    )
    parts = [_indented(json.dumps(each, indent=_INDENT, allow_nan=False)) for each in _submissions(report)]
    return f"{begin}{','.join(parts)}{_line(1) if parts else ''}]{end}\n"


def render_jsonl(report: Report, _options: Options) -> str:
    """Return the object of each submission as a line of JSON, in ASCII characters alone."""
    return "".join(f"{json.dumps(each, allow_nan=False)}\n" for each in _submissions(report))


def _indented(text: str) -> str:
    """Return an object as it stands in the list of submissions."""
    return _line(2) + text.replace("\n", _line(2))


def _line(depth: int) -> str:
    return "\n" + " " * (_INDENT * depth)


def render_schema(_report: Report, _options: Options) -> str:
    """Return the JSON Schema of the document, in draft 2020-12."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:perceptron-kit:report:{SCHEMA}",
        **msgspec.json.schema(ReportDocument),
    }
    return json.dumps(schema, indent=2) + "\n"


def _checked(fields: object, record: Any) -> Any:
    try:
        return msgspec.convert(fields, record)
    except msgspec.ValidationError as error:
        raise DocumentError(str(error)) from None
    except UnicodeError:
        raise DocumentError("a text in it is not valid Unicode") from None


def _valid(value: Any) -> Any:
    """Return ``value`` with every text in it valid Unicode."""
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode("utf-8")
        case dict():
            return {_valid(key): _valid(item) for key, item in value.items()}
        case list() | tuple():
            return [_valid(item) for item in value]
        case _:
            return value
