"""One submission's ``results.json`` for Gradescope.

The fields are those of https://gradescope-autograders.readthedocs.io/en/latest/specs/. Every test is visible,
since a hidden one hides the total from students as well. Without a score, the document has no tests either:
Gradescope then treats the run as failed, and nobody gets a 0 for a failure of ours.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from grader.languages import translated
from grader.model import CriterionResult, Report, Status, SubmissionResult, SubmissionStatus
from grader.report.formats import Options
from grader.report.words import diagnosis_text, explained, message_of, reason_of, title_of, word_of
from grader.text import printable

__all__ = ["render_failure", "render_gradescope", "render_result", "render_unfinished"]


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
        message = message_of(result)
        return render_failure("" if "\n" in message else message)
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
    not_graded = translated(
        "This submission has not been graded, and has no score. That is not its fault. The course staff can run the "
        "autograder again."
    )
    return _without_score(_joined(not_graded, printable(reason, keep="\n\t")))


def render_unfinished(criteria: Sequence[CriterionResult], due: int) -> str:
    """Return a document without a score that says what is known so far: ``criteria``, of ``due`` in all."""
    not_finished = translated(
        "This submission is being graded. If you still see this after the autograder has finished, something stopped "
        "it. Then there is no score. That is not its fault, and the course staff can run the autograder again."
    )
    known = [
        _joined(f"{criterion.id}: {word_of(criterion.status)}", printable(explained(criterion), keep="\n\t"))
        for criterion in criteria
    ]
    if criteria:
        how_many = translated("{judged} of {number} criteria have been judged:")
        known.insert(0, how_many.format(judged=len(criteria), number=due))
    return _without_score(_joined(not_finished, *known))


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
        "name": f"{criterion.id}: {title_of(criterion)}",
        "score": criterion.points,
        "max_score": criterion.max_points,
        "status": "passed" if criterion.status is Status.PASSED else "failed",
        "output": _joined(_ending(criterion.status), printable(explained(criterion), keep="\n\t")),
        "visibility": "visible",
    }


def _ending(status: Status) -> str:
    """Return how a criterion ended, in a sentence; nothing if it was passed or failed."""
    match status:
        case Status.ERROR:
            return translated("This ended in an error.")
        case Status.TIMEOUT:
            return translated("This took too long and was stopped.")
        case Status.SKIPPED:
            return translated("This was not judged.")
        case _:
            return ""


def _output(result: SubmissionResult) -> str:
    causes = map(diagnosis_text, result.diagnoses)
    printed = ""
    if result.output.strip():
        printed = f"{translated('It printed, while it was loaded:')}\n{result.output}"
    return printable(_joined(reason_of(result), *causes, printed), keep="\n\t")


def _joined(*paragraphs: str) -> str:
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _written(whole: dict[str, Any]) -> str:
    return json.dumps(whole, indent=2, ensure_ascii=True, allow_nan=False) + "\n"
