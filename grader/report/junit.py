"""The report as JUnit XML: a suite for each submission, a test case for each criterion.

A criterion that failed is a failure; one that ended in an error or a time-out is an error; one that was not
judged is skipped. A submission without criteria to show has one test case, ``examination``, which says why.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from grader.model import CriterionResult, Report, Status, SubmissionResult, SubmissionStatus
from grader.report.numbers import number
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


def render_junit(report: Report) -> str:
    """Return the XML document, its points as properties; it holds no times, which differ from run to run."""
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
        facts["score"] = f"{number(result.score)}/{number(result.max_score)}"
    _add_properties(suite, facts)
    if result.status is not SubmissionStatus.GRADED:
        suite.append(_refusal(result))
    suite.extend(_case(criterion, result) for criterion in result.criteria)
    _count(suite)
    if result.output:
        ET.SubElement(suite, "system-out").text = _text(result.output)
    return suite


def _refusal(result: SubmissionResult) -> ET.Element:
    """Return the test case that fails for what cannot be read, and is an error where the grading failed."""
    case = ET.Element("testcase", {"classname": _text(result.id), "name": "examination"})
    outcome = "failure" if result.status is SubmissionStatus.UNREADABLE else "error"
    _add_outcome(case, outcome, str(result.status), result.message)
    return case


def _case(criterion: CriterionResult, result: SubmissionResult) -> ET.Element:
    case = ET.Element("testcase", {"classname": _text(result.id), "name": criterion.id})
    _add_properties(case, {"points": f"{number(criterion.points)}/{number(criterion.max_points)}"})
    if criterion.status is not Status.PASSED:
        _add_outcome(case, _OUTCOMES[criterion.status], str(criterion.status), criterion.message)
    return case


def _add_properties(element: ET.Element, facts: dict[str, str]) -> None:
    properties = ET.SubElement(element, "properties")
    for name, value in facts.items():
        ET.SubElement(properties, "property", {"name": name, "value": value})


def _add_outcome(case: ET.Element, outcome: str, kind: str, message: str) -> None:
    shown = _text(message)
    attributes = {"message": shown.partition("\n")[0]} | ({} if outcome == "skipped" else {"type": kind})
    ET.SubElement(case, outcome, attributes).text = shown


def _count(element: ET.Element) -> None:
    element.set("tests", str(sum(1 for _ in element.iter("testcase"))))
    for attribute, outcome in _COUNTED.items():
        element.set(attribute, str(sum(1 for _ in element.iter(outcome))))


def _text(text: str) -> str:
    """Return ``text`` without the control characters and surrogates that XML 1.0 cannot hold, as their escapes."""
    return printable(text, keep="\n\t")
