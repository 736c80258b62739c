"""Group the submissions of a class by the mistakes that were found in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.explanations import explanation
from grader.formulas import formula_text
from grader.languages import translated
from grader.model import Diagnosis, SubmissionResult, SubmissionStatus
from grader.report.words import lost_of

__all__ = ["Cause", "Causes", "causes_in"]

_UNKNOWN = "unknown"


@dataclass(frozen=True)
class Cause:
    """A mistake, and who made it."""

    method: str
    title: str
    formulas: tuple[tuple[str, str], ...]
    """What the code of some computes, and what it should compute: every form that the mistake has in the class."""
    members: tuple[int, ...]
    """The places in the report of the submissions that have it."""


@dataclass(frozen=True)
class Causes:
    """What went wrong in a class."""

    known: tuple[Cause, ...]
    """The most frequent first."""
    unknown: tuple[Cause, ...]
    """By method: what no mistake of the catalogue explains."""
    number: int
    """The submissions that were graded and lost points."""


def causes_in(results: Sequence[SubmissionResult]) -> Causes:
    """Return the diagnosed mistakes of all ``results``, each with the submissions that have it."""
    found: dict[tuple[str, str], dict[int, list[Diagnosis]]] = {}
    for i, result in enumerate(results):
        for diagnosis in result.diagnoses:
            members = found.setdefault((diagnosis.method, diagnosis.id), {})
            members.setdefault(i, []).append(diagnosis)
    causes = {key: _cause(*key, members) for key, members in found.items()}
    in_order = sorted(causes, key=lambda key: (-len(causes[key].members), key))
    graded = [result for result in results if result.status is SubmissionStatus.GRADED]
    return Causes(
        tuple(causes[key] for key in in_order if key[1] != _UNKNOWN),
        tuple(causes[key] for key in in_order if key[1] == _UNKNOWN),
        sum(1 for result in graded if lost_of(result)),
    )


def _cause(method: str, id_: str, members: dict[int, list[Diagnosis]]) -> Cause:
    diagnoses = [diagnosis for found in members.values() for diagnosis in found]
    formulas = {(one.seen, one.due) for one in diagnoses if one.seen and one.due}
    shown = tuple((formula_text(seen), formula_text(due)) for seen, due in sorted(formulas))
    return Cause(method, translated(explanation(id_).title), shown, tuple(members))
