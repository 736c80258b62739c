"""Give templates the functions that the macros of finding.html call to show a finding."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from grader.messages import matrix_of, message_text, place_text, value_text

__all__ = ["FUNCTIONS"]

FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "matrix_of": matrix_of,
    "message_text": message_text,
    "place_text": place_text,
    "value_text": value_text,
}
"""Pass these to every template that imports finding.html."""
