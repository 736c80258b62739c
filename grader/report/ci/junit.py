"""The report as JUnit XML: a suite for each submission, a test case for each criterion.

A failed criterion is a failure, one that ended in an error or a timeout is an error, and one that was not judged is
skipped. A submission that was not examined has one more test case, ``examination``, which says why. If points are all
that is told, the only test case is ``score``, which fails if a point is missing.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from grader.model import CriterionResult, Report, Status, SubmissionResult, SubmissionStatus
from grader.report.formats import Options
from grader.report.words import (
    brief,
    causes_of,
    diagnosis_text,
    explained,
    message_of,
    points_text,
    score_of,
    title_of,
)
from grader.text import printable

__all__ = ["render_junit"]

_OUTCOMES = {
    Status.FAILED: "failure",
    Status.ERROR: "error",
    Status.TIMEOUT: "error",
    Status.SKIPPED: "skipped",
}
_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}
"""The attributes that count, and the elements that they count."""


def render_junit(report: Report, _options: Options) -> str:
    """Return the XML document, with points as properties; without times, which differ from run to run."""
    root = ET.Element("testsuites", {"name": "perceptron-kit"})
    for result in report.submissions:
        root.append(_suite(result, report))
    _count(root)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(result: SubmissionResult, report: Report) -> ET.Element:
    suite = ET.Element("testsuite", {"name": _text(result.id)})
    facts = {"path": _text(result.path), "sha256": result.sha256, "kit": report.kit, "seed": str(report.seed)}
    if result.score is not None:
        facts["score"] = f"{points_text(result.score)}/{points_text(result.max_score)}"
    _add_properties(suite, facts)
    if result.status is not SubmissionStatus.GRADED:
        suite.append(_refusal(result))
    elif not result.criteria:
        suite.append(_total(result))
    suite.extend(_case(criterion, result) for criterion in result.criteria)
    _count(suite)
    if result.output:
        ET.SubElement(suite, "system-out").text = _text(result.output)
    return suite


def _refusal(result: SubmissionResult) -> ET.Element:
    """Return a test case that fails if the submission cannot be read, and is an error if grading failed."""
    case = ET.Element("testcase", {"classname": _text(result.id), "name": "examination"})
    outcome = "failure" if result.status is SubmissionStatus.UNREADABLE else "error"
    message = message_of(result)
    _add_outcome(case, outcome, str(result.status), message.partition("\n")[0], message)
    return case


def _total(result: SubmissionResult) -> ET.Element:
    case = ET.Element("testcase", {"classname": _text(result.id), "name": "score"})
    if result.score != result.max_score:
        _add_outcome(case, "failure", "failed", score_of(result), score_of(result))
    return case


def _case(criterion: CriterionResult, result: SubmissionResult) -> ET.Element:
    case = ET.Element("testcase", {"classname": _text(result.id), "name": criterion.id})
    _add_properties(case, {"points": f"{points_text(criterion.points)}/{points_text(criterion.max_points)}"})
    if criterion.status is not Status.PASSED:
        outcome = _OUTCOMES[criterion.status]
        said = [*map(diagnosis_text, causes_of(result).get(criterion.id, ())), explained(criterion)]
        text = "\n\n".join(filter(None, said))
        sentence = brief(criterion) or title_of(criterion)
        _add_outcome(case, outcome, str(criterion.status), sentence, text)
    return case


def _add_properties(element: ET.Element, facts: dict[str, str]) -> None:
    properties = ET.SubElement(element, "properties")
    for name, value in facts.items():
        ET.SubElement(properties, "property", {"name": name, "value": value})


def _add_outcome(case: ET.Element, outcome: str, kind: str, sentence: str, message: str) -> None:
    attributes = {"message": _text(sentence)} | ({} if outcome == "skipped" else {"type": kind})
    ET.SubElement(case, outcome, attributes).text = _text(message)


def _count(element: ET.Element) -> None:
    element.set("tests", str(sum(1 for _ in element.iter("testcase"))))
    for attribute, outcome in _COUNTED.items():
        element.set(attribute, str(sum(1 for _ in element.iter(outcome))))


def _text(text: str) -> str:
    """Return ``text`` with escapes for control characters and surrogates, which XML 1.0 cannot hold."""
    return printable(text, keep="\n\t")
