"""Derive what students receive from the reference solution.

In come ``solution/perceptron.py``, ``utils.py``, the rubric and the templates in this package. Out come the files of
the assignment, as bytes by their names. `grader.files` writes them.
"""

from grader.assignment.derivation import derive_assignment

__all__ = ["derive_assignment"]
