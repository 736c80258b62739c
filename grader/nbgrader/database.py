"""Asks nbgrader's database what was released."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbgrader.api import Gradebook, MissingEntry

from grader.nbgrader.cells import criteria_by_cell
from grader.nbgrader.restoring import ReleasedCell
from grader.rubric import default_rubric

__all__ = ["has_our_cells", "released_cells"]


def released_cells(nbgrader: Mapping[str, str]) -> list[ReleasedCell]:
    """Return the cells of a released notebook, in its order; nothing if the database has no such notebook.

    ``nbgrader`` has what nbgrader hands its preprocessors: ``assignment``, ``notebook`` and ``db_url``.
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
                cell.name,
                cell.cell_type,
                cell.source or "",
                cell.checksum,
                cell.locked,
                cell.name in graded,
                cell.name in solutions,
                cell.name in tasks,
                _points((graded | tasks).get(cell.name)),
            )
            for cell in notebook.source_cells
        ]


def has_our_cells(released: list[ReleasedCell]) -> bool:
    """Tell whether a released notebook has cells that stand for criteria of the exam."""
    ours = criteria_by_cell(default_rubric().points)
    return any(cell.grade and not cell.solution and cell.name in ours for cell in released)


def _points(cell: Any) -> float | None:
    return None if cell is None else float(cell.max_score)
