"""The source of the nbgrader assignment, derived from the solution as everything that students receive is.

``nbgrader generate_assignment`` makes the release of it: it takes out what stands between ``### BEGIN SOLUTION``
and ``### END SOLUTION``. No hidden test is in it, nor in what lies beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from grader.assignment import TAG, TEMPLATES, derive, notebook_cell, notebook_json, solution_cells
from grader.nbgrader.cells import NOTEBOOK, cell_name
from grader.rubric import Rubric

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["derive_source"]

_FROM_ASSIGNMENT = ("pytest.ini", "requirements.txt", "test_perceptron.py", "utils.py")
_GROUPS = {"layer": "backward.", "perceptron": "fit.", "training": "training."}
"""The cells after which criteria are marked, and what the names of these begin with."""
_OPEN = frozenset({"training"})
"""Cells that students may change, though they are not to write into them."""


def derive_source(rubric: Rubric) -> dict[str, bytes]:
    """Return the files of the assignment's source folder: their names and their contents.

    Every criterion to which ``rubric`` gives points has an autograded cell with them.
    """
    files = {name: content for name, content in derive().items() if name in _FROM_ASSIGNMENT}
    files["criteria.py"] = (TEMPLATES / "criteria.py").read_bytes()
    files[NOTEBOOK] = notebook_json(list(_cells(rubric))).encode()
    return files


def _cells(rubric: Rubric) -> Iterator[dict[str, Any]]:
    for name, cell in solution_cells().items():
        yield _marked(notebook_cell(name, cell), _kind(name, cell))
        for criterion, points in rubric.points.items():
            if points > 0 and criterion.startswith(_GROUPS.get(name, "\0")):
                yield _criterion_cell(criterion, points, rubric)


def _kind(name: str, cell: NotebookNode) -> dict[str, Any] | None:
    """Return nbgrader's metadata of one of the kit's cells, or none for a cell that is the student's to change."""
    if name in _OPEN:
        return None
    is_solution = "### BEGIN SOLUTION" in cell.source
    return {"grade": False, "grade_id": name, "locked": not is_solution, "solution": is_solution}


def _criterion_cell(criterion: str, points: float, rubric: Rubric) -> dict[str, Any]:
    name = cell_name(criterion)
    cell = {
        "cell_type": "code",
        "id": name,
        "metadata": {"tags": [f"{TAG}check"]},
        "source": [
            f"# {criterion}: {rubric.title(criterion)}\n",
            "from criteria import mark\n",
            "\n",
            f'mark("{criterion}")',
        ],
        "execution_count": None,
        "outputs": [],
    }
    return _marked(
        cell, {"grade": True, "grade_id": name, "locked": True, "solution": False, "points": points}
    )


def _marked(cell: dict[str, Any], nbgrader: dict[str, Any] | None) -> dict[str, Any]:
    if nbgrader is not None:
        cell["metadata"]["nbgrader"] = {"schema_version": 3, "task": False, **nbgrader}
    return cell
