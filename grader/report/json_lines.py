"""The submissions of the JSON document, each on a line of its own."""

from __future__ import annotations

import json

from grader.model import Report
from grader.report.document import document

__all__ = ["render_json_lines"]


def render_json_lines(report: Report) -> str:
    """Return the object of each submission as a line of JSON, in ASCII characters alone."""
    submissions = document(report)["submissions"]
    return "".join(f"{json.dumps(submission, allow_nan=False)}\n" for submission in submissions)
