"""Derive the assignment: task sheet, skeleton, notebook and visible tests.

The solution is a notebook in jupytext's percent format. Each cell has a tag ``perceptron-kit:NAME``.
``### BEGIN SOLUTION`` and ``### END SOLUTION`` enclose what students write.
"""

from __future__ import annotations

import importlib.metadata
import re
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING

from grader.assignment.checks import check_files, template
from grader.assignment.notebooks import TAG, notebook_bytes, notebook_cell
from grader.resources import solution_path, utils_path
from grader.rubric import default_rubric

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["derive_assignment", "given_files", "solution_cells"]

_NOTEBOOK_ONLY = "active-ipynb"
_SHEET = ("introduction", "layer-formulas", "perceptron-formulas", "training-instructions")
_STUB = """\
# Your lines go here, in place of the next one.
raise NotImplementedError("{method} is not written yet.")
"""
_SCRIPT_DOCSTRING = '"""A multilayer perceptron from scratch: the task is in TASK.md."""\n\n'


def derive_assignment(language: str = "en") -> dict[str, bytes]:
    """Return the files of the assignment by their names, with what students read in ``language``.

    Raises ``KeyError`` if there are no translations into it.
    """
    cells = _cells_of(_without_solutions(_solution()))
    return {
        "TASK.md": _task_sheet(cells).encode(),
        "perceptron.ipynb": notebook_bytes([notebook_cell(name, cell) for name, cell in cells.items()]),
        "perceptron.py": _script(cells).encode(),
        **given_files(language),
    }


def given_files(language: str = "en") -> dict[str, bytes]:
    """Return the files that students need but do not change, with what students read in ``language``."""
    return {
        **check_files(language),
        "requirements.txt": _requirements().encode(),
        "utils.py": utils_path().read_bytes(),
    }


def solution_cells() -> dict[str, NotebookNode]:
    """Return the cells of the solution by their names, in order, with the solution markers."""
    return _cells_of(_solution())


def _solution() -> str:
    return (solution_path() / "perceptron.py").read_text(encoding="utf-8")


def _without_solutions(source: str) -> str:
    """Replace each solution in ``source`` with a stub that names the method to write."""
    kept: list[str] = []
    class_name = method = ""
    in_solution = False
    for line in source.splitlines(keepends=True):
        if definition := re.match(r"class (\w+)", line):
            class_name = definition[1]
        elif definition := re.match(r"    def (\w+)", line):
            method = definition[1]
        if line.strip() == "### BEGIN SOLUTION":
            in_solution = True
            kept.append(textwrap.indent(_STUB.format(method=f"{class_name}.{method}"), " " * 8))
        elif line.strip() == "### END SOLUTION":
            in_solution = False
        elif not in_solution:
            kept.append(line)
    return "".join(kept)


def _cells_of(source: str) -> dict[str, NotebookNode]:
    import jupytext  # type: ignore[import-untyped]  # noqa: PLC0415 - slow to import

    return {_name_of(cell): cell for cell in jupytext.reads(source, fmt="py:percent").cells}


def _name_of(cell: NotebookNode) -> str:
    tags: list[str] = cell.metadata.tags
    return next(tag.removeprefix(TAG) for tag in tags if tag.startswith(TAG))


def _script(cells: Mapping[str, NotebookNode]) -> str:
    sources = (
        cell.source
        for cell in cells.values()
        if cell.cell_type == "code" and _NOTEBOOK_ONLY not in cell.metadata.tags
    )
    return _SCRIPT_DOCSTRING + "\n\n\n".join(sources) + "\n"


def _task_sheet(cells: Mapping[str, NotebookNode]) -> str:
    rubric = default_rubric()
    rows = (f"| `{id_}` | {points:g} | {rubric.title(id_)} |" for id_, points in rubric.points.items())
    sheet = template("TASK.md").replace("{points}", "\n".join(rows)).replace("{python}", _oldest_python())
    return "\n\n".join((*(cells[name].source for name in _SHEET), sheet))


def _requirements() -> str:
    """Return the kit's own requirements of the packages that a student needs."""
    wanted = importlib.metadata.requires("perceptron-kit") or []
    lines = [line for line in wanted if re.match(r"(numpy|pytest)\b", line)]
    head = (
        f"# The same as in grading, which may use Python {_oldest_python()}. For the plots, add matplotlib."
    )
    return "\n".join((head, *lines)) + "\n"


def _oldest_python() -> str:
    """Return the oldest Python that the kit supports; submissions should use its syntax only."""
    return importlib.metadata.metadata("perceptron-kit")["Requires-Python"].removeprefix(">=")
