"""The names that the exercise gives to its files and classes."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["CLASSES", "UTILS", "is_test", "suggestion"]

CLASSES = ("Layer", "Perceptron")
"""The classes that a submission defines."""
UTILS = "utils.py"
"""The file that students receive, and that the grader has its own copy of."""
_TEST = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test|conftest)\.py$")


_ALIKE = 0.75
"""How alike two names are, by difflib's ratio, of which one may be a misspelling of the other."""


def suggestion(names: Iterable[str]) -> str:
    """Return the question whether one of ``names`` should be that of a class, or an empty string."""
    from difflib import get_close_matches  # noqa: PLC0415 - only if there is no class

    known = sorted(set(names))
    for wanted in CLASSES:
        if alike := get_close_matches(wanted, known, n=1, cutoff=_ALIKE):
            return f"; there is {alike[0]}: did you mean {wanted}?"
    return ""


def is_test(path: str) -> bool:
    """Tell whether a path with ``/`` is that of a file with tests."""
    return _TEST.search(path) is not None
