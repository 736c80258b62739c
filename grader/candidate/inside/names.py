"""The names that the exercise gives to its files and classes."""

from __future__ import annotations

import re

__all__ = ["CLASSES", "UTILS", "is_test"]

CLASSES = ("Layer", "Perceptron")
"""The classes that a submission defines."""
UTILS = "utils.py"
"""The file that students receive, and that the grader has its own copy of."""
_TEST = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test|conftest)\.py$")


def is_test(path: str) -> bool:
    """Tell whether a path with ``/`` is that of a file with tests."""
    return _TEST.search(path) is not None
