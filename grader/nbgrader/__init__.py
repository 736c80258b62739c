"""The exercise as an assignment of nbgrader, marked behind the same wall as by ``grade``.

A course's ``nbgrader_config.py`` calls `configure`; ``perceptron-kit nbgrader`` writes that into it.
"""

from grader.nbgrader.configuration import configure

__all__ = ["configure"]
