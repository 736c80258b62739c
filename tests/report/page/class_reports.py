"""What the tests of the class page share: results made by hand, with a few criteria."""

from __future__ import annotations

from collections.abc import Mapping

from grader.model import CriterionResult, Report, Status, SubmissionResult, SubmissionStatus

__all__ = ["UNGRADED", "UNREADABLE", "class_of", "result", "right", "wrong"]

CRITERIA: Mapping[str, float] = {
    "backward.dz": 40,
    "backward.da_prev": 30,
    "fit.loss": 20,
    "training.monotone_loss": 10,
}
HIGHEST = sum(CRITERIA.values())


def right(id_: str) -> CriterionResult:
    return CriterionResult(id_, f"title of {id_}", CRITERIA[id_], CRITERIA[id_], Status.PASSED)


def wrong(
    id_: str, seen: str | None = None, status: Status = Status.FAILED, message: str = ""
) -> CriterionResult:
    facts = None if seen is None else {"a_prev": "[[1]]", "seen": seen, "expected": "[[0]]"}
    text = message or (
        "It is wrong."
        if seen is None
        else f"It is wrong.\nSeen: {seen}\nShould be: [[0]]\nOn:\n  a_prev = [[1]]"
    )
    return CriterionResult(id_, f"title of {id_}", 0, CRITERIA[id_], status, text, facts)


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
        message=message,
    )


UNREADABLE = SubmissionResult(
    "una",
    "class/una/work.py",
    "digest of una",
    SubmissionStatus.UNREADABLE,
    0,
    HIGHEST,
    criteria=tuple(wrong(id_, status=Status.SKIPPED) for id_ in CRITERIA),
    message="line 3 of work.py is not valid Python",
)
UNGRADED = SubmissionResult(
    "ugo",
    "class/ugo/work.py",
    "",
    SubmissionStatus.UNGRADED,
    None,
    HIGHEST,
    message="The candidate's process could not be started: no memory is left.",
)


def class_of(*results: SubmissionResult) -> Report:
    return Report("1.2.3", 0, HIGHEST, results)
