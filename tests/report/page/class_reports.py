"""Share results made by hand, with a few criteria, among the tests of the class page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from msgspec import structs

from grader.model import (
    ArrayValue,
    CriterionResult,
    Diagnosis,
    Excerpt,
    Finding,
    Message,
    Place,
    PrintedValue,
    Report,
    Status,
    SubmissionResult,
    SubmissionStatus,
    Value,
)

__all__ = [
    "CLIPPED",
    "MISSING",
    "ONE",
    "UNGRADED",
    "UNKNOWN",
    "UNREADABLE",
    "at_line",
    "class_of",
    "column",
    "diagnosed",
    "printed_loss",
    "result",
    "right",
    "said",
    "wrong",
]

CRITERIA: Mapping[str, float] = {
    "backward.dz": 40,
    "backward.da_prev": 30,
    "fit.loss": 20,
    "training.monotone_loss": 10,
}
HIGHEST = sum(CRITERIA.values())


def right(id_: str) -> CriterionResult:
    return CriterionResult(id_, f"title of {id_}", CRITERIA[id_], CRITERIA[id_], Status.PASSED)


def column(*numbers: float, wrong: tuple[int, ...] = ()) -> dict[str, Value]:
    """Return dz as a column."""
    return {"dz": ArrayValue((len(numbers), 1), numbers, wrong)}


def printed_loss(number: float) -> dict[str, Value]:
    """Return a printed loss line."""
    return {"": PrintedValue(f"Loss at epoch 1: {number}")}


ONE = column(1)


def wrong(
    id_: str, seen: Mapping[str, Value] | None = None, status: Status = Status.FAILED
) -> CriterionResult:
    """Return a criterion that was lost: with what was seen on an example, or in a sentence alone."""
    says = Message("It is wrong.")
    finding = Finding("law", says)
    if seen is not None:
        finding = Finding("law", says, dict(seen), column(0), {"a_prev": ArrayValue((1, 1), (1.0,))})
    return CriterionResult(id_, f"title of {id_}", 0, CRITERIA[id_], status, finding)


def said(id_: str, text: str, status: Status = Status.FAILED) -> CriterionResult:
    """Return a criterion that was lost, of which ``text`` is said."""
    finding = Finding("law", Message("{text}", {"text": text}))
    return CriterionResult(id_, f"title of {id_}", 0, CRITERIA[id_], status, finding)


def result(
    id_: str,
    *lost: CriterionResult,
    sha256: str | None = None,
    output: str = "",
    path: str | None = None,
    message: str = "",
) -> SubmissionResult:
    """Return a graded submission that has all criteria but those that are ``lost``."""
    by_id = {criterion.id: criterion for criterion in lost}
    criteria = tuple(by_id.get(one) or right(one) for one in CRITERIA)
    return SubmissionResult(
        id_,
        f"class/{id_}/work.py" if path is None else path,
        f"digest of {id_}" if sha256 is None else sha256,
        SubmissionStatus.GRADED,
        sum(criterion.points for criterion in criteria),
        HIGHEST,
        ("strict", "seccomp"),
        criteria,
        output=output,
        reasons=(Message.verbatim(message),) if message else (),
    )


def diagnosed(id_: str, *diagnoses: Diagnosis, lost: tuple[CriterionResult, ...] = ()) -> SubmissionResult:
    """Return a graded submission with mistakes that were found."""
    return replace(result(id_, *(lost or (wrong("backward.dz", ONE),))), diagnoses=diagnoses)


MISSING = Diagnosis(
    "derivative-missing", "Layer.backward", ("backward.dz",), 40, "dz = da", "dz = da ⊙ f′(z)"
)
CLIPPED = Diagnosis(
    "gradient-clipped", "Layer.backward", ("backward.dz",), 40, "dz = clip(dz)", "dz = da ⊙ f′(z)"
)
UNKNOWN = Diagnosis("unknown", "Perceptron.fit", ("fit.loss",))


def at_line(diagnosis: Diagnosis, line: int, *lines: str) -> Diagnosis:
    """Return a diagnosis with the ``lines`` of a file; the last but one, which has the number ``line``, is marked."""
    place = Place("work.py", line, lines[-2].strip())
    return structs.replace(diagnosis, place=place, excerpt=Excerpt(line - len(lines) + 2, lines))


UNREADABLE = SubmissionResult(
    "una",
    "class/una/work.py",
    "digest of una",
    SubmissionStatus.UNREADABLE,
    0,
    HIGHEST,
    criteria=tuple(wrong(id_, status=Status.SKIPPED) for id_ in CRITERIA),
    reasons=(Message.verbatim("line 3 of work.py is not valid Python"),),
)
UNGRADED = SubmissionResult(
    "ugo",
    "class/ugo/work.py",
    "",
    SubmissionStatus.UNGRADED,
    None,
    HIGHEST,
    reasons=(Message.verbatim("The candidate's process could not be started: no memory is left."),),
)


def class_of(*results: SubmissionResult) -> Report:
    return Report("1.2.3", 0, HIGHEST, results)
