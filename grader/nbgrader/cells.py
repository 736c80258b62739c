"""Name the cells of the nbgrader notebook: one for each criterion, in whose name nbgrader allows no dot."""

__all__ = ["ASSIGNMENT", "NOTEBOOK", "cell_name", "cell_of_method", "solution_cell"]

ASSIGNMENT = "perceptron"
"""The name of the assignment in a course."""
NOTEBOOK = "perceptron.ipynb"
_SOLUTION_CELLS = {"backward": "layer", "Layer": "layer"}
_OTHER_SOLUTION_CELL = "perceptron"


def cell_name(criterion: str) -> str:
    """Return the ``grade_id`` of a criterion: ``backward-da_prev`` for ``backward.da_prev``."""
    return criterion.replace(".", "-")


def solution_cell(criterion: str) -> str:
    """Return the ``grade_id`` of the cell in which students write what a criterion judges."""
    return _SOLUTION_CELLS.get(criterion.partition(".")[0], _OTHER_SOLUTION_CELL)


def cell_of_method(method: str) -> str:
    """Return the ``grade_id`` of the cell in which students write a method, such as ``Layer.backward``."""
    return _SOLUTION_CELLS.get(method.partition(".")[0], _OTHER_SOLUTION_CELL)
