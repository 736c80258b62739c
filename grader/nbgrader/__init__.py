"""Run the exercise as an assignment of nbgrader, graded in the same sandbox as by ``grade``.

``perceptron-kit nbgrader COURSE`` adds the assignment's source to a course, and lines to its ``nbgrader_config.py``
that call `configure`. From then on ``nbgrader autograde`` reads submitted notebooks with our exporter and grades them
with our preprocessors. Points, feedback and comments go into nbgrader's gradebook.
"""

from grader.nbgrader.configuration import configure

__all__ = ["configure"]
