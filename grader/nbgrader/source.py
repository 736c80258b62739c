"""Derive the source of the nbgrader assignment from the solution.

``nbgrader generate_assignment`` turns it into the release, by removing what stands between ``### BEGIN SOLUTION`` and
``### END SOLUTION``. Neither the notebook nor the files beside it contain hidden tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from grader.assignment.checks import template
from grader.assignment.derivation import given_files, solution_cells
from grader.assignment.edition import Edition
from grader.assignment.notebooks import Cell, code_cell, notebook_bytes, notebook_cell
from grader.languages import ENGLISH, speaking, translated
from grader.nbgrader.cells import NOTEBOOK, cell_name
from grader.rubric import Rubric

__all__ = ["derive_source"]

_CRITERIA_AFTER = {"layer": "backward.", "perceptron": "fit.", "training": "training."}
"""The cells that criterion cells follow, and the prefix of these criteria."""
_EDITABLE = ("plot-gradients", "training")
"""The given cells that students may change."""
_LEFT_OUT = frozenset({"check-backward", "check-fit"})
"""Cells that run checks where the cells of the criteria run them one by one."""


def derive_source(rubric: Rubric, language: str = ENGLISH) -> dict[str, bytes]:
    """Return the files of the assignment's source folder by their names.

    Each criterion to which ``rubric`` gives points has an autograded cell worth these points.
    """
    edition = Edition(language, "notebook", rubric, in_course=True)
    with speaking(language):
        cells = list(_cells(edition))
    return {
        **given_files(edition),
        "criteria.py": _criteria(language).encode(),
        NOTEBOOK: notebook_bytes(cells),
    }


def _criteria(language: str) -> str:
    """Return the program that the autograded cells run, which asks the grader for feedback in ``language``."""
    return template("criteria.py").replace(f'LANGUAGE = "{ENGLISH}"', f'LANGUAGE = "{language}"')


def _cells(edition: Edition) -> Iterator[Cell]:
    for name, cell in solution_cells(edition).items():
        if name in _LEFT_OUT:
            continue
        is_solution = "### BEGIN SOLUTION" in cell.source
        given = notebook_cell(name, cell)
        yield given if name in _EDITABLE else _described(given, solution=is_solution, locked=not is_solution)
        for criterion, points in edition.rubric.points.items():
            if points > 0 and name in _CRITERIA_AFTER and criterion.startswith(_CRITERIA_AFTER[name]):
                yield _criterion_cell(criterion, points, translated(edition.rubric.title(criterion)))


def _criterion_cell(criterion: str, points: float, title: str) -> Cell:
    source = f'# {criterion}: {title}\nfrom criteria import grade\n\ngrade("{criterion}")'
    return _described(
        code_cell(cell_name(criterion), source, tag="check"), grade=True, locked=True, points=points
    )


def _described(cell: Cell, **nbgrader: Any) -> Cell:
    common = {"schema_version": 3, "grade_id": cell["id"], "grade": False, "solution": False, "task": False}
    cell["metadata"]["nbgrader"] = common | nbgrader
    return cell
