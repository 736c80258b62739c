"""One submission's ``results.json`` for Gradescope.

The fields are those of https://gradescope-autograders.readthedocs.io/en/latest/specs/. Every test is visible,
since a hidden one hides the total from students as well. Without a score, the document has no tests either:
Gradescope then treats the run as failed, and nobody gets a 0 for a failure of ours.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from grader.model import CriterionResult, Report, Status, SubmissionResult, SubmissionStatus
from grader.report.formats import Options
from grader.report.words import diagnosis_text, explained, reason_of
from grader.text import printable

__all__ = ["render_failure", "render_gradescope", "render_result", "render_unfinished"]

_NOT_GRADED = (
    "This submission has not been graded, and has no score. That is not its fault. The course staff can "
    "run the autograder again."
)
_NOT_FINISHED = (
    "This submission is being graded. If you still see this after the autograder has finished, something stopped it. "
    "Then there is no score. That is not its fault, and the course staff can run the autograder again."
)
_WORDS = {
    Status.FAILED: "",
    Status.ERROR: "This ended in an error.",
    Status.TIMEOUT: "This took too long and was stopped.",
    Status.SKIPPED: "This was not judged.",
    Status.PASSED: "",
}


def render_gradescope(report: Report, _options: Options) -> str:
    """Return the document of a report with one submission."""
    (result,) = report.submissions
    return render_result(result)


def render_result(result: SubmissionResult) -> str:
    """Return the document of a result: its score, a test for each criterion, and what else a student should know.

    For an ungraded result, return what `render_failure` does.
    """
    if result.status is SubmissionStatus.UNGRADED or result.score is None:
        # A message of several lines is a traceback of ours, which may quote the exam.
        return render_failure("" if "\n" in result.message else result.message)
    return _written(
        {
            "score": result.score,
            "output": _output(result),
            "output_format": "text",
            "test_output_format": "text",
            "test_name_format": "text",
            "visibility": "visible",
            "stdout_visibility": "hidden",
            "tests": [_test(number, criterion) for number, criterion in enumerate(result.criteria, 1)],
            "extra_data": {
                "sha256": result.sha256,
                "status": str(result.status),
                "isolation": list(result.isolation),
                "criteria": {criterion.id: str(criterion.status) for criterion in result.criteria},
                "diagnoses": [diagnosis.id for diagnosis in result.diagnoses],
            },
        }
    )


def render_failure(reason: str) -> str:
    """Return a document without a score, which says that grading failed, and for what ``reason``.

    Students see the reason, so it must not hold anything that they are not meant to know.
    """
    return _without_score(_joined(_NOT_GRADED, printable(reason, keep="\n\t")))


def render_unfinished(criteria: Sequence[CriterionResult], due: int) -> str:
    """Return a document without a score that says what is known so far: ``criteria``, of ``due`` in all."""
    known = [f"{len(criteria)} of {due} criteria have been judged:" if criteria else ""]
    known += [
        _joined(f"{criterion.id}: {criterion.status}", printable(explained(criterion), keep="\n\t"))
        for criterion in criteria
    ]
    return _without_score(_joined(_NOT_FINISHED, *known))


def _without_score(output: str) -> str:
    return _written(
        {
            "output": output,
            "output_format": "text",
            "visibility": "visible",
            "stdout_visibility": "hidden",
        }
    )


def _test(number: int, criterion: CriterionResult) -> dict[str, Any]:
    return {
        "number": str(number),
        "name": f"{criterion.id}: {criterion.title}",
        "score": criterion.points,
        "max_score": criterion.max_points,
        "status": "passed" if criterion.status is Status.PASSED else "failed",
        "output": _joined(_WORDS[criterion.status], printable(explained(criterion), keep="\n\t")),
        "visibility": "visible",
    }


def _output(result: SubmissionResult) -> str:
    causes = map(diagnosis_text, result.diagnoses)
    printed = f"It printed, while it was loaded:\n{result.output}" if result.output.strip() else ""
    return printable(_joined(reason_of(result), *causes, printed), keep="\n\t")


def _joined(*paragraphs: str) -> str:
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _written(whole: dict[str, Any]) -> str:
    return json.dumps(whole, indent=2, ensure_ascii=True, allow_nan=False) + "\n"
