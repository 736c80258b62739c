"""Ask nbgrader's gradebook what was released."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbgrader.api import Gradebook, MissingEntry

from grader.nbgrader.cells import cell_name
from grader.nbgrader.repair import ReleasedCell
from grader.rubric import default_rubric

__all__ = ["is_exercise", "released_cells"]


def released_cells(nbgrader: Mapping[str, str]) -> list[ReleasedCell]:
    """Return the cells of a released notebook, in order; none if the gradebook does not have the notebook.

    ``nbgrader`` is what nbgrader passes to its preprocessors: ``assignment``, ``notebook`` and ``db_url``.
    """
    with Gradebook(nbgrader["db_url"]) as gradebook:
        try:
            notebook = gradebook.find_notebook(nbgrader["notebook"], nbgrader["assignment"])
        except MissingEntry:
            return []
        graded = {cell.name: cell for cell in notebook.grade_cells}
        tasks = {cell.name: cell for cell in notebook.task_cells}
        solutions = {cell.name for cell in notebook.solution_cells}
        return [
            ReleasedCell(
                name=cell.name,
                cell_type=cell.cell_type,
                source=cell.source or "",
                checksum=cell.checksum,
                locked=cell.locked,
                grade=cell.name in graded,
                solution=cell.name in solutions,
                task=cell.name in tasks,
                points=_points((graded | tasks).get(cell.name)),
            )
            for cell in notebook.source_cells
        ]


def is_exercise(released: list[ReleasedCell]) -> bool:
    """Tell whether a released notebook is the kit's: whether it has an autograded cell for one of the criteria."""
    ours = set(map(cell_name, default_rubric().points))
    return any(cell.grade and not cell.solution and cell.name in ours for cell in released)


def _points(cell: Any) -> float | None:
    return None if cell is None else float(cell.max_score)
