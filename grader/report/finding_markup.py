"""What the macros of finding.html are written with; they show a finding on a page or in a notebook."""

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
"""To be given to every template that imports finding.html."""
